"""The owner's phone: report in a few steps, see what became of it (IN-05)."""

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

from channels import owner_near, owner_report, qr
from channels.forms.owner import FollowForm, ReportForm
from channels.views.owner_sign_in import for_owners
from core.store import RefusedFile
from core.throttle import too_many
from knowledge.queries import find_active, scripts_for
from tickets import links
from tickets.views.shared import act_once, replays

# Wrong codes of places from one address in a minute before it has to wait (T05).
MISSES_A_MINUTE = 20


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
        messages.success(request, "已经记下。这件报修有进展时，会发短信告诉您。")
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
