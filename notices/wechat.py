"""The HTTP interface of a WeChat service account, as far as we use it (OR-03).

The access token is shared by all processes and renewed by one at a time; no
address that carries it, or the secret, ever reaches a log or an error.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import requests
from django.conf import settings
from django.db import transaction
from django.utils.timezone import now
from urllib3.exceptions import MaxRetryError, NewConnectionError

from notices.models import WeChatToken

# Connecting, then waiting for an answer (seconds, T50).
_SECONDS = (3, 5)
_SPARE = timedelta(minutes=5)
_BUSY, _BUSY_TRIES = -1, 3
_TOKEN_GONE = {40001, 40014, 42001}
# Quota of the day or of the minute is used up.
_LATER = {_BUSY, 45009, 45011}
NOT_SUBSCRIBED = {43004}
MEDIA_BYTES = 20 * 2**20


class Refused(Exception):
    """WeChat did not do it, for certain. `code` is its errcode, 0 without one; `retry`: later may work."""

    def __init__(self, code: int, words: str, *, retry: bool):
        super().__init__(f"微信接口 {code}：{words}" if code else f"微信接口：{words}")
        self.code = code
        self.retry = retry


class Unclear(Exception):
    """The connection broke after the request was handed over."""


def is_on() -> bool:
    """Whether a service account is configured."""
    return bool(settings.WECHAT_APP_ID and settings.WECHAT_APP_SECRET)


def send_template(openid: str, *, template: str, fields: Mapping[str, str], url: str, key: str) -> str:
    """Send a template message and return its id; WeChat drops a repetition of `key` for ten minutes."""
    body = {
        "touser": openid,
        "template_id": template,
        "url": url,
        "client_msg_id": key,
        "data": {name: {"value": value} for name, value in fields.items()},
    }
    return str(call("/cgi-bin/message/template/send", body).get("msgid", ""))


def send_text(openid: str, words: str) -> str:
    """Send plain words to somebody who wrote to us within 48 hours; there is no id to return."""
    call("/cgi-bin/message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": words}})
    return ""


def create_menu(buttons: list[dict[str, Any]]) -> None:
    """Replace the menu below the conversation."""
    call("/cgi-bin/menu/create", {"button": buttons})


def authorize_url(back: str, state: str) -> str:
    """Where a browser inside WeChat is sent, to come back to `back` with a code; asks the user nothing."""
    query = {
        "appid": settings.WECHAT_APP_ID,
        "redirect_uri": back,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
    }
    return f"{settings.WECHAT_OPEN_URL}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"


def openid_by_code(code: str) -> str:
    """Who came back with this code; raises Refused for a wrong or a used one."""
    query = {
        "appid": settings.WECHAT_APP_ID,
        "secret": settings.WECHAT_APP_SECRET,
        "code": code,
        "grant_type": "authorization_code",
    }
    answer = _json(_request("GET", "/sns/oauth2/access_token", params=query))
    _refuse_errors(answer)
    return str(answer.get("openid", ""))


def media(media_id: str) -> bytes:
    """A photo or recording that somebody sent; WeChat keeps it for three days."""
    return _with_token(lambda token: _media(token, media_id))


def call(path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """POST to an interface that needs the access token; raises Refused or Unclear."""
    data = json.dumps(body, ensure_ascii=False).encode()

    def ask(token: str) -> dict[str, Any]:
        answer = _json(_request("POST", path, params={"access_token": token}, data=data))
        _refuse_errors(answer)
        return answer

    return _with_token(ask)


def access_token(*, instead_of: str = "") -> str:
    """The token for the other interfaces; `instead_of` is one that WeChat no longer takes."""
    row = WeChatToken.objects.filter(pk=settings.WECHAT_APP_ID).first()
    if row and _is_good(row, instead_of):
        return row.token
    return _renewed(instead_of)


@transaction.atomic
def _renewed(instead_of: str) -> str:
    WeChatToken.objects.get_or_create(pk=settings.WECHAT_APP_ID)
    row = WeChatToken.objects.select_for_update().get(pk=settings.WECHAT_APP_ID)
    if _is_good(row, instead_of):
        # Whoever held the lock before us has renewed it.
        return row.token
    body = {
        "grant_type": "client_credential",
        "appid": settings.WECHAT_APP_ID,
        "secret": settings.WECHAT_APP_SECRET,
        "force_refresh": bool(instead_of),
    }
    answer = _json(_request("POST", "/cgi-bin/stable_token", data=json.dumps(body).encode()))
    _refuse_errors(answer)
    row.token = answer["access_token"]
    row.expires_at = now() + timedelta(seconds=int(answer["expires_in"]))
    row.save(update_fields=["token", "expires_at"])
    return row.token


def _is_good(row: WeChatToken, instead_of: str) -> bool:
    lasts = row.expires_at is not None and row.expires_at > now() + _SPARE
    return bool(row.token) and row.token != instead_of and lasts


def _with_token(ask):
    """Ask with the token; once more with a new one, and a few times while WeChat is busy."""
    token = access_token()
    renewed, tries = False, 0
    while True:
        try:
            return ask(token)
        except Refused as error:
            if error.code in _TOKEN_GONE and not renewed:
                token, renewed = access_token(instead_of=token), True
                continue
            tries += 1
            if error.code != _BUSY or tries >= _BUSY_TRIES:
                raise


def _media(token: str, media_id: str) -> bytes:
    query = {"access_token": token, "media_id": media_id}
    answer = _request("GET", "/cgi-bin/media/get", params=query, stream=True)
    with answer:
        if "json" in answer.headers.get("Content-Type", "") or "text" in answer.headers.get(
            "Content-Type", ""
        ):
            _refuse_errors(_json(answer))
            raise Refused(0, "没有文件", retry=False)
        content = bytearray()
        try:
            for chunk in answer.iter_content(65_536):
                content += chunk
                if len(content) > MEDIA_BYTES:
                    raise Refused(0, "文件太大", retry=False)
        except requests.RequestException as error:
            raise Refused(0, f"下载中断（{type(error).__name__}）", retry=True) from None
    return bytes(content)


def _request(method: str, path: str, **options: Any) -> requests.Response:
    """One request; an error says its kind alone, since the address holds secrets."""
    url = settings.WECHAT_API_URL + path
    try:
        answer = requests.request(method, url, timeout=_SECONDS, allow_redirects=False, **options)
    except requests.RequestException as error:
        if _never_left(error):
            raise Refused(0, f"连接失败（{type(error).__name__}）", retry=True) from None
        raise Unclear(f"微信接口没有回答（{type(error).__name__}）") from None
    if answer.status_code != requests.codes.ok:
        raise Refused(0, f"回答 HTTP {answer.status_code}", retry=True)
    return answer


def _never_left(error: requests.RequestException) -> bool:
    """Whether the request certainly did not reach WeChat."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        # WeChat names no charset, or a wrong one.
        read = json.loads(answer.content)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise Refused(0, "回答不是 JSON", retry=True)
    return read


def _refuse_errors(answer: Mapping[str, Any]) -> None:
    code = answer.get("errcode", 0)
    if code:
        raise Refused(int(code), str(answer.get("errmsg", ""))[:200], retry=int(code) in _LATER)
