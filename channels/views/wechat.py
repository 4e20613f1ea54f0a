"""The addresses that WeChat's server and its menu use; 404 as long as no service account is configured."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from channels import owner_login
from channels.bodies import body_within
from channels.views.owner_sign_in import NEXT, aim_of
from channels.wechat import entering, inbound, safe, wire
from notices import wechat
from tickets import links

# Pages that the menu of the service account may name.
MENU = {"owner_report", "owner_reports"}


def when_on(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """404 without a service account."""

    @login_not_required
    @never_cache
    @wraps(view)
    def asked(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not wechat.is_on():
            raise Http404
        return view(request, *args, **kwargs)

    return asked


# Signed by WeChat instead of carrying a token of ours (T24).
@csrf_exempt
@when_on
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest) -> HttpResponse:
    """Messages and events; GET once, when the address is entered in the back office of WeChat."""
    if not wire.is_signed(request.GET):
        return HttpResponse(status=403)
    if request.method == "GET":
        return HttpResponse(request.GET.get("echostr", "")[:200], content_type="text/plain")
    body = body_within(request, wire.MOST_BYTES)
    if body is None:
        return HttpResponse(status=413)
    at = now()
    try:
        message = wire.opened(request.GET, body, at=at)
    except wire.BadXml:
        return HttpResponse(status=400)
    except safe.Unsafe:
        return HttpResponse(status=403)
    words = _taken(request, message, at)
    if not words:
        return HttpResponse("success", content_type="text/plain")
    return HttpResponse(wire.answer(message, words, at=at), content_type="application/xml; charset=utf-8")


def _taken(request: HttpRequest, message: Mapping[str, str], at: datetime) -> str:
    if safe.is_on():
        return inbound.take_once(message, mark=request.GET["msg_signature"], at=at)
    return inbound.take(message, at=at)


@when_on
@require_GET
def enter(request: HttpRequest) -> HttpResponse:
    """The menu leads here; whoever is not signed in goes by WeChat and comes back at `back`."""
    to = request.GET.get("to", "")
    aim = reverse(to if to in MENU else "owner_home")
    if links.proven_phone(request):
        return redirect(aim)
    request.session[NEXT] = aim
    return redirect(entering.start(request))


@when_on
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Back from WeChat: signed in where the phone is known, else the code by SMS is asked for once."""
    openid = entering.came_back(request)
    phone = entering.phone_of(openid, at=now()) if openid else ""
    if not phone:
        if not openid:
            messages.info(request, "没能从微信识别您，请用短信验证码登录。")
        return redirect("owner_login")
    aim = aim_of(request)
    owner_login.sign_in(request, phone)
    entering.remember(request)
    return redirect(aim)
