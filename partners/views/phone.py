"""The company's own phone: come in, see what is ours, name who goes, read letters, object (DI-12)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from core.forms import KeyedForm
from core.store import RefusedFile
from core.throttle import client_ip, too_many
from dispatch.field_acts import allowed
from estates.queries import hints_for
from partners import access, craft, disputes, letters, queries
from partners.forms import DisputeForm, SendPersonForm
from partners.models import Dispute
from partners.views.shared import for_company, held_or_403
from tickets import delays, pages, plans, rules, workflow
from tickets.clock_lines import company_lines
from tickets.models import Status, Ticket
from tickets.views.shared import act_once, actor_of, replays, ticket_or_404

# Wrong links from one address in a minute before it has to wait (T04).
MISSES_A_MINUTE = 20
WAITING = {Status.PRE_INSPECTION, Status.PLAN_REVIEW, Status.SUSPENDED, Status.OWNER_ACCEPTANCE}


@login_not_required
@never_cache
@require_GET
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the link's secret for a session of its contact and go to a clean address (T04)."""
    at = now()
    link = access.find(token, at=at)
    if link is None:
        waits = too_many(request, "partner-link", limit=MISSES_A_MINUTE, seconds=60)
        status = 429 if waits else 404
        return _bare(render(request, "partners/gone.html", {"wait": waits}, status=status))
    if request.user.is_authenticated and request.user.pk != link.contact.user_id:
        # Nobody is signed out, and into another account, by a link that somebody sent them.
        return _bare(render(request, "partners/gone.html", {"other": True}, status=409))
    access.enter(request, link, at=at)
    access.came(contact=link.contact, request=request, at=at)
    return _bare(redirect("partner_home"))


def _bare(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_GET
@for_company
def home(request: HttpRequest) -> HttpResponse:
    """The company's tickets, the nearest deadline first; letters that wait to be read stand above."""
    contact, at = request.contact, now()
    access.came(contact=contact, request=request, at=at)
    rows = list(queries.held_by(contact.contractor).prefetch_related("visits"))
    for ticket in rows:
        ticket.booked = next((visit for visit in ticket.visits.all() if visit.state == "booked"), None)
    context = {
        "contact": contact,
        "now": at,
        "unread": list(queries.unread_by(request.user, contact.contractor)[:5]),
        "new": [ticket for ticket in rows if ticket.status == Status.DISPATCHED],
        "doing": [ticket for ticket in rows if ticket.status not in {Status.DISPATCHED, *WAITING}],
        "waiting": [ticket for ticket in rows if ticket.status in WAITING],
    }
    return render(request, "partners/home.html", context)


@require_GET
@for_company
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """One ticket: where, what, by when, who goes, and the next thing to do."""
    found = ticket_or_404(request, number)
    return render(request, "partners/ticket.html", ticket_context(request, found))


def ticket_context(request: HttpRequest, ticket: Ticket) -> dict:
    """What the ticket's page needs."""
    by, at, contact = actor_of(request), now(), request.contact
    # Taking it and naming who goes is one page of our own.
    acts = [(name, act) for name, act in allowed(ticket, by) if name != "accept"]
    main = next(((name, act) for name, act in acts if act.tone == "primary"), None)
    objections = list(ticket.disputes.filter(contractor=contact.contractor))
    return {
        "ticket": ticket,
        "now": at,
        "ours": rules.is_handler(ticket, by),
        "may_take": workflow.may(ticket, "accept", by),
        "may_name": workflow.may(ticket, "name_craftsman", by),
        "going": craft.going_to(ticket),
        "main": main,
        "acts": [(name, act) for name, act in acts if act.tone != "primary"],
        "may_see_phone": rules.may_see_contact(ticket, by),
        "may_call": workflow.may(ticket, "contact", by) and ticket.status != Status.DISPATCHED,
        "may_book": workflow.may(ticket, "schedule", by),
        "may_move": workflow.may(ticket, "reschedule", by),
        "may_explain": delays.may_explain(ticket, by),
        "visit": ticket.visits.filter(state="booked").first(),
        "hints": hints_for(request.user, **pages.whereabouts(ticket)),
        "plan": plans.current(ticket),
        "aside": pages.aside(ticket),
        "evidence": pages.evidence_items(ticket.evidence.open_to(request.user)),
        "events": pages.company_timeline(ticket)[:12],
        "materials": ticket.fault.materials.split("|") if ticket.fault and ticket.fault.materials else [],
        "notices": queries.notices_of(contact.contractor).filter(ticket=ticket),
        "disputes": objections,
        "objected": any(row.state == Dispute.State.OPEN for row in objections),
        "object_until": disputes.last_day(ticket, contact),
        "key_form": KeyedForm,
    } | company_lines(ticket, now=at)


@require_http_methods(["GET", "POST"])
@for_company
@replays
def take(request: HttpRequest, number: str) -> HttpResponse:
    """Take the ticket for the company, or name somebody else: who goes, told to the owner (DI-12)."""
    found = held_or_403(request, number)
    firm = request.contact.contractor
    form = SendPersonForm(request.POST if request.method == "POST" else None, contractor=firm)
    if request.method == "GET" or not form.is_valid():
        return _form_page(request, "partners/take.html", found, form)
    back = reverse("partner_ticket", args=[number])

    def run() -> str:
        data = form.cleaned_data
        craft.send(
            ticket=found,
            contractor=firm,
            name=data["name"],
            phone=data["phone"],
            by=actor_of(request),
            at=now(),
        )
        messages.success(request, f"已安排{data['name']}，短信已通知业主。")
        return back

    return act_once(request, form, run, back_url=back)


@require_http_methods(["GET", "POST"])
@for_company
@replays
def dispute(request: HttpRequest, number: str) -> HttpResponse:
    """Object within the days of the agreement, with words and photos (DI-13)."""
    found = ticket_or_404(request, number)
    form = DisputeForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "GET" or not form.is_valid():
        return _form_page(request, "partners/dispute.html", found, form)
    back = reverse("partner_ticket", args=[number])

    def run() -> str:
        data = form.cleaned_data
        disputes.raise_(
            ticket=found,
            contact=request.contact,
            words=data["words"],
            photos=data["photos"],
            by=actor_of(request),
            at=now(),
        )
        messages.success(request, "异议已提交，工程师会答复。")
        return back

    try:
        return act_once(request, form, run, back_url=back)
    except (disputes.TooLate, disputes.OpenAlready) as error:
        form.add_error("words", str(error))
    except RefusedFile as error:
        form.add_error("photos", str(error))
    return _form_page(request, "partners/dispute.html", found, form)


def _form_page(request: HttpRequest, template: str, ticket: Ticket, form) -> HttpResponse:
    context = {
        "ticket": ticket,
        "form": form,
        "taking": workflow.may(ticket, "accept", actor_of(request)),
        "object_until": disputes.last_day(ticket, request.contact),
    }
    return render(request, template, context, status=422 if request.method == "POST" else 200)


@require_GET
@for_company
def notices(request: HttpRequest) -> HttpResponse:
    """Letters to the company, newest first."""
    firm = request.contact.contractor
    unread = set(queries.unread_by(request.user, firm).values_list("pk", flat=True))
    context = {"notices": queries.notices_of(firm)[:100], "unread": unread}
    return render(request, "partners/notices.html", context)


@require_GET
@for_company
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter; opening it is its receipt."""
    contact = request.contact
    found = get_object_or_404(queries.notices_of(contact.contractor).select_related("ticket__estate"), pk=pk)
    receipt = letters.read(notice=found, contact=contact, ip=client_ip(request), at=now())
    return render(request, "partners/notice.html", {"notice": found, "receipt": receipt})
