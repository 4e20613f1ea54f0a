"""Sent first, reviewed after: the one press of the desk, and the look of a person afterwards (DI-03)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_POST

from core.forms import KeyedForm
from dispatch import ahead, assign, queries
from dispatch.forms import ConfirmForm, WrongForm
from dispatch.models import Proposal
from tickets import rules, workflow
from tickets.models import Ticket
from tickets.views.shared import act_once, actor_of, replays, ticket_or_404


@require_POST
@replays
def send_first(request: HttpRequest, number: str) -> HttpResponse:
    """The machine's first candidate goes now; a dispatcher looks afterwards."""
    ticket = ticket_or_404(request, number)
    by = actor_of(request)
    if not (rules.works_on_tickets(ticket, by) or rules.may_dispatch(ticket, by)):
        raise PermissionDenied("您的岗位不能先派单。")
    back = reverse("ticket", args=[ticket.number])
    form = KeyedForm(request.POST)
    if not form.is_valid():
        messages.error(request, "页面已过期，请重新点击“先派后审”。")
        return redirect(back)

    def act() -> str:
        moved = ahead.send_first(ticket=ticket, by=by, at=now())
        messages.success(request, f"{moved.number} 已先派给{moved.handler.full_name}，等待派单员事后复核。")
        return back

    try:
        return act_once(request, form, act, back_url=back)
    except (ahead.NotAllowed, assign.NotEligible) as error:
        messages.error(request, str(error))
        return redirect(back)


def slot(request: HttpRequest, ticket: Ticket) -> dict[str, Any] | None:
    """What templates/dispatch/_send_first.html shows on the page of a ticket, where it may go first."""
    if not ahead.may_send_first(ticket, actor_of(request), at=now()):
        return None
    return {"ticket": ticket, "form": KeyedForm()}


@require_GET
def after(request: HttpRequest, number: str) -> HttpResponse:
    """What the machine sent, with all that a review needs; confirmed by one key."""
    ticket, proposal = _sent(request, number)
    return _page(request, ticket, proposal)


@require_POST
@replays
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """The machine was right."""
    return _reviewed(request, number, ConfirmForm(request.POST), good=True)


@require_POST
@replays
def wrong(request: HttpRequest, number: str) -> HttpResponse:
    """The machine was wrong; the ticket stays where it is."""
    return _reviewed(request, number, WrongForm(request.POST), good=False)


def _sent(request: HttpRequest, number: str) -> tuple[Ticket, Proposal]:
    ticket = ticket_or_404(request, number)
    if not rules.may_dispatch(ticket, actor_of(request)):
        raise PermissionDenied("您的岗位不能复核派单。")
    found = ticket.proposals.exclude(after=Proposal.After.NOT_ASKED)
    proposal = found.select_related("worker__user", "worker__area", "decided_by", "after_by").first()
    if proposal is None:
        raise Http404
    return ticket, proposal


def _reviewed(request: HttpRequest, number: str, form: Any, *, good: bool) -> HttpResponse:
    ticket, proposal = _sent(request, number)
    if not form.is_valid():
        return _page(request, ticket, proposal, wrong=form if not good else None, status=422)

    def act() -> str:
        reason = form.cleaned_data.get("reason", "")
        by, at = actor_of(request), now()
        ahead.review(proposal=proposal, good=good, reason=reason, by=by, at=at)
        messages.success(request, f"{ticket.number} {'已确认' if good else '已标记有误'}。")
        return reverse("dispatch_queue") + "?tab=after"

    return act_once(request, form, act, back_url=reverse("ticket", args=[ticket.number]))


def _page(
    request: HttpRequest, ticket: Ticket, proposal: Proposal, *, wrong: Any = None, status: int = 200
) -> HttpResponse:
    at = now()
    posts = queries.posts([proposal.worker], request.user, at=at) if proposal.worker else []
    chosen = [
        each for each in proposal.candidates if proposal.worker and each["worker"] == proposal.worker.pk
    ]
    context = {
        "ticket": ticket,
        "proposal": proposal,
        "post": posts[0] if posts else None,
        "chosen": chosen[0] if chosen else None,
        "brief": queries.brief(ticket, request.user, at=at),
        "waiting": proposal.after == Proposal.After.WAITING,
        "came_back": ticket.status in queries.WAITING,
        "may_reassign": workflow.may(ticket, "reassign", actor_of(request)),
        "confirm": ConfirmForm(auto_id="confirm_%s"),
        "wrong": wrong or WrongForm(auto_id="wrong_%s"),
        "crumbs": [
            ("派单复核", reverse("dispatch_queue")),
            ("事后复核", reverse("dispatch_queue") + "?tab=after"),
        ],
    }
    return render(request, "dispatch/after.html", context, status=status)
