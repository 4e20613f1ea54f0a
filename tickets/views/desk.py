"""The front desk: its first page, the list of tickets and the queues."""

from datetime import timedelta

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from estates.queries import search_units
from tickets import queries
from tickets.forms.steps import TicketFilter
from tickets.models import Clock, Ticket
from tickets.states import Status

PER_PAGE = 50
may_see_desk = permission_required("tickets.view_estate_tickets", raise_exception=True)


@require_GET
@may_see_desk
def home(request: HttpRequest) -> HttpResponse:
    """What is about to fail, what waits for me, and one box to search for everything (SL-09)."""
    at = now()
    counts = queries.counts_by_status(request.user)
    context = {
        "now": at,
        "failing": with_clock_names(queries.about_to_fail(request.user, now=at)[:15]),
        "incomplete": Ticket.objects.visible_to(request.user)
        .filter(status=Status.INCOMPLETE)
        .select_related("estate")[:8],
        "open": sum(number for status, number in counts.items() if status not in {"closed", *Ticket.OVER}),
        "in_review": counts.get(Status.REGISTERED, 0) + counts.get(Status.IN_REVIEW, 0),
        "to_inspect": counts.get(Status.PRE_INSPECTION, 0),
        "to_follow_up": counts.get(Status.COMPLETED, 0),
        "incomplete_count": counts.get(Status.INCOMPLETE, 0),
    }
    return render(request, "tickets/desk_home.html", context)


@require_GET
@may_see_desk
def search(request: HttpRequest) -> HttpResponse:
    """One box: a ticket number leads to the ticket, anything else lists tickets and dwellings."""
    text = request.GET.get("q", "").strip()[:50]
    tickets = Ticket.objects.visible_to(request.user)
    exact = tickets.filter(number__iexact=text).first() if text else None
    if exact:
        return redirect("ticket", number=exact.number)
    found = queries.search(tickets, text).select_related("estate", "fault", "handler")[:20] if text else []
    units = search_units(request.user, text) if text else []
    return render(request, "tickets/search.html", {"text": text, "tickets": found, "units": units})


@require_GET
@may_see_desk
@vary_on_headers("HX-Request")
def ticket_list(request: HttpRequest) -> HttpResponse:
    """Every ticket in scope, filtered by the address bar."""
    form = TicketFilter(request.GET or None, user=request.user)
    tickets = Ticket.objects.visible_to(request.user)
    if form.is_valid():
        tickets = _filtered(tickets, form.cleaned_data)
    page = Paginator(tickets, PER_PAGE).get_page(request.GET.get("page"))
    rows = queries.with_next_due(
        Ticket.objects.filter(pk__in=[ticket.pk for ticket in page]).select_related(
            "estate", "fault", "handler"
        )
    )
    page.object_list = with_clock_names(rows)
    template = "tickets/_ticket_table.html" if request.htmx else "tickets/ticket_list.html"
    return render(
        request, template, {"form": form, "page_obj": page, "tickets": page.object_list, "now": now()}
    )


def _filtered(tickets, chosen):
    if chosen["estate"]:
        tickets = tickets.filter(estate=chosen["estate"])
    if chosen["status"]:
        tickets = tickets.filter(status=chosen["status"])
    if chosen["level"]:
        tickets = tickets.filter(level=chosen["level"])
    if chosen["open"]:
        tickets = tickets.open()
    return queries.search(tickets, chosen["q"])


def with_clock_names(tickets) -> list[Ticket]:
    """The tickets with the Chinese name of their next clock."""
    rows = list(tickets)
    for ticket in rows:
        ticket.next_clock_label = Clock.Kind(ticket.next_clock).label if ticket.next_clock else ""
    return rows


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
