"""What a worker's phone can do, for any ticket of the company, through the same door (DI-12, EX-01)."""

from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.forms import KeyedForm
from core.store import RefusedFile
from dispatch import field_forms, visits
from dispatch.field_acts import ACTS, Act
from dispatch.models import Worker
from partners.views.phone import ticket_context
from partners.views.shared import for_company, held_or_403
from tickets import contacts, plans, rules, workflow
from tickets.forms.steps import PauseForm
from tickets.models import Status, Ticket
from tickets.views.shared import act_once, actor_of, replays, ticket_or_404

DAYS_AHEAD = 7


@require_http_methods(["GET", "POST"])
@for_company
@replays
def act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Do one act of `ACTS` for the company; photos, plan, finish and the rest."""
    ticket = ticket_or_404(request, number)
    chosen = ACTS.get(name)
    if chosen is None:
        raise Http404
    if not rules.is_handler(ticket, actor_of(request)):
        raise PermissionDenied("这张工单已不在贵单位手上。")
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = chosen.form(*data, **_about(chosen, ticket))
    if request.method == "GET" or not form.is_valid():
        return _act_page(request, ticket, name, chosen, form)
    back = reverse("partner_ticket", args=[ticket.number])

    def run() -> str:
        chosen.do(ticket, form, actor_of(request), now())
        messages.success(request, chosen.thanks)
        return back

    try:
        return act_once(request, form, run, back_url=back)
    except RefusedFile as error:
        form.add_error("photos" if "photos" in form.fields else None, str(error))
        return _act_page(request, ticket, name, chosen, form)


def _about(chosen: Act, ticket: Ticket) -> dict:
    if issubclass(chosen.form, PauseForm):
        return {"ticket": ticket}
    return {"initial": {"signer": ticket.reporter_name}} if "signer" in chosen.form.base_fields else {}


def _act_page(request: HttpRequest, ticket: Ticket, name: str, chosen: Act, form) -> HttpResponse:
    context = {"ticket": ticket, "name": name, "act": chosen, "form": form}
    context["plan"] = plans.current(ticket) if name == "sign" else None
    status = 422 if request.method == "POST" else 200
    return render(request, "partners/act.html", context, status=status)


@require_http_methods(["GET", "POST"])
@for_company
@replays
def schedule(request: HttpRequest, number: str) -> HttpResponse:
    """Agree on a window with the owner, or move it with a reason (DI-07)."""
    ticket = held_or_403(request, number)
    worker = get_object_or_404(Worker, user=ticket.handler_id)
    day, at = _day(request), now()
    slots = visits.free_windows(worker, day, at=at, ticket=ticket)
    moves = ticket.status == Status.SCHEDULED
    form_class = field_forms.MoveForm if moves else field_forms.WindowForm
    form = form_class(request.POST if request.method == "POST" else None, slots=slots)
    if request.method == "GET" or not form.is_valid():
        return _schedule_page(request, ticket, day, slots, form)
    back = reverse("partner_ticket", args=[ticket.number])

    def run() -> str:
        start, end = form.span()
        common = {"ticket": ticket, "start": start, "end": end, "by": actor_of(request), "at": at}
        if moves:
            visits.move(reason=form.cleaned_data["reason"], **common)
        else:
            visits.book(**common)
        messages.success(request, f"已预约 {visits.window_words(start, end)}，短信已通知业主。")
        return back

    try:
        return act_once(request, form, run, back_url=back)
    except visits.BadWindow as error:
        form.add_error("window", str(error))
        return _schedule_page(request, ticket, day, slots, form)


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return localdate()


def _schedule_page(request: HttpRequest, ticket: Ticket, day: date, slots, form) -> HttpResponse:
    today = localdate()
    days = [
        (each, "今天" if each == today else f"周{'一二三四五六日'[each.weekday()]}")
        for each in (today + timedelta(days=number) for number in range(DAYS_AHEAD))
    ]
    context = {"ticket": ticket, "day": day, "days": days, "slots": slots, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "partners/schedule.html", context, status=status)


@require_POST
@for_company
def call(request: HttpRequest, number: str) -> HttpResponse:
    """Write down the call, then show the number; hidden until the ticket is taken (OR-01)."""
    ticket = held_or_403(request, number)
    form = KeyedForm(request.POST)
    if not form.is_valid():
        return render(request, "partners/ticket.html", ticket_context(request, ticket), status=422)

    def run() -> str:
        by, at = actor_of(request), now()
        contacts.reveal(ticket=ticket, by=by, why="contact", at=at)
        workflow.note(ticket=ticket, name="contact", by=by, at=at)
        return reverse("partner_called", args=[number])

    try:
        return act_once(request, form, run, back_url=reverse("partner_ticket", args=[number]))
    except contacts.TooMany as error:
        messages.error(request, str(error))
        return render(request, "partners/ticket.html", ticket_context(request, ticket), status=429)


@require_GET
@for_company
def called(request: HttpRequest, number: str) -> HttpResponse:
    """The number to dial, for who has just been written down as a caller."""
    ticket = held_or_403(request, number)
    recently = now() - timedelta(minutes=30)
    written_down = ticket.reveals.filter(user=request.user, at__gte=recently).exists()
    if not (written_down and rules.may_see_contact(ticket, actor_of(request))):
        raise PermissionDenied("请从工单页面点击“联系业主”。")
    return render(request, "partners/called.html", {"ticket": ticket})
