"""Who comes through the menu of the service account: known by WeChat, once they have proved their phone."""

import secrets
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from core.db import joined
from notices import wechat
from notices.models import WeChatUser

STATE, OPENID = "wechat_state", "wechat_openid"
# Who has come in by WeChat and may ask to be forgotten.
KNOWN = "wechat_known"


def start(request: HttpRequest) -> str:
    """Where to send the browser; the session remembers a secret that has to come back with it."""
    request.session[STATE] = secrets.token_urlsafe(24)
    return wechat.authorize_url(settings.SITE_URL + reverse("wechat_back"), request.session[STATE])


def came_back(request: HttpRequest) -> str:
    """Who this is, by the code in the query; "" when it does not belong to this session or is not taken."""
    state = request.session.pop(STATE, "")
    given, code = request.GET.get("state", ""), request.GET.get("code", "")
    if not state or not code or not secrets.compare_digest(state.encode(), given.encode()):
        return ""
    try:
        openid = wechat.openid_by_code(code[:200])
    except (wechat.Refused, wechat.Unclear):
        return ""
    request.session[OPENID] = openid
    return openid


def phone_of(openid: str, *, at: datetime) -> str:
    """The phone this person has proved within half a year, or ""."""
    bound = WeChatUser.objects.filter(openid=openid, bound_at__gt=at - WeChatUser.BOUND_FOR)
    return bound.values_list("phone", flat=True).first() or ""


def remember(request: HttpRequest) -> None:
    """This session was signed in by WeChat alone."""
    request.session[KNOWN] = request.session.pop(OPENID, "")


def unbind(request: HttpRequest) -> None:
    """Whoever signs out wants to be asked again: the next phone may be another one."""
    if openid := request.session.pop(KNOWN, ""):
        WeChatUser.objects.filter(openid=openid).update(phone="", bound_at=None)


@joined
def bind(request: HttpRequest, phone: str, *, at: datetime) -> None:
    """Remember the phone that this session has just proved by a code, if it came through WeChat."""
    if openid := request.session.pop(OPENID, ""):
        request.session[KNOWN] = openid
        WeChatUser.objects.update_or_create(openid=openid, defaults={"phone": phone, "bound_at": at})
