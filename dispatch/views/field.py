"""The worker's phone: my tasks, one task, and what to do next (EX-01)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.forms import KeyedForm
from core.store import RefusedFile
from dispatch import cards, field_forms, punctuality, visits
from dispatch.field_acts import ACTS, Act, allowed
from dispatch.models import Worker
from dispatch.views.days import chosen_day, day_strip
from tickets import contacts, delays, pages, plans, rules, workflow
from tickets.clock_lines import phone_lines
from tickets.forms.steps import PauseForm
from tickets.models import Status, Ticket
from tickets.queries import with_next_due
from tickets.states import PAUSABLE
from tickets.views.shared import act_once, actor_of, replays, ticket_or_404

works = permission_required("tickets.work_ticket", raise_exception=True)
# What waited longer in a phone is no longer believed to have been pressed then.
KEPT_FOR = timedelta(hours=12)
NOTEWORTHY = timedelta(minutes=2)
# So many missed limits are asked about at a time.
OWED = 6
MINE = [Status.DISPATCHED, *PAUSABLE, Status.SUSPENDED]


@require_GET
@works
def home(request: HttpRequest) -> HttpResponse:
    """My tasks, the nearest deadline first; what waits for others stands apart."""
    mine = Ticket.objects.filter(handler=request.user, status__in=MINE).select_related("estate", "fault")
    rows = list(with_next_due(mine).prefetch_related("visits").order_by("level", "next_due", "pk"))
    for ticket in rows:
        ticket.booked = next((visit for visit in ticket.visits.all() if visit.state == "booked"), None)
    waiting = {Status.PRE_INSPECTION, Status.PLAN_REVIEW, Status.SUSPENDED}
    at = now()
    context = {
        "now": at,
        "new": [ticket for ticket in rows if ticket.status == Status.DISPATCHED],
        "doing": [ticket for ticket in rows if ticket.status not in {Status.DISPATCHED, *waiting}],
        "waiting": [ticket for ticket in rows if ticket.status in waiting],
        "owed": delays.owed_by(request.user, now=at)[:OWED],
        "punctual": punctuality.own(request.user, at=at),
    }
    return render(request, "dispatch/field_home.html", context)


def _mine(request: HttpRequest, number: str) -> Ticket:
    """A ticket this worker may see; acting on it is for its handler alone."""
    return ticket_or_404(request, number)


@require_GET
@works
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """One task: where, what, who, and the next thing to do."""
    return render(request, "dispatch/field_ticket.html", _context(request, _mine(request, number)))


def _context(request: HttpRequest, ticket: Ticket) -> dict:
    by, at = actor_of(request), now()
    acts = allowed(ticket, by)
    shown = cards.card(ticket, request.user, at=at) | phone_lines(ticket, now=at)
    return shown | {
        "main": next(((name, act) for name, act in acts if act.tone == "primary"), None),
        "acts": [(name, act) for name, act in acts if act.tone != "primary"],
        "may_call": workflow.may(ticket, "contact", by) and ticket.status != Status.DISPATCHED,
        "may_book": workflow.may(ticket, "schedule", by),
        "may_explain": delays.may_explain(ticket, by),
        "may_move": workflow.may(ticket, "reschedule", by),
        "plan": plans.current(ticket),
        "evidence": pages.evidence_items(ticket.evidence.all()),
        "events": pages.timeline(ticket)[:12],
        # The class: each button of the page draws a key of its own.
        "key_form": KeyedForm,
    }


def to_outbox(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer static/js/outbox.js: where to go next, and a refusal as a page that ends the waiting (EX-01)."""

    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if "X-Outbox" not in request.headers:
            return view(request, *args, **kwargs)
        try:
            answer = view(request, *args, **kwargs)
        except PermissionDenied as error:
            # 403 would read as a page that has grown old: sent again and again.
            context = {"text": str(error), "back_url": reverse("field_home")}
            return render(request, "core/taken.html", context, status=409)
        if answer.status_code in {302, 303}:
            return HttpResponse(status=204, headers={"X-Go": answer["Location"]})
        return answer

    return answered


def pressed_at(request: HttpRequest, ticket: Ticket) -> datetime:
    """When the button was pressed: what waited for the network says so itself (EX-01).

    Never before the ticket's last event, never later than now, and no more than half a day ago.
    """
    at = now()
    try:
        pressed = datetime.fromisoformat(request.headers.get("X-Outbox-At", ""))
    except ValueError:
        return at
    if pressed.tzinfo is None or not at - KEPT_FOR <= pressed <= at:
        return at
    last = ticket.events.order_by("-seq").values_list("at", flat=True)[0]
    return min(max(pressed, last), at)


@require_http_methods(["GET", "POST"])
@works
@to_outbox
@replays
def act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Do one act of `ACTS`: a page with its form, or for direct ones the button itself."""
    ticket = _mine(request, number)
    chosen = ACTS.get(name)
    if chosen is None:
        raise Http404
    if ticket.handler_id != request.user.pk:
        raise PermissionDenied("这张工单已不在您手上。")
    if request.method == "GET":
        return _act_page(request, ticket, name, chosen, chosen.form(**_about(chosen, ticket)))
    form = chosen.form(request.POST, request.FILES, **_about(chosen, ticket))
    if not form.is_valid():
        return _act_page(request, ticket, name, chosen, form, status=422)
    return _do(request, ticket, name, chosen, form)


def _about(chosen: Act, ticket: Ticket) -> dict:
    if issubclass(chosen.form, PauseForm):
        return {"ticket": ticket}
    if "signer" in chosen.form.base_fields:
        return {"initial": {"signer": ticket.reporter_name}}
    return {}


def _do(request: HttpRequest, ticket: Ticket, name: str, chosen: Act, form) -> HttpResponse:
    def run() -> str:
        by, at, pressed = actor_of(request), now(), pressed_at(request, ticket)
        chosen.do(ticket, form, by, pressed)
        still_mine = Ticket.objects.filter(pk=ticket.pk, handler=request.user).exists()
        if still_mine and at - pressed > NOTEWORTHY:
            words = f"“{chosen.label}”在没有网络时记录，{visits.clock_words(at)}送达。"
            workflow.note(ticket=ticket, name="comment", by=by, at=at, reason=words)
        messages.success(request, chosen.thanks)
        return reverse("field_ticket", args=[ticket.number]) if still_mine else reverse("field_home")

    try:
        return act_once(request, form, run, back_url=reverse("field_ticket", args=[ticket.number]))
    except RefusedFile as error:
        form.add_error("photos" if "photos" in form.fields else None, str(error))
        return _act_page(request, ticket, name, chosen, form, status=422)


def _act_page(request, ticket, name, chosen, form, status: int = 200) -> HttpResponse:
    context = {
        "ticket": ticket,
        "name": name,
        "act": chosen,
        "form": form,
        "plan": plans.current(ticket) if name == "sign" else None,
    }
    return render(request, "dispatch/field_act.html", context, status=status)


@require_http_methods(["GET", "POST"])
@works
@replays
def schedule(request: HttpRequest, number: str) -> HttpResponse:
    """Agree on a window, or move it with a reason; taken ones cannot be chosen (DI-07)."""
    ticket = _mine(request, number)
    if ticket.handler_id != request.user.pk:
        raise PermissionDenied("这张工单已不在您手上。")
    worker = get_object_or_404(Worker, user=request.user)
    day, at = chosen_day(request), now()
    slots = visits.free_windows(worker, day, at=at, ticket=ticket)
    moves = ticket.status == Status.SCHEDULED
    form_class = field_forms.MoveForm if moves else field_forms.WindowForm
    form = form_class(request.POST if request.method == "POST" else None, slots=slots)
    if request.method == "GET" or not form.is_valid():
        return _schedule_page(request, ticket, day, slots, form)
    back = reverse("field_ticket", args=[ticket.number])

    def run() -> str:
        start, end = form.span()
        by = actor_of(request)
        if moves:
            visits.move(ticket=ticket, start=start, end=end, reason=form.cleaned_data["reason"], by=by, at=at)
        else:
            visits.book(ticket=ticket, start=start, end=end, by=by, at=at)
        messages.success(request, f"已预约 {visits.window_words(start, end)}，短信已通知业主。")
        return back

    try:
        return act_once(request, form, run, back_url=back)
    except visits.BadWindow as error:
        form.add_error("window", str(error))
        return _schedule_page(request, ticket, day, slots, form)


def _schedule_page(request, ticket, day, slots, form) -> HttpResponse:
    days = day_strip(localdate())
    context = {"ticket": ticket, "day": day, "days": days, "slots": slots, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "dispatch/field_schedule.html", context, status=status)


@require_POST
@works
def call(request: HttpRequest, number: str) -> HttpResponse:
    """Write down the call, then show the number; hidden until the ticket is accepted (EX-01)."""
    ticket = _mine(request, number)
    form = KeyedForm(request.POST)
    if not form.is_valid():
        return render(request, "dispatch/field_ticket.html", _context(request, ticket), status=422)
    back = reverse("field_called", args=[ticket.number])

    def run() -> str:
        by, at = actor_of(request), now()
        contacts.reveal(ticket=ticket, by=by, why="contact", at=at)
        workflow.note(ticket=ticket, name="contact", by=by, at=at)
        return back

    try:
        return act_once(request, form, run, back_url=reverse("field_ticket", args=[ticket.number]))
    except contacts.TooMany as error:
        messages.error(request, str(error))
        return render(request, "dispatch/field_ticket.html", _context(request, ticket), status=429)


@require_GET
@works
def called(request: HttpRequest, number: str) -> HttpResponse:
    """The number to dial, for who has just been written down as a caller."""
    ticket = _mine(request, number)
    recently = now() - timedelta(minutes=30)
    written_down = ticket.reveals.filter(user=request.user, at__gte=recently).exists()
    # A ticket given to somebody else since then takes its number with it.
    if not (written_down and rules.may_see_contact(ticket, actor_of(request))):
        raise PermissionDenied("请从工单页面点击“联系业主”。")
    return render(request, "dispatch/field_called.html", {"ticket": ticket})
