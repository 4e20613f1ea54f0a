"""Settings that must not reach people: refused at start in production and by `check --deploy` (OR-08)."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured

_DEFAULT_SECRETS = ("local-only", "django-insecure", "changeme", "secret")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
_DEVELOPMENT_MAIL = {"console", "dummy", "filebased", "locmem"}


def refuse_unsafe(values: Mapping) -> None:
    """Raise ImproperlyConfigured listing every unsafe value among the given settings."""
    found = [f"{name}: {why}" for name, why in unsafe(values)]
    if found:
        raise ImproperlyConfigured("unsafe for production (docs/operations.md):\n  " + "\n  ".join(found))


@register(deploy=True)
def unsafe_settings(app_configs, **kwargs) -> list[Error]:
    """The same list as an answer of `check --deploy`."""
    values = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    return [Error(f"{name}: {why}", id=f"fangxiu.E_{name}") for name, why in unsafe(values)]


def unsafe(values: Mapping) -> Iterator[tuple[str, str]]:
    """Yield (setting, reason) for every value that is unsafe in production."""
    yield from _unsafe_secrets(values)
    yield from _unsafe_addresses(values)
    yield from _unsafe_senders(values)
    yield from _unsafe_folders(values)
    yield from _unsafe_wechat(values)


def _unsafe_secrets(values: Mapping) -> Iterator[tuple[str, str]]:
    if values["MODE"] != "production":
        yield "FANGXIU_MODE", f"{values['MODE']} is for one machine or the tests"
    if values["DEBUG"]:
        yield "DEBUG", "shows source and settings to visitors"
    for secret in [values["SECRET_KEY"], *values["SECRET_KEY_FALLBACKS"]]:
        if len(secret) < 50 or len(set(secret)) < 16:
            yield "SECRET_KEY", "needs 50 or more random characters"
        elif secret.lower().startswith(_DEFAULT_SECRETS):
            yield "SECRET_KEY", "is a published default"


def _unsafe_addresses(values: Mapping) -> Iterator[tuple[str, str]]:
    hosts = values["ALLOWED_HOSTS"]
    if not hosts:
        yield "ALLOWED_HOSTS", "is empty"
    if any("*" in host or host == "." for host in hosts):
        yield "ALLOWED_HOSTS", "must name hosts, not a wildcard"
    site = urlsplit(values["SITE_URL"])
    if site.scheme != "https":
        yield "SITE_URL", "must start with https://"
    elif hosts and not any(_covers(host, site.hostname or "") for host in hosts):
        yield "SITE_URL", "names a host that ALLOWED_HOSTS does not"
    if values["TRUSTED_PROXIES"] and not values["SECURE_PROXY_SSL_HEADER"]:
        yield "BEHIND_PROXY", "must be on when TRUSTED_PROXIES is set"


def _covers(pattern: str, host: str) -> bool:
    if pattern.startswith("."):
        return f".{host}".endswith(pattern.lower())
    return pattern in {"*", host}


def _unsafe_senders(values: Mapping) -> Iterator[tuple[str, str]]:
    if values["EMAIL_BACKEND"].split(".")[-2] in _DEVELOPMENT_MAIL:
        yield "EMAIL_BACKEND", "sends nothing to anybody"
    if "console" in values["SMS_SENDER"].lower():
        yield "SMS_SENDER", "prints messages instead of sending them"


def _unsafe_wechat(values: Mapping) -> Iterator[tuple[str, str]]:
    key = values["WECHAT_AES_KEY"]
    if key and not _AES_KEY.fullmatch(key):
        yield "WECHAT_AES_KEY", "must be the 43 letters and digits of WeChat's EncodingAESKey"
    if key and not values["WECHAT_TOKEN"]:
        yield "WECHAT_TOKEN", "must be set beside WECHAT_AES_KEY"


def _unsafe_folders(values: Mapping) -> Iterator[tuple[str, str]]:
    private = Path(values["MEDIA_ROOT"]).resolve()
    public = Path(values["STATIC_ROOT"]).resolve()
    if private.is_relative_to(public) or public.is_relative_to(private):
        yield "FANGXIU_DATA_DIR", "evidence and public files must lie in separate folders"
    if private.is_relative_to(Path(values["BASE_DIR"]).resolve()):
        yield "FANGXIU_DATA_DIR", "must lie outside the program's folder, which an update replaces"
