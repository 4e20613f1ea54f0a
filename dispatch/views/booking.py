"""The dispatch card on paper, and windows that the desk agrees on for a worker (DI-05, DI-07)."""

from datetime import date, datetime, time, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_GET, require_http_methods

from core.templatetags.fangxiu import dated
from dispatch import cards, visits
from dispatch.models import Visit, Worker
from dispatch.views.days import agree, chosen_day, day_strip, window_form
from tickets import workflow
from tickets.calendars import SHANGHAI
from tickets.clock_lines import clock_lines
from tickets.models import Status, Ticket
from tickets.views.shared import act_once, actor_of, replays, step_taken, ticket_or_404

may_dispatch = permission_required("tickets.dispatch_ticket", raise_exception=True)


@require_GET
def card(request: HttpRequest, number: str) -> HttpResponse:
    """派工单 on A4, for whoever has the ticket and for the desks; the phone number stays masked on paper."""
    ticket = ticket_or_404(request, number)
    inside = request.user.has_perm("tickets.view_estate_tickets")
    if not inside and ticket.handler_id != request.user.pk:
        raise PermissionDenied("这张工单已不在您手上。")
    if ticket.handler_id is None:
        raise Http404
    at = now()
    context = cards.card(ticket, request.user, at=at) | {"clocks": clock_lines(ticket, now=at, say=dated)}
    return render(request, "dispatch/card.html", context)


@require_http_methods(["GET", "POST"])
@may_dispatch
@replays
def schedule(request: HttpRequest, number: str) -> HttpResponse:
    """Book or move a window for the worker, with the worker's day beside it; taken ones cannot be chosen."""
    ticket = ticket_or_404(request, number)
    back = reverse("ticket", args=[number])
    moves = ticket.status == Status.SCHEDULED
    if not workflow.may(ticket, "reschedule" if moves else "schedule", actor_of(request)):
        return step_taken(request, workflow.StepTaken(ticket), back_url=back)
    worker = get_object_or_404(Worker.objects.select_related("user"), user=ticket.handler_id)
    day, at = chosen_day(request), now()
    slots = visits.free_windows(worker, day, at=at, ticket=ticket)
    form = window_form(request, ticket, slots)
    if request.method == "GET" or not form.is_valid():
        return _page(request, ticket, worker, day, form)

    def run() -> str:
        words = agree(request, ticket, form, at=at)
        messages.success(request, f"已预约 {words}，业主会收到通知。")
        return back

    try:
        return act_once(request, form, run, back_url=back)
    except visits.BadWindow as error:
        form.add_error("window", str(error))
        return _page(request, ticket, worker, day, form)


def _page(request: HttpRequest, ticket: Ticket, worker: Worker, day: date, form) -> HttpResponse:
    context = {
        "ticket": ticket,
        "worker": worker,
        "day": day,
        "days": day_strip(localdate()),
        "form": form,
        "agenda": _agenda(worker, day),
        "crumbs": [
            ("工单", reverse("desk_tickets")),
            (ticket.number, reverse("ticket", args=[ticket.number])),
        ],
    }
    return render(request, "dispatch/schedule.html", context, status=422 if form.is_bound else 200)


def _agenda(worker: Worker, day: date) -> list[Visit]:
    """What the worker has that day."""
    start = datetime.combine(day, time(), SHANGHAI)
    found = Visit.objects.filter(
        worker=worker, state__in=visits.HOLDING, window__overlap=(start, start + timedelta(days=1))
    )
    return list(found.select_related("ticket__estate", "ticket__fault").order_by("window"))
