"""The page of one ticket for staff, and the steps taken from it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import slots
from core.store import RefusedFile
from estates.queries import hints_for
from tickets import (
    contacts,
    delays,
    errands,
    followup,
    handling,
    kind_pages,
    kinds,
    levels,
    nudges,
    openings,
    pages,
    queries,
    reads,
    requirements,
    rules,
    workflow,
)
from tickets.actors import Actor
from tickets.clock_lines import clock_lines
from tickets.forms import steps
from tickets.forms.intake import LONGEST_CALL
from tickets.models import Channel, Ticket, TicketEvent
from tickets.states import ENDED, Desk, Status
from tickets.views import steps as simple
from tickets.views.shared import act_once, actor_of, replays, step_taken, ticket_or_404

# Asking other departments belongs to a floor above.
COORDINATE = "coordination.coordinate"


@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """Everything of a ticket on one page."""
    ticket = ticket_or_404(request, number)
    context = _context(request, ticket) | {"slots": slots.filled("ticket", request, ticket)}
    # A floor above that says why the work rests says it better; twice is noise.
    if any(content.get("says_why") for _, content in context["slots"]):
        context["aside"] = None
    return render(request, "tickets/ticket.html", context)


def _context(request: HttpRequest, ticket: Ticket) -> dict:
    actor = actor_of(request)
    events = reads.events_of(ticket)
    ties = reads.beside(ticket)
    holder = ties.holder
    return {
        "ticket": ticket,
        "now": now(),
        "policy": ticket.policy.title,
        "clocks": clock_lines(ticket, now=now(), events=events),
        "earlier_clocks": clock_lines(ticket, now=now(), events=events, earlier=True)
        if ticket.round > 1
        else [],
        "steps": pages.stepper(ticket),
        "events": pages.timeline(ticket, events),
        "merged_into": ticket.merged_into,
        "aside": pages.aside(ticket, events),
        # Behind the end nothing is asked of anybody any more.
        "is_over": ticket.status in ENDED,
        # A machine's own ticket says nothing more of its first alarm.
        "machines_speak": ticket.report.channel == Channel.SENSOR
        or any(event.name == "alarm" for event in events),
        # Requests to other departments are asked for where there are any (DI-11).
        "coordinated": any(event.name == "coordinate" for event in events),
        "evidence": pages.evidence_items(reads.evidence_of(ticket)),
        "plan": reads.plan_of(ticket, events),
        "acceptances": reads.acceptances_of(ticket, events),
        "follow_ups": reads.follow_ups_of(ticket, events),
        "holder": holder,
        "holder_label": Desk(holder.desk).label if holder else "",
        "hints": hints_for(request.user, **pages.whereabouts(ticket)),
        "others": reads.others_of_unit(request.user, ticket),
        "comment_form": steps.CommentForm() if workflow.may(ticket, "comment", actor) else None,
        "reveal_form": steps.RevealForm() if rules.may_see_contact(ticket, actor) else None,
        "may_explain": delays.may_explain(ticket, actor),
        "acknowledge_form": _acknowledging(ticket, actor, events),
        "may_tie": rules.works_on_tickets(ticket, actor),
        "ties": ties,
        **_buttons(ticket, actor, events, linked=bool(ties.link)),
        **_in_person(ticket, events),
        "may_mark": not ticket.destructive and workflow.may(ticket, "mark_destructive", actor),
        "followers": ticket.followers.all() if ticket.follower_count else [],
        "may_change_level": workflow.may(ticket, "change_level", actor),
        # While the caller may still be on the line (IN-10).
        "may_add": rules.works_on_tickets(ticket, actor) and now() - ticket.report.saved_at < LONGEST_CALL,
        **kind_pages.context(ticket, actor),
        "crumbs": [("工单", reverse("desk_tickets"))]
        if request.user.has_perm("tickets.view_estate_tickets")
        else [],
    }


def _acknowledging(ticket: Ticket, by: Actor, events: Sequence[TicketEvent]) -> steps.StepForm | None:
    """One press that confirms an online report, while it waits for that (IN-13)."""
    waits = queries.is_to_acknowledge(ticket, events) and workflow.may(ticket, "acknowledge", by)
    return steps.StepForm() if waits else None


def _buttons(ticket: Ticket, by: Actor, events: Sequence[TicketEvent], *, linked: bool) -> dict[str, Any]:
    """The likely steps, and what a phone folds away."""
    buttons = [*pages.actions(ticket, by, events), *_besides(ticket, by, linked=linked)]
    near, more = pages.near_and_more(buttons)
    return {"near": near, "more": more}


def _besides(ticket: Ticket, by: Actor, *, linked: bool) -> list[dict[str, str]]:
    """What may be done beside the steps, as buttons without weight."""
    works, over = rules.works_on_tickets(ticket, by), ticket.status in ENDED
    sent = ticket.handler_id is not None and ticket.kind in kinds.SENT
    offered = [
        ("派工单", "dispatch_card", "printer", sent),
        ("催单", "ticket_urge", "bell", workflow.may(ticket, "urge", by)),
        ("登记跟进人", "ticket_follow", "people", workflow.may(ticket, "follow", by)),
        ("关联多户", "ticket_case", "diagram-3", works and not over and not linked),
        ("发起协作", "coordination_ticket", "arrow-down-up", works and not over and by.has_perm(COORDINATE)),
    ]
    return [
        {"label": label, "url": reverse(name, args=[ticket.number]), "kind": "quiet", "icon": icon}
        for label, name, icon, shown in offered
        if shown
    ]


def _in_person(ticket: Ticket, events: Sequence[TicketEvent]) -> dict[str, Any]:
    """The engineer's ruling and the errands; asked for only where the history speaks of them."""
    names = {event.name for event in events}
    asked = openings.is_again(ticket) or "no_access" in names
    return {
        "ruling": requirements.ruling_of(ticket) if "rule" in names else None,
        "errands": errands.of_ticket(ticket) if asked else [],
    }


@require_http_methods(["GET", "POST"])
@replays
def step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Take one of the steps that need no more than a few words; others have pages of their own."""
    ticket = ticket_or_404(request, number)
    back = reverse("ticket", args=[ticket.number])
    try:
        button = simple.find_button(ticket, name, actor_of(request))
    except workflow.StepTaken as error:
        return step_taken(request, error, back_url=back)
    data = request.POST if request.method == "POST" else None
    form = simple.form_for(button, data, ticket=ticket, user=request.user, files=request.FILES)
    if request.method == "GET" or not form.is_valid():
        return _step_page(request, ticket, button, form)

    def act() -> str:
        simple.take(ticket, button, form, actor_of(request), now())
        messages.success(request, f"{ticket.number}：{button.label}已完成。")
        return _after(request, ticket)

    try:
        return act_once(request, form, act, back_url=back)
    except RefusedFile as error:
        form.add_error("photos", str(error))
        return _step_page(request, ticket, button, form)


def _step_page(request: HttpRequest, ticket: Ticket, button: workflow.StepButton, form) -> HttpResponse:
    kind = "danger" if button.tone == "danger" else "primary"
    context = {"ticket": ticket, "button": button, "form": form, "submit_kind": kind}
    context["crumbs"] = _crumbs(ticket)
    return render(request, "tickets/step.html", context, status=422 if form.is_bound else 200)


def _after(request: HttpRequest, ticket: Ticket) -> str:
    """The ticket, or the first page when the step took it out of this person's sight."""
    if Ticket.objects.visible_to(request.user).filter(pk=ticket.pk).exists():
        return reverse("ticket", args=[ticket.number])
    return reverse("home")


def _crumbs(ticket: Ticket) -> list[tuple[str, str]]:
    return [("工单", reverse("desk_tickets")), (ticket.number, reverse("ticket", args=[ticket.number]))]


@require_http_methods(["GET", "POST"])
@replays
def follow_up(request: HttpRequest, number: str) -> HttpResponse:
    """The follow-up call with its three questions (FU-01)."""
    ticket = ticket_or_404(request, number)
    if not rules.may_follow_up(ticket, actor_of(request)):
        raise PermissionDenied("回访由客服前台或信息员办理。")
    if ticket.status != Status.COMPLETED:
        return step_taken(
            request, workflow.StepTaken(ticket), back_url=reverse("ticket", args=[ticket.number])
        )
    answered = ticket.kind in kinds.ANSWERED
    form = steps.FollowUpForm(request.POST if request.method == "POST" else None, answered=answered)
    if request.method == "GET" or not form.is_valid():
        context = {
            "ticket": ticket,
            "form": form,
            "crumbs": _crumbs(ticket),
            "reveal_form": steps.RevealForm(),
            "answered": answered,
            "answer": handling.answer_of(ticket) if answered else "",
        }
        context["earlier"] = ticket.follow_ups.filter(round=ticket.round).select_related("called_by")
        return render(
            request, "tickets/follow_up.html", context, status=200 if request.method == "GET" else 422
        )

    def act() -> str:
        answers = followup.Answers(**{k: v for k, v in form.cleaned_data.items() if k != "form_key"})
        followup.record(ticket=ticket, answers=answers, by=actor_of(request), at=now())
        messages.success(request, f"{ticket.number} 的回访已记录。")
        return reverse("desk_follow_ups")

    return act_once(request, form, act, back_url=reverse("ticket", args=[ticket.number]))


@require_POST
@replays
def comment(request: HttpRequest, number: str) -> HttpResponse:
    """Add a remark to the ticket's history."""
    ticket = ticket_or_404(request, number)
    if not workflow.may(ticket, "comment", actor_of(request)):
        raise PermissionDenied("您的岗位只能查看工单。")
    form = steps.CommentForm(request.POST)
    if not form.is_valid():
        context = _context(request, ticket) | {"comment_form": form}
        return render(request, "tickets/ticket.html", context, status=422)

    def act() -> str:
        workflow.note(
            ticket=ticket, name="comment", by=actor_of(request), at=now(), reason=form.cleaned_data["text"]
        )
        return reverse("ticket", args=[ticket.number])

    return act_once(request, form, act)


@require_http_methods(["GET", "POST"])
@replays
def urge(request: HttpRequest, number: str) -> HttpResponse:
    """The owner called again: count it and tell worker and supervisors (IN-20)."""
    ticket = ticket_or_404(request, number)
    if not rules.works_on_tickets(ticket, actor_of(request)):
        raise PermissionDenied("催单由客服前台或负责工单的岗位记录。")
    back = reverse("ticket", args=[ticket.number])
    if not workflow.may(ticket, "urge", actor_of(request)):
        return step_taken(request, workflow.StepTaken(ticket), back_url=back)
    form = steps.UrgeForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        context = {"ticket": ticket, "form": form, "crumbs": _crumbs(ticket)}
        return render(request, "tickets/urge.html", context, status=200 if request.method == "GET" else 422)

    def act() -> str:
        words = form.cleaned_data["words"]
        urged = nudges.urge(ticket=ticket, by=actor_of(request), at=now(), words=words)
        messages.success(request, f"已记录第{urged.urged}次催单，师傅和主管会收到提醒。")
        return back

    return act_once(request, form, act, back_url=back)


@require_http_methods(["GET", "POST"])
@replays
def level(request: HttpRequest, number: str) -> HttpResponse:
    """Change the level, with the reason (SL-01)."""
    ticket = ticket_or_404(request, number)
    if ticket.status in ENDED:
        back = reverse("ticket", args=[ticket.number])
        return step_taken(request, workflow.StepTaken(ticket), back_url=back)
    if not workflow.may(ticket, "change_level", actor_of(request)):
        raise PermissionDenied("调整级别由信息员、派单员或工程师办理。")
    form = steps.LevelForm(
        request.POST if request.method == "POST" else None,
        initial={"level": ticket.level},
        lowest=4 if rules.may_lower(ticket, actor_of(request)) else ticket.level,
    )
    if request.method == "GET" or not form.is_valid():
        context = {"ticket": ticket, "form": form, "crumbs": _crumbs(ticket)}
        context["history"] = levels.history(ticket)
        return render(request, "tickets/level.html", context, status=200 if request.method == "GET" else 422)

    def act() -> str:
        levels.change(
            ticket=ticket,
            level=form.cleaned_data["level"],
            reason=form.reason,
            by=actor_of(request),
            at=now(),
        )
        return reverse("ticket", args=[ticket.number])

    return act_once(request, form, act)


@require_POST
def reveal_phone(request: HttpRequest, number: str) -> HttpResponse:
    """Show the full phone number, after writing down who looked and why (OR-01)."""
    ticket = ticket_or_404(request, number)
    if not rules.may_see_contact(ticket, actor_of(request)):
        raise PermissionDenied("您没有查看联系电话的权限。")
    form = steps.RevealForm(request.POST)
    if not form.is_valid():
        return render(request, "tickets/_phone.html", {"ticket": ticket, "reveal_form": form}, status=422)
    try:
        phone = contacts.reveal(ticket=ticket, by=actor_of(request), why=form.cleaned_data["why"], at=now())
    except contacts.TooMany as error:
        return render(request, "tickets/_phone.html", {"ticket": ticket, "error": str(error)}, status=429)
    return render(request, "tickets/_phone.html", {"ticket": ticket, "phone": phone})
