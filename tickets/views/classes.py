"""待我审批, and the pages where classes are changed, allowed more time, answered and explained (SL-06)."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods

from tickets import class_queries, classes, rules, workflow
from tickets.forms.classes import AnswerForm, ClassForm, DecideForm, OverrunForm, StatementForm
from tickets.models import Class, ClassCase, Ticket
from tickets.views.shared import act_once, actor_of, replays, step_taken, ticket_or_404


@require_GET
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for the word of this manager or director."""
    user = request.user
    if not (user.has_perm("tickets.supervise_ticket") or user.has_perm("tickets.direct_accident")):
        raise PermissionDenied("待我审批由主管、经理和负责人办理。")
    return render(request, "tickets/approvals.html", class_queries.waiting_for(user) | {"now": now()})


@require_http_methods(["GET", "POST"])
@replays
def change(request: HttpRequest, number: str) -> HttpResponse:
    """Raise the class by hand, or take it back with the right to."""
    ticket, actor = ticket_or_404(request, number), actor_of(request)
    offered = class_queries.offered_classes(ticket, actor)
    if not offered and workflow.MAY_RAISE(ticket, actor):
        return step_taken(request, workflow.StepTaken(ticket), back_url=_back(ticket))
    if not offered:
        raise PermissionDenied("调整类别由信息员、派单员、主管或经理办理。")
    form = ClassForm(request.POST if request.method == "POST" else None, offered=offered)

    def act() -> None:
        to, facts = form.cleaned_data["severity"], {"by": actor, "at": now(), "reason": form.reason}
        if to == Class.ACCIDENT:
            classes.raise_accident(ticket=ticket, **facts)
        elif to == Class.IMPORTANT and ticket.severity == Class.DAILY:
            classes.raise_important(ticket=ticket, **facts)
        else:
            classes.lower(ticket=ticket, to=to, **facts)

    return _form_page(request, ticket, form, act, title="调整类别", submit="保存类别")


@require_http_methods(["GET", "POST"])
@replays
def overrun(request: HttpRequest, number: str) -> HttpResponse:
    """Allow a 重要 ticket more time, or not."""
    ticket, actor = _for(request, number, rules.may_supervise, "超期审批由主管或经理办理。")
    case = ClassCase.objects.filter(ticket=ticket).first()
    if case is None or case.asked_at is None:
        return step_taken(request, workflow.StepTaken(ticket), back_url=reverse("desk_approvals"))
    form = OverrunForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        until = form.cleaned_data["until"]
        classes.decide_overrun(ticket=ticket, until=until, reason=form.reason, by=actor, at=now())

    return _form_page(
        request, ticket, form, act, title="超期审批", submit="提交审批", case=case, back="desk_approvals"
    )


@require_http_methods(["GET", "POST"])
@replays
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """The director's answer to the owner of an accident."""
    ticket, actor = _for(request, number, rules.may_direct, "事故答复由负责人办理。")
    case = ClassCase.objects.filter(ticket=ticket).first()
    if ticket.severity != Class.ACCIDENT or case is None or case.answered_at:
        return step_taken(request, workflow.StepTaken(ticket), back_url=_back(ticket))
    form = AnswerForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        classes.answer_accident(ticket=ticket, answer=form.cleaned_data["answer"], by=actor, at=now())

    return _form_page(request, ticket, form, act, title="事故答复", submit="答复业主", case=case)


@require_http_methods(["GET", "POST"])
@replays
def statement(request: HttpRequest, number: str) -> HttpResponse:
    """Write the accident statement; the last one, where it was sent back, is there to be mended."""
    ticket, actor = _for(
        request, number, workflow.NOTES["submit_statement"].rule, "事故说明由工程师、主管或经理编写。"
    )
    last = ticket.statements.select_related("decided_by", "made_by").first()
    if ticket.severity != Class.ACCIDENT or (last and last.approved is not False):
        return step_taken(request, workflow.StepTaken(ticket), back_url=_back(ticket))
    initial = {name: getattr(last, name) for name in StatementForm.base_fields if hasattr(last, name)}
    form = StatementForm(request.POST if request.method == "POST" else None, initial=initial)

    def act() -> None:
        classes.submit_statement(ticket=ticket, words=form.words(), by=actor, at=now())

    draft = f"statement-{ticket.number}"
    return _form_page(
        request, ticket, form, act, title="事故说明", submit="提交审批", returned=last, draft=draft
    )


@require_http_methods(["GET", "POST"])
@replays
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """Approve the statement, or send it back."""
    ticket, actor = _for(request, number, rules.may_direct, "事故说明由负责人审批。")
    waiting = ticket.statements.filter(approved__isnull=True).select_related("made_by").first()
    if waiting is None:
        return step_taken(request, workflow.StepTaken(ticket), back_url=_back(ticket))
    form = DecideForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        approved = form.cleaned_data["decision"] == "approve"
        classes.decide_statement(
            statement=waiting, approved=approved, remark=form.cleaned_data["remark"], by=actor, at=now()
        )

    return _form_page(
        request,
        ticket,
        form,
        act,
        title="审批事故说明",
        submit="提交审批",
        statement=waiting,
        back="desk_approvals",
    )


def _for(request: HttpRequest, number: str, rule: rules.Rule, refusal: str):
    ticket, actor = ticket_or_404(request, number), actor_of(request)
    if not rule(ticket, actor):
        raise PermissionDenied(refusal)
    return ticket, actor


def _back(ticket: Ticket) -> str:
    return reverse("ticket", args=[ticket.number])


def _form_page(
    request: HttpRequest, ticket: Ticket, form, act: Callable[[], None], *, title: str, back: str = "", **more
) -> HttpResponse:
    """Show the form, or do what it says once and go back."""
    target = reverse(back) if back else _back(ticket)
    if request.method == "GET" or not form.is_valid():
        crumbs = [("工单", reverse("desk_tickets")), (ticket.number, _back(ticket))]
        context = {"ticket": ticket, "form": form, "title": title, "crumbs": crumbs, "cancel": target} | more
        return render(request, "tickets/class_form.html", context, status=422 if form.is_bound else 200)

    def once() -> str:
        act()
        messages.success(request, f"{ticket.number}：{title}已完成。")
        return target

    return act_once(request, form, once, back_url=target)
