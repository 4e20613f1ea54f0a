"""The owner's phone: sign in with a code by SMS, from the third one on after a captcha (IN-05, T06–T09)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from channels import captcha, owner_login, qr
from channels.forms.owner import CodeForm, PhoneForm
from channels.wechat import entering
from core import ranges
from core.throttle import client_ip, too_many
from tickets import links

# Where to go after a sign-in: a path that this house has answered, never one from a query.
NEXT = "owner_next"
AIMS = {"owner_report", "owner_matter", "owner_reports"}
# A captcha is work for us: so many may be drawn, and spoken, for one address in a minute.
DRAWN_A_MINUTE, SPOKEN_A_MINUTE = 30, 10
PICTURE, SOUND = "picture", "sound"


def for_owners(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only for sessions that have proved a phone, the second argument; others sign in first."""

    @login_not_required
    @never_cache
    @wraps(view)
    def asked(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        phone = links.proven_phone(request)
        if phone:
            return view(request, phone, *args, **kwargs)
        if request.method == "GET" and request.resolver_match.url_name in AIMS:
            request.session[NEXT] = request.path
        return redirect("owner_login")

    return asked


def aim_of(request: HttpRequest) -> str:
    """Where this session wanted to go before it had to sign in; told once."""
    return request.session.pop(NEXT, "") or reverse("owner_home")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Ask for the phone and send the code; the answer is the same for every phone (T09)."""
    if request.method == "GET":
        return _login_page(request, PhoneForm(initial={"phone": request.session.get(owner_login.WAITING)}))
    if wanted := request.POST.get("captcha_as"):
        # Another picture, or the other sense; nothing that was typed is wrong yet.
        if owner_login.CAPTCHA in request.session:
            request.session[owner_login.CAPTCHA] = SOUND if wanted == SOUND else PICTURE
        return _login_page(request, PhoneForm(initial={"phone": request.POST.get("phone", "")[:20]}))
    form = PhoneForm(request.POST)
    if form.is_valid() and _sent(request, form):
        return redirect("owner_code")
    return _login_page(request, form, status=422)


def _sent(request: HttpRequest, form: PhoneForm) -> bool:
    """Send a code to the form's phone; False with the reason at its field."""
    phone, given = form.cleaned_data["phone"], form.cleaned_data["captcha"]
    holder = owner_login.holder_of(request)
    if given and not captcha.answer(holder=holder, given=given, at=now()):
        form.add_error("captcha", captcha.WRONG)
        return False
    try:
        _send(request, phone)
    except owner_login.Refused as reason:
        form.add_error("phone", str(reason))
    except owner_login.CaptchaNeeded:
        request.session.setdefault(owner_login.CAPTCHA, PICTURE)
        form.add_error("captcha", "请填写5位数字，再获取验证码。")
    return form.is_valid()


def _send(request: HttpRequest, phone: str) -> None:
    """Send a code for this session; raises what `owner_login.send_code` raises."""
    spot = qr.remembered(request)
    owner_login.send_code(
        phone=phone,
        holder=owner_login.holder_of(request),
        ip=client_ip(request),
        estate_id=spot.estate.pk if spot else None,
        at=now(),
    )
    request.session[owner_login.WAITING] = phone


def _login_page(request: HttpRequest, form: PhoneForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "spot": qr.remembered(request), "captcha": _captcha(request)}
    # Where it is drawn it must be filled in; the star says so.
    form.fields["captcha"].required = context["captcha"] is not None
    return render(request, "channels/owner_login.html", context, status=status)


def _captcha(request: HttpRequest) -> dict[str, Any] | None:
    """What the page shows of the captcha; None where none is asked for or it was answered already."""
    sense, at = request.session.get(owner_login.CAPTCHA), now()
    holder = owner_login.holder_of(request)
    if not sense or captcha.has_passed(holder, at=at):
        return None
    most = SPOKEN_A_MINUTE if sense == SOUND else DRAWN_A_MINUTE
    if too_many(request, f"captcha-{sense}", limit=most, seconds=60):
        return {"wait": True}
    if sense == SOUND:
        captcha.record(holder=holder, at=at)
        return {"sound": reverse("owner_captcha_sound")}
    return {"picture": captcha.picture(holder=holder, at=at)}


@login_not_required
@never_cache
@require_GET
def captcha_sound(request: HttpRequest) -> HttpResponse:
    """The digits of this session's captcha, spoken."""
    recording = captcha.recording(request.session.get(owner_login.HOLDER, ""))
    if recording is None:
        raise Http404
    return ranges.answer(request, recording, content_type="audio/wav")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Check the code; the phone comes from the session, never from the form (T08)."""
    phone = request.session.get(owner_login.WAITING)
    if not phone:
        return redirect("owner_login")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        holder = owner_login.holder_of(request)
        problem = owner_login.check_code(phone=phone, holder=holder, code=form.cleaned_data["code"], at=now())
        if not problem:
            aim = aim_of(request)
            owner_login.sign_in(request, phone)
            entering.bind(request, phone, at=now())
            return redirect(aim)
        form.add_error("code", problem)
    status = 422 if request.method == "POST" else 200
    return render(request, "channels/owner_code.html", {"form": form, "phone": phone}, status=status)


@login_not_required
@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    """Another code to the phone of this session."""
    phone = request.session.get(owner_login.WAITING)
    if not phone:
        return redirect("owner_login")
    try:
        _send(request, phone)
    except owner_login.Refused as reason:
        messages.error(request, str(reason))
    except owner_login.CaptchaNeeded:
        request.session.setdefault(owner_login.CAPTCHA, PICTURE)
        messages.info(request, "再次获取验证码前，请先填写下面的数字。")
        return redirect("owner_login")
    else:
        messages.success(request, "验证码已重新发送，请以最新一条短信为准。")
    return redirect("owner_code")


@login_not_required
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Forget the phone in this browser."""
    entering.unbind(request)
    owner_login.sign_out(request)
    return redirect("owner_home")
