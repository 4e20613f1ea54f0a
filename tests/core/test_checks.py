import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.checks import refuse_unsafe, unsafe

SAFE = {
    "MODE": "production",
    "DEBUG": False,
    "SECRET_KEY": "k3Jx9mQ2vR7tY5wZ8aB4cD6eF1gH0iL-nP_oS+uU=sTfGhJkMqWzXvC",
    "SECRET_KEY_FALLBACKS": [],
    "ALLOWED_HOSTS": ["fangxiu.example.com"],
    "SITE_URL": "https://fangxiu.example.com",
    "TRUSTED_PROXIES": 1,
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "SMS_SENDER": "notices.channels.NoSms",
    "MEDIA_ROOT": "/srv/fangxiu/data/files",
    "STATIC_ROOT": "/srv/fangxiu/static",
    "BASE_DIR": "/srv/fangxiu/app",
    "WECHAT_AES_KEY": "",
    "WECHAT_TOKEN": "webhook-token",
}


@pytest.mark.row("OR-08")
def test_safe_settings_are_accepted():
    assert list(unsafe(SAFE)) == []


@pytest.mark.row("OR-08")
@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("MODE", "local", "FANGXIU_MODE"),
        ("DEBUG", True, "DEBUG"),
        ("SECRET_KEY", "short", "SECRET_KEY"),
        ("SECRET_KEY", "a" * 60, "SECRET_KEY"),
        ("SECRET_KEY", "django-insecure-" + SAFE["SECRET_KEY"], "SECRET_KEY"),
        ("SECRET_KEY_FALLBACKS", ["old"], "SECRET_KEY"),
        ("ALLOWED_HOSTS", ["*"], "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", ["other.example.com"], "SITE_URL"),
        ("SITE_URL", "http://fangxiu.example.com", "SITE_URL"),
        ("SECURE_PROXY_SSL_HEADER", None, "BEHIND_PROXY"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "EMAIL_BACKEND"),
        ("SMS_SENDER", "notices.channels.ConsoleSms", "SMS_SENDER"),
        ("MEDIA_ROOT", "/srv/fangxiu/static/files", "FANGXIU_DATA_DIR"),
        ("MEDIA_ROOT", "/srv/fangxiu/app/.data/files", "FANGXIU_DATA_DIR"),
        ("WECHAT_AES_KEY", "k" * 42, "WECHAT_AES_KEY"),
        ("WECHAT_AES_KEY", "k" * 42 + "=", "WECHAT_AES_KEY"),
    ],
)
def test_an_unsafe_value_is_refused_by_name(name, value, complaint):
    found = [setting for setting, _ in unsafe(SAFE | {name: value})]

    assert found == [complaint]


@pytest.mark.row("IN-01")
def test_the_key_of_the_service_account_needs_its_token():
    keyed = SAFE | {"WECHAT_AES_KEY": "k" * 43}

    found = [[name for name, _ in unsafe(keyed | {"WECHAT_TOKEN": token})] for token in ("", "token")]

    assert found == [["WECHAT_TOKEN"], []]


def test_a_host_pattern_covers_its_subdomains():
    assert list(unsafe(SAFE | {"ALLOWED_HOSTS": [".example.com"]})) == []


def test_every_unsafe_value_is_listed_at_once():
    with pytest.raises(ImproperlyConfigured) as refusal:
        refuse_unsafe(SAFE | {"DEBUG": True, "SECRET_KEY": "short"})

    assert str(refusal.value).splitlines()[1:] == [
        "  DEBUG: shows source and settings to visitors",
        "  SECRET_KEY: needs 50 or more random characters",
    ]


@pytest.mark.row("OR-08")
def test_production_with_an_unsafe_value_does_not_start():
    done = _start(SITE_URL="http://fangxiu.example.com")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "  SITE_URL: must start with https://"


@pytest.mark.row("OR-08")
def test_safe_production_passes_the_deploy_check_without_a_warning():
    done = _start("--deploy", "--fail-level", "WARNING")

    assert done.stdout.splitlines()[-1:] == ["System check identified no issues (0 silenced)."], done.stderr
    assert done.returncode == 0


def _start(*arguments, **changes):
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "SECRET_KEY": SAFE["SECRET_KEY"],
        "ALLOWED_HOSTS": "fangxiu.example.com",
        "SITE_URL": "https://fangxiu.example.com",
        "FANGXIU_DATA_DIR": os.environ["FANGXIU_DATA_DIR"],
        "SMS_SENDER": "provider.Sms",
    }
    return subprocess.run(
        [sys.executable, "manage.py", "check", *arguments],
        cwd=settings.BASE_DIR,
        env=environment | changes,
        capture_output=True,
        text=True,
        check=False,
    )
