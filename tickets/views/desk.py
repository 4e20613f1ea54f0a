"""The front desk: its first page, the list of tickets and the queues."""

from datetime import timedelta

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from core import panels
from core.pages import CappedPaginator
from tickets import callbacks, care, class_queries, first_page, kinds, queries, search
from tickets.forms.steps import TicketFilter
from tickets.lines import lines, values_of
from tickets.models import Incoming, Ticket
from tickets.states import Status

PER_PAGE = 50
CALLS_SHOWN = 8
MOST_FOUND = 20
may_see_desk = permission_required("tickets.view_estate_tickets", raise_exception=True)


@require_GET
@may_see_desk
def home(request: HttpRequest) -> HttpResponse:
    """What is about to fail, what waits for me, and one box to search for everything (SL-09)."""
    at = now()
    counts = queries.counts_by_status(request.user)
    to_answer = queries.to_answer(request.user).count()
    context = {
        "now": at,
        **first_page.read(request.user, now=at),
        "panels": panels.panels_for(request.user, at=at),
        "calls": callbacks.due_calls(request.user, now=at)[:CALLS_SHOWN],
        "open": sum(number for status, number in counts.items() if status not in {"closed", *Ticket.OVER}),
        "in_review": counts.get(Status.REGISTERED, 0) + counts.get(Status.IN_REVIEW, 0) - to_answer,
        "to_answer": to_answer,
        "to_decide": class_queries.count_for(request.user),
        "to_inspect": counts.get(Status.PRE_INSPECTION, 0),
        "to_follow_up": counts.get(Status.COMPLETED, 0),
        "online": queries.to_acknowledge(request.user).count(),
        "letters": Incoming.objects.visible_to(request.user).filter(state=Incoming.State.NEW).count(),
        "incomplete_count": counts.get(Status.INCOMPLETE, 0),
    }
    if request.user.has_perm(care.MAY):
        waiting = care.waiting(request.user)
        context |= {"care_tasks": waiting[:CALLS_SHOWN], "care_count": waiting.count()}
    return render(request, "tickets/desk_home.html", context)


@require_GET
@may_see_desk
def find(request: HttpRequest) -> HttpResponse:
    """What answers while somebody types into the box of the top bar (IN-03)."""
    typed = request.GET.get("q", "")[: search.LONGEST]
    context = {"found": search.search(request.user, typed), "typed": typed}
    return render(request, "tickets/_found.html", context)


@require_GET
@may_see_desk
def results(request: HttpRequest) -> HttpResponse:
    """One box: a ticket number leads to the ticket, anything else lists tickets and dwellings."""
    text = search.clean(request.GET.get("q", ""))
    tickets = Ticket.objects.visible_to(request.user)
    exact = tickets.filter(number=text.upper()).first() if text else None
    if exact:
        return redirect("ticket", number=exact.number)
    found = search.search(request.user, text, limit=MOST_FOUND)
    ids = [ticket.pk for ticket in found.tickets]
    rows = lines(values_of(tickets.filter(pk__in=ids).order_by("-registered_at")), now=now())
    context = {"text": text, "tickets": rows, "units": found.units, "places": found.places}
    return render(request, "tickets/search.html", context)


@require_GET
@may_see_desk
@vary_on_headers("HX-Request")
def ticket_list(request: HttpRequest) -> HttpResponse:
    """Every ticket in scope, filtered by the address bar."""
    form = TicketFilter(request.GET or None, user=request.user)
    tickets = Ticket.objects.visible_to(request.user)
    if form.is_valid():
        tickets = _filtered(tickets, form.cleaned_data)
    page = CappedPaginator(tickets, PER_PAGE).get_page(request.GET.get("page"))
    template = "tickets/_ticket_table.html" if request.htmx else "tickets/ticket_list.html"
    context = {"form": form, "page_obj": page, "tickets": lines(values_of(page.object_list), now=now())}
    return render(request, template, context)


def _filtered(tickets, chosen):
    if chosen["estate"]:
        tickets = tickets.filter(estate=chosen["estate"])
    if chosen["status"]:
        tickets = tickets.filter(status=chosen["status"])
    if chosen["level"]:
        tickets = tickets.filter(level=chosen["level"])
    for name in ("kind", "severity", "department"):
        if chosen[name]:
            tickets = tickets.filter(**{name: chosen[name]})
    for name in ("channel", "port"):
        if chosen[name]:
            tickets = tickets.filter(**{f"report__{name}": chosen[name]})
    if chosen["answer"]:
        tickets = tickets.filter(kind__in=kinds.ANSWERED, status=Status.REGISTERED)
    if chosen["open"]:
        tickets = tickets.open()
    return queries.search(tickets, chosen["q"])


@require_GET
@permission_required("tickets.follow_up_ticket", raise_exception=True)
def follow_ups(request: HttpRequest) -> HttpResponse:
    """Who is to be called; three calls in vain are listed apart (FU-01)."""
    at = now()
    rows = list(queries.to_follow_up(request.user, now=at)[:200])
    context = {
        "now": at,
        "waiting": [ticket for ticket in rows if ticket.tries < 3],
        "failed": [ticket for ticket in rows if ticket.tries >= 3],
        "red_line": at - timedelta(hours=24),
    }
    return render(request, "tickets/follow_ups.html", context)


@require_GET
@permission_required("tickets.inspect_ticket", raise_exception=True)
def inspections(request: HttpRequest) -> HttpResponse:
    """Finished work waiting for the engineer's pre-inspection (EX-09)."""
    return render(
        request, "tickets/inspections.html", {"tickets": queries.to_inspect(request.user)[:200], "now": now()}
    )
