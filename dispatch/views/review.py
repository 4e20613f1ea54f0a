"""The review of one ticket, and the decisions taken there (DI-03)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dispatch import area, assign, facts, handing, ladder, modes, proposals, queries, suggest
from dispatch.forms import ApproveForm, ChooseForm, RenewForm, SendBackForm
from dispatch.models import Mode, Proposal, Worker
from tickets import kind_pages, requirements, rules, workflow
from tickets.clock_lines import clock_lines
from tickets.models import Covered, Status, Ticket
from tickets.views.shared import act_once, actor_of, replays, step_taken, ticket_or_404

SHOWN = 8
COVERED_TONES = {Covered.YES: "ok", Covered.NO: "neutral", Covered.UNKNOWN: "warn"}


@require_GET
def review(request: HttpRequest, number: str) -> HttpResponse:
    """Everything a decision needs on one page; tickets already sent go to the reassignment."""
    ticket = _ticket(request, number)
    sent_first = ticket.proposals.filter(after=Proposal.After.WAITING).exists()
    # Whoever was sent first and said no, or nothing, is past; the next decision is what waits.
    if sent_first and ticket.status not in queries.WAITING:
        return redirect("dispatch_after", number=ticket.number)
    if workflow.may(ticket, "reassign", actor_of(request)):
        return redirect("dispatch_reassign", number=ticket.number)
    return _page(request, ticket)


@require_POST
def approve(request: HttpRequest, number: str) -> HttpResponse:
    """Send the first candidate."""
    ticket = _ticket(request, number)
    form = ApproveForm(request.POST)
    if not form.is_valid():
        return _page(request, ticket, approve=form)

    def decide(at):
        proposal = proposals.ensure(ticket=ticket, at=at)
        first = proposal.candidates[0]["worker"] if proposal.candidates else None
        if first != form.cleaned_data["worker"]:
            raise assign.NotEligible("建议已经更新，首选换了人，请看过新的建议再确认。")
        return handing.approve(
            proposal=proposal, by=actor_of(request), at=at, version=form.cleaned_data["version"]
        )

    return _decide(request, ticket, "approve", form, decide)


@require_POST
@replays
def change(request: HttpRequest, number: str) -> HttpResponse:
    """Send somebody else, with the reason."""
    ticket = _ticket(request, number)
    form = ChooseForm(request.POST, suggestion=facts.suggestion_for(ticket, at=now()))
    if not form.is_valid():
        return _page(request, ticket, choose=form)

    def decide(at):
        return assign.change(
            proposal=proposals.ensure(ticket=ticket, at=at),
            worker=form.cleaned_data["worker"],
            reason=form.cleaned_data["reason"],
            by=actor_of(request),
            at=at,
            version=form.cleaned_data["version"],
        )

    return _decide(request, ticket, "choose", form, decide)


@require_POST
def send_back(request: HttpRequest, number: str) -> HttpResponse:
    """Ask the front desk for what is missing."""
    ticket = _ticket(request, number)
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return _page(request, ticket, back=form)

    def decide(at):
        return assign.send_back(
            proposal=proposals.ensure(ticket=ticket, at=at),
            reason=form.cleaned_data["reason"],
            by=actor_of(request),
            at=at,
            version=form.cleaned_data["version"],
        )

    return _decide(request, ticket, "back", form, decide)


@require_POST
def renew(request: HttpRequest, number: str) -> HttpResponse:
    """Think again about who could go."""
    ticket = _ticket(request, number)
    form = RenewForm(request.POST)
    back = reverse("dispatch_review", args=[ticket.number])
    if not form.is_valid():
        return redirect(back)

    def act() -> str:
        proposals.renew(ticket=ticket, by=actor_of(request), at=now())
        return back

    return act_once(request, form, act, back_url=back)


@require_http_methods(["GET", "POST"])
@replays
def reassign(request: HttpRequest, number: str) -> HttpResponse:
    """Give a ticket that was sent already to somebody else before work begins."""
    ticket = _ticket(request, number)
    if not workflow.may(ticket, "reassign", actor_of(request)):
        return step_taken(request, workflow.StepTaken(ticket), back_url=_ticket_url(ticket))
    suggestion = facts.suggestion_for(ticket, at=now())
    holder = Worker.objects.filter(user=ticket.handler_id).select_related("user", "area").first()
    form = ChooseForm(
        request.POST if request.method == "POST" else None,
        suggestion=suggestion,
        leave_out=[holder.pk] if holder else [],
        initial={"version": ticket.version, "worker": request.GET.get("worker")},
    )
    if request.method == "GET" or not form.is_valid():
        return _reassign_page(request, ticket, form, suggestion, holder)

    def act() -> str:
        assign.reassign(
            ticket=ticket,
            worker=form.cleaned_data["worker"],
            reason=form.cleaned_data["reason"],
            by=actor_of(request),
            at=now(),
            version=form.cleaned_data["version"],
        )
        messages.success(request, f"{ticket.number} 已改派给{form.cleaned_data['worker'].user.full_name}。")
        return reverse("dispatch_queue") + "?tab=sent"

    try:
        return act_once(request, form, act, back_url=_ticket_url(ticket))
    except assign.NotEligible as error:
        form.add_error("worker", str(error))
        return _reassign_page(request, ticket, form, suggestion, holder)


def _ticket(request: HttpRequest, number: str) -> Ticket:
    ticket = ticket_or_404(request, number)
    if not rules.may_dispatch(ticket, actor_of(request)):
        raise PermissionDenied("您的岗位不能派单。")
    return ticket


def _ticket_url(ticket: Ticket) -> str:
    return reverse("ticket", args=[ticket.number])


def _decide(
    request: HttpRequest, ticket: Ticket, kind: str, form: Any, decide: Callable[..., Ticket]
) -> HttpResponse:
    """Take the decision once and say what came of it; a worker who cannot be sent is an error of the form."""

    def act() -> str:
        moved = decide(now())
        if moved.handler:
            messages.success(request, f"{moved.number} 已派给{moved.handler.full_name}。")
        elif moved.status == Status.IN_REVIEW:
            messages.success(request, f"{moved.number} 已放出，可派的师傅都收到了抢单消息。")
        else:
            messages.success(request, f"{moved.number} 已退回前台补充。")
        return reverse("dispatch_queue")

    try:
        return act_once(request, form, act, back_url=_ticket_url(ticket))
    except assign.NotEligible as error:
        form.add_error("worker" if kind == "choose" else None, str(error))
        return _page(request, ticket, **{kind: form})


def _page(request: HttpRequest, ticket: Ticket, **bound: Any) -> HttpResponse:
    at = now()
    deciding = ticket.status in queries.WAITING
    live = facts.suggestion_for(ticket, at=at) if deciding else None
    proposal = ticket.proposals.select_related("decided_by", "worker__user", "weights").first()
    brief = queries.brief(ticket, request.user, at=at)
    context = {
        "ticket": ticket,
        "brief": brief,
        "asked": kind_pages.said(ticket),
        "deciding": deciding,
        "proposal": proposal,
        # The limit that this page is about stands first.
        "clocks": sorted(clock_lines(ticket, now=at), key=lambda line: line["label"] != "派单"),
        "lacking": requirements.missing(ticket, "dispatch") if deciding else [],
        "check_hint": f"缺 {len(brief.missing)} 项" if brief.missing else "齐全",
        "covered_tone": COVERED_TONES[ticket.covered],
        "crumbs": [("派单复核", reverse("dispatch_queue"))],
    }
    if live is not None:
        rule = modes.rule_of(ticket, at=at)
        context |= _proposal_context(request, ticket, proposal, live)
        context["unlocks"] = _unlocks(ticket, live)
        context["teams"] = area.picture(ticket, request.user, at=at)
        context["offers"] = rule.mode == Mode.GRAB and not context["offered_at"]
        context["weights"] = proposal.weights if proposal else None
        context |= _forms(request, ticket, live, brief, context["first"], bound)
    return render(request, "dispatch/review.html", context, status=422 if bound else 200)


def _unlocks(ticket: Ticket, live: suggest.Suggestion) -> list[requirements.Missing]:
    """What our own people do, and where, before contractors who are out for that may go (DI-06, DI-13)."""
    return requirements.missing_for_contractor(ticket) if live.counts.keys() & suggest.UNLOCKED else []


def _proposal_context(
    request: HttpRequest, ticket: Ticket, proposal: Proposal | None, live: suggest.Suggestion
) -> dict[str, Any]:
    """The kept proposal, or the live one while the machine has not got to it yet."""
    kept = proposal if proposal and proposal.decision == Proposal.Decision.OPEN else None
    if kept and kept.round == ticket.round:
        candidates, excluded, made_at = kept.candidates, kept.excluded, kept.created_at
        thought = queries.thought_of(ticket)
    else:
        thought = {
            "ladder": live.walked,
            "rungs": [proposals.rung_json(each) for each in live.rungs],
            "advice": live.advice,
            "found": len(live.ranked),
        }
        candidates = [proposals.candidate_json(each) for each in live.ranked]
        excluded = [{"name": each.name, "reason": each.reason} for each in live.excluded]
        made_at = None
    rows = _rows(candidates[:SHOWN], request, at=now())
    best = live.best.worker_id if live.best else None
    first = candidates[0] if candidates else None
    return {
        "rows": rows,
        "first": first,
        "more": max(0, thought.get("found", len(candidates)) - SHOWN),
        "excluded": excluded,
        "walked": thought.get("ladder", ""),
        "rungs": thought.get("rungs", []),
        "advice": thought.get("advice", []),
        "made_at": made_at,
        "offered_at": kept.offered_at if kept else None,
        "outdated": made_at is not None and best != (first["worker"] if first else None),
    }


def _rows(candidates: list[dict], request: HttpRequest, *, at) -> list[dict[str, Any]]:
    """Each candidate with the words of its step and where the worker is now."""
    people = (
        Worker.objects.filter(pk__in=[each["worker"] for each in candidates])
        .select_related("user", "area", "contractor")
        .prefetch_related("skills__trade")
    )
    posts = {post.worker.pk: post for post in queries.posts(people, request.user, at=at)}
    return [
        each | {"step_label": suggest.LADDER[each["step"]], "post": posts.get(each["worker"])}
        for each in candidates
    ]


def _forms(
    request: HttpRequest,
    ticket: Ticket,
    live: suggest.Suggestion,
    brief: queries.Brief,
    first: dict | None,
    bound: dict[str, Any],
) -> dict[str, Any]:
    initial = {"version": ticket.version}
    ask = f"请补充：{'、'.join(brief.missing)}。" if brief.missing else ""
    choose = ChooseForm(
        suggestion=live, initial=initial | {"worker": request.GET.get("worker")}, auto_id="choose_%s"
    )
    forms = {
        "approve": ApproveForm(initial=initial | {"worker": first["worker"]}, auto_id="approve_%s")
        if first
        else None,
        "choose": choose,
        "back": SendBackForm(initial=initial | {"reason": ask}, auto_id="back_%s"),
        "renew": RenewForm(auto_id="renew_%s"),
    }
    return {"forms": forms | bound}


def _reassign_page(request: HttpRequest, ticket: Ticket, form, suggestion, holder) -> HttpResponse:
    others = [each for each in suggestion.ranked if holder is None or each.worker_id != holder.pk]
    candidates = [proposals.candidate_json(each) for each in others[:SHOWN]]
    at = now()
    context = {
        "ticket": ticket,
        "form": form,
        "holder": queries.posts([holder], request.user, at=at)[0] if holder else None,
        "rows": _rows(candidates, request, at=at),
        "walked": ladder.walked([each.step for each in others], suggestion.counts),
        "unlocks": _unlocks(ticket, suggestion),
        "crumbs": [
            ("派单复核", reverse("dispatch_queue")),
            ("已派未上门", reverse("dispatch_queue") + "?tab=sent"),
        ],
    }
    return render(request, "dispatch/reassign.html", context, status=422 if form.is_bound else 200)
