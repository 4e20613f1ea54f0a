"""The owner's phone: report in a few steps, see what became of it (IN-05)."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial, wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from channels import owner_near, owner_report, qr
from channels.forms.owner import FollowForm, MatterForm, OwnForm, ReportForm
from channels.views.owner_sign_in import for_owners
from core.store import RefusedFile
from core.throttle import too_many
from knowledge.queries import find_active, scripts_for
from tickets import kinds, links, owner_words, wishes
from tickets.models import Kind, Ticket
from tickets.views.shared import act_once, pressed_at, replays

# Wrong codes of places from one address in a minute before it has to wait (T05).
MISSES_A_MINUTE = 20
# As long as static/js/outbox.js keeps what waits.
KEPT_FOR = timedelta(days=7)


@login_not_required
@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The door: report, my reports, and whom to call when it burns."""
    phone = links.proven_phone(request)
    context = {"phone": phone, "spot": qr.remembered(request), "doors": _doors()}
    households = owner_report.homes(phone) if phone else []
    context["incidents"] = owner_near.incidents_at(context["spot"], households)
    if phone:
        context["tickets"] = _listed(owner_report.mine(phone, at=now())[:3])
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
@replays
@require_http_methods(["GET", "POST"])
@for_owners
def report(request: HttpRequest, phone: str) -> HttpResponse:
    """The report; sent twice, also after hours without a network, it makes one ticket (T43)."""
    return _take(request, phone, ReportForm, _report_page)


@to_script
@replays
@require_http_methods(["GET", "POST"])
@for_owners
def matter(request: HttpRequest, phone: str, kind: str) -> HttpResponse:
    """A complaint, a suggestion, a question, a paid service: as safe against loss as a repair (IN-11)."""
    return _take(request, phone, partial(MatterForm, kind=kind), _matter_page)


def _take(
    request: HttpRequest,
    phone: str,
    make: Callable[..., OwnForm],
    show: Callable[..., HttpResponse],
) -> HttpResponse:
    at = now()
    # 今天上午 was said when the button was pressed, however long the network was gone.
    pressed = pressed_at(request, at=at, kept_for=KEPT_FOR)
    known = {"phone": phone, "spot": qr.remembered(request), "at": pressed}
    if request.method == "GET":
        if owner_report.open_reports(phone).count() >= owner_report.OPEN_PER_PHONE:
            return _too_many(request, phone)
        return show(request, make(**known))
    form = make(request.POST, request.FILES, **known)
    if not form.is_valid():
        return show(request, form, status=422)

    def act() -> str:
        told = form.told()
        wanted = wishes.said_of(told.wanted, on=localdate(pressed), report=localdate(at))
        ticket = owner_report.submit(replace(told, wanted=wanted), at=at)
        word = kinds.owner_word(form.kind)
        messages.success(request, f"{word}已提交，单号 {ticket.number}。我们会尽快与您联系。")
        return reverse("owner_ticket", args=[ticket.number])

    try:
        return act_once(request, form, act, back_url=request.path)
    except owner_report.TooManyOpen:
        return _too_many(request, phone)
    except RefusedFile as refused:
        form.add_error("photos", str(refused))
        return show(request, form, status=422)


def _doors(current: str = "") -> list[dict[str, object]]:
    """What an owner may choose to report, in the order of `tickets.kinds`, with its address."""
    addresses = {Kind.REPAIR: reverse("owner_report")}
    return [
        {
            "door": kinds.of(kind).door,
            "url": addresses.get(kind) or reverse("owner_matter", args=[kind]),
            "current": kind == current,
        }
        for kind in kinds.FOR_OWNERS
    ]


def _listed(tickets: Iterable[Ticket]) -> list[Ticket]:
    """The tickets of a list; each that is no repair says what it is."""
    rows = list(tickets)
    for ticket in rows:
        ticket.state_word = owner_words.state_word(ticket)
        ticket.word = "" if ticket.kind == Kind.REPAIR else kinds.owner_word(ticket.kind)
    return rows


def _matter_page(request: HttpRequest, form: MatterForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "door": form.policy.door,
        "doors": _doors(form.kind),
        "steps": form.steps(),
        "spot": form.spot,
        "incidents": owner_near.incidents_at(form.spot, form.households),
    }
    return render(request, "channels/owner_matter.html", context, status=status)


def _report_page(request: HttpRequest, form: ReportForm, status: int = 200) -> HttpResponse:
    description, chosen = form["description"].value() or "", str(form["fault"].value() or "")
    fault = find_active(int(chosen)) if chosen.isdigit() else None
    context = {
        "form": form,
        "doors": _doors(form.kind),
        "guides": owner_report.rescue_guides(),
        "spot": form.spot,
        "incidents": owner_near.incidents_at(form.spot, form.households),
        "reported": [
            (ticket, FollowForm())
            for ticket in _listed(owner_near.reported_at(form.spot and form.spot.place, form.phone))
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
    context = {"tickets": _listed(owner_report.open_reports(phone).select_related("estate", "fault"))}
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
    context = {"phone": phone, "tickets": _listed(owner_report.mine(phone, at=now())[:50])}
    return render(request, "channels/owner_reports.html", context)
