"""The owner's phone: sign in with a code, report in a few steps, see what became of it (IN-05)."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from channels import owner_login, owner_near, owner_report, qr
from channels.forms.owner import CodeForm, FollowForm, PhoneForm, ReportForm
from channels.wechat import entering
from core.store import RefusedFile
from core.throttle import client_ip, too_many
from knowledge.queries import find_active, scripts_for
from tickets import links
from tickets.views.shared import act_once, replays

NEXT = "owner_next"
# Wrong codes of places from one address in a minute before it has to wait (T05).
MISSES_A_MINUTE = 20
# A page of ours for each aim of a sign-in; an address in the query would lead anywhere.
AIMS = {"owner_report", "owner_reports"}


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
            request.session[NEXT] = request.resolver_match.url_name
        return redirect("owner_login")

    return asked


@login_not_required
@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The door: report, my reports, and whom to call when it burns."""
    phone = links.proven_phone(request)
    context = {"phone": phone, "spot": qr.remembered(request)}
    households = owner_report.homes(phone) if phone else []
    context["incidents"] = owner_near.incidents_at(context["spot"], households)
    if phone:
        context["tickets"] = owner_report.mine(phone, at=now())[:3]
    return render(request, "channels/owner_home.html", context)


@login_not_required
@never_cache
@require_GET
def scan(request: HttpRequest, code: str) -> HttpResponse:
    """Remember the place of a QR code and go to the door; the code gives no right (T05)."""
    if qr.find(code) is None:
        if too_many(request, "owner-scan", limit=MISSES_A_MINUTE, seconds=60):
            return render(request, "channels/owner_no_place.html", {"wait": True}, status=429)
        return render(request, "channels/owner_no_place.html", status=404)
    qr.remember(request, code)
    if request.user.has_perm("tickets.register_ticket"):
        # One of us on a round (IN-06).
        return redirect("patrol_new")
    return redirect("owner_report")


# -- signing in ---------------------------------------------------------------


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Ask for the phone and send the code; the answer is the same for every phone (T09)."""
    form = PhoneForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        return _login_page(request, form)
    phone = form.cleaned_data["phone"]
    if problem := _send(request, phone):
        form.add_error("phone", problem)
        return _login_page(request, form)
    return redirect("owner_code")


def _send(request: HttpRequest, phone: str) -> str:
    """Send a code for this session; "" when it is on its way, else what to tell."""
    spot = qr.remembered(request)
    try:
        owner_login.send_code(
            phone=phone,
            holder=owner_login.holder_of(request),
            ip=client_ip(request),
            estate_id=spot.estate.pk if spot else None,
            at=now(),
        )
    except owner_login.Refused as reason:
        return str(reason)
    request.session[owner_login.WAITING] = phone
    return ""


def _login_page(request: HttpRequest, form: PhoneForm) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(
        request, "channels/owner_login.html", {"form": form, "spot": qr.remembered(request)}, status=status
    )


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
            aim = request.session.pop(NEXT, "owner_home")
            owner_login.sign_in(request, phone)
            entering.bind(request, phone, at=now())
            return redirect(aim if aim in AIMS else "owner_home")
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
    if problem := _send(request, phone):
        messages.error(request, problem)
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


# -- reporting ----------------------------------------------------------------


def to_script(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Tell static/js/outbox.js where to go instead of redirecting it: fetch would follow unseen."""

    @wraps(view)
    def told(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if "X-Outbox" in request.headers and answer.status_code in {302, 303}:
            return HttpResponse(status=204, headers={"X-Go": answer["Location"]})
        return answer

    return told


@to_script
@require_http_methods(["GET", "POST"])
@for_owners
def report(request: HttpRequest, phone: str) -> HttpResponse:
    """The report; sent twice, also after hours without a network, it makes one ticket (T43)."""
    at = now()
    known = {"phone": phone, "spot": qr.remembered(request), "at": at}
    if request.method == "GET":
        if owner_report.open_reports(phone).count() >= owner_report.OPEN_PER_PHONE:
            return _too_many(request, phone)
        return _report_page(request, ReportForm(**known))
    form = ReportForm(request.POST, request.FILES, **known)
    if not form.is_valid():
        return _report_page(request, form, status=422)

    def act() -> str:
        ticket = owner_report.submit(form.told(), at=at)
        messages.success(request, f"报修已提交，单号 {ticket.number}。我们会尽快与您联系。")
        return reverse("owner_ticket", args=[ticket.number])

    try:
        return act_once(request, form, act, back_url=reverse("owner_report"))
    except owner_report.TooManyOpen:
        return _too_many(request, phone)
    except RefusedFile as refused:
        form.add_error("photos", str(refused))
        return _report_page(request, form, status=422)


def _report_page(request: HttpRequest, form: ReportForm, status: int = 200) -> HttpResponse:
    description, chosen = form["description"].value() or "", str(form["fault"].value() or "")
    fault = find_active(int(chosen)) if chosen.isdigit() else None
    context = {
        "form": form,
        "guides": owner_report.rescue_guides(),
        "spot": form.spot,
        "incidents": owner_near.incidents_at(form.spot, form.households),
        "reported": [
            (ticket, FollowForm())
            for ticket in owner_near.reported_at(form.spot and form.spot.place, form.phone)
        ],
        "hits": owner_report.faults_meant(description[:500]) if description else [],
        "chosen": chosen,
        "fault": fault,
        "rescue": scripts_for(fault).rescue if fault else [],
    }
    return render(request, "channels/owner_report.html", context, status=status)


@replays
@require_POST
@for_owners
def follow(request: HttpRequest, phone: str, number: str) -> HttpResponse:
    """Hear how a report of the scanned place goes on, instead of reporting it again (IN-18)."""
    spot = qr.remembered(request)
    found = owner_near.reported_at(spot and spot.place, phone)
    ticket = next((ticket for ticket in found if ticket.number == number), None)
    form = FollowForm(request.POST)
    if ticket is None:
        raise Http404
    if not form.is_valid():
        return redirect("owner_report")

    def act() -> str:
        owner_near.follow(ticket=ticket, phone=phone, at=now())
        messages.success(request, f"已经记下，单号 {ticket.number}。这件报修有进展时，会发短信告诉您。")
        return reverse("owner_home")

    return act_once(request, form, act, back_url=reverse("owner_home"))


def _too_many(request: HttpRequest, phone: str) -> HttpResponse:
    context = {"tickets": owner_report.open_reports(phone).select_related("estate", "fault")}
    return render(request, "channels/owner_too_many.html", context, status=429)


@require_GET
@for_owners
def faults(request: HttpRequest, phone: str) -> HttpResponse:
    """Faults for the owner's own words."""
    found = owner_report.faults_meant(
        request.GET.get("description", "")[:500], at_home=request.GET.get("where", "").startswith("u")
    )
    return render(request, "channels/_owner_faults.html", {"hits": found, "chosen": ""})


@require_GET
@for_owners
def advice(request: HttpRequest, phone: str) -> HttpResponse:
    """What to do now about the chosen fault (IN-15)."""
    chosen = request.GET.get("fault", "")
    fault = find_active(int(chosen)) if chosen.isdigit() and len(chosen) < 10 else None
    rescue = scripts_for(fault).rescue if fault else []
    return render(request, "channels/_owner_advice.html", {"fault": fault, "rescue": rescue})


@require_GET
@for_owners
def reports(request: HttpRequest, phone: str) -> HttpResponse:
    """Everything reported with this phone."""
    context = {"phone": phone, "tickets": owner_report.mine(phone, at=now())[:50]}
    return render(request, "channels/owner_reports.html", context)
