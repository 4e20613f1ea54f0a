"""Following a ticket, cases of several rooms, and the housekeeper's care tasks (IN-09, IN-18, IN-21)."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.pages import CappedPaginator
from tickets import care, cases, following, pages, rules, workflow
from tickets.forms.ties import CareForm, CaseForm, FollowForm, JoinForm, OpenCaseForm
from tickets.models import CareTask, Case, CaseTicket, Ticket
from tickets.views.desk import may_see_desk
from tickets.views.shared import act_once, actor_of, replays, step_taken, ticket_or_404

PER_PAGE = 50


def _ticket_to_work_on(request: HttpRequest, number: str) -> Ticket:
    ticket = ticket_or_404(request, number)
    if not rules.works_on_tickets(ticket, actor_of(request)):
        raise PermissionDenied("由客服前台或负责工单的岗位办理。")
    return ticket


def _ticket_crumbs(ticket: Ticket) -> list[tuple[str, str]]:
    return [("工单", reverse("desk_tickets")), (ticket.number, reverse("ticket", args=[ticket.number]))]


# -- followers -----------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@replays
def follow(request: HttpRequest, number: str) -> HttpResponse:
    """A further caller follows this ticket instead of getting one; the intake form may be sent here."""
    ticket = _ticket_to_work_on(request, number)
    back = reverse("ticket", args=[ticket.number])
    if not workflow.may(ticket, "follow", actor_of(request)):
        return step_taken(request, workflow.StepTaken(ticket), back_url=back)
    form = FollowForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "GET" or not form.is_valid():
        return _follow_page(request, ticket, form)

    def act() -> str:
        caller = form.caller()
        follower = following.follow(ticket=ticket, caller=caller, by=actor_of(request), at=now())
        messages.success(
            request, f"{follower.name or '来电人'}已跟进 {ticket.number}，有进展会短信告知。没有另开工单。"
        )
        return back

    try:
        return act_once(request, form, act, back_url=back)
    except following.IsReporter as error:
        form.add_error("reporter_phone", str(error))
        return _follow_page(request, ticket, form)


def _follow_page(request: HttpRequest, ticket: Ticket, form: FollowForm) -> HttpResponse:
    context = {"ticket": ticket, "form": form, "crumbs": _ticket_crumbs(ticket)}
    return render(request, "tickets/follow.html", context, status=200 if request.method == "GET" else 422)


# -- cases ---------------------------------------------------------------------


@require_GET
@may_see_desk
def case_list(request: HttpRequest) -> HttpResponse:
    """The cases of the user's estates, the newest first."""
    rows = Case.objects.visible_to(request.user).select_related("estate", "responsible")
    page = CappedPaginator(rows.prefetch_related("links__ticket"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "tickets/cases.html", {"page_obj": page})


@require_http_methods(["GET", "POST"])
@replays
def ticket_case(request: HttpRequest, number: str) -> HttpResponse:
    """Open a case from this ticket; a ticket that has one leads to it."""
    ticket = _ticket_to_work_on(request, number)
    link = CaseTicket.objects.filter(ticket=ticket).first()
    if link:
        return redirect("desk_case", pk=link.case_id)
    initial = {"title": cases.title_for(ticket), "responsible": cases.default_responsible(ticket.estate_id)}
    data = request.POST if request.method == "POST" else None
    form = OpenCaseForm(data, initial=initial, user=request.user, ticket=ticket)
    if request.method == "GET" or not form.is_valid():
        return _open_case_page(request, ticket, form)

    def act() -> str:
        side = cases.Side(form.cleaned_data["side"])
        others = [(each, cases.OTHER_SIDE[side]) for each in form.cleaned_data["others"]]
        tickets = [(ticket, side), *others]
        case = cases.open_case(facts=form.facts(), tickets=tickets, by=actor_of(request), at=now())
        messages.success(request, f"已关联{len(tickets)}张工单，由{case.responsible.full_name}负责。")
        return reverse("desk_case", args=[case.pk])

    try:
        return act_once(request, form, act, back_url=reverse("ticket", args=[ticket.number]))
    except cases.CannotJoin as error:
        form.add_error("others", str(error))
        return _open_case_page(request, ticket, form)


def _open_case_page(request: HttpRequest, ticket: Ticket, form: OpenCaseForm) -> HttpResponse:
    context = {
        "ticket": ticket,
        "form": form,
        "near": cases.near(request.user, ticket.unit) if ticket.unit else [],
        "crumbs": _ticket_crumbs(ticket),
    }
    return render(request, "tickets/case_open.html", context, status=200 if request.method == "GET" else 422)


def _case(request: HttpRequest, pk: int) -> Case:
    rows = Case.objects.visible_to(request.user).select_related("estate", "responsible", "opened_by")
    return get_object_or_404(rows, pk=pk)


@require_GET
@may_see_desk
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One cause on one page: both sides, who is responsible, everything that happened."""
    return _case_page(request, _case(request, pk))


def _case_page(request: HttpRequest, row: Case, *, form=None, join=None, status: int = 200) -> HttpResponse:
    initial = {"title": row.title, "responsible": row.responsible_id, "cause": row.cause}
    links = row.links.select_related("ticket__fault", "ticket__handler").order_by("pk")
    context = {
        "case": row,
        "sides": [
            (label, [link.ticket for link in links if link.side == side])
            for side, label in cases.Side.choices
        ],
        "events": pages.case_timeline(cases.events_of(row)),
        "may_work": cases.may_work(row, actor_of(request)),
        "form": form or CaseForm(initial=initial, estate_id=row.estate_id),
        "join_form": join or JoinForm(user=request.user, estate_id=row.estate_id),
        "crumbs": [("关联案件", reverse("desk_cases"))],
    }
    return render(request, "tickets/case.html", context, status=status)


def _case_to_work_on(request: HttpRequest, pk: int) -> Case:
    row = _case(request, pk)
    if not cases.may_work(row, actor_of(request)):
        raise PermissionDenied("关联案件由负责本项目的岗位办理。")
    return row


@require_POST
@may_see_desk
@replays
def case_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another title, cause or responsible person."""
    row = _case_to_work_on(request, pk)
    form = CaseForm(request.POST, estate_id=row.estate_id)
    if not form.is_valid():
        return _case_page(request, row, form=form, status=422)

    def act() -> str:
        cases.change(case=row, facts=form.facts(), by=actor_of(request), at=now())
        messages.success(request, "已保存案由、负责人与原因。")
        return reverse("desk_case", args=[pk])

    return act_once(request, form, act)


@require_POST
@may_see_desk
@replays
def case_join(request: HttpRequest, pk: int) -> HttpResponse:
    """Add tickets to one side of the case."""
    row = _case_to_work_on(request, pk)
    form = JoinForm(request.POST, user=request.user, estate_id=row.estate_id)
    if not form.is_valid():
        return _case_page(request, row, join=form, status=422)

    def act() -> str:
        for ticket in form.cleaned_data["numbers"]:
            side = form.cleaned_data["side"]
            cases.join(case=row, ticket=ticket, side=side, by=actor_of(request), at=now())
        messages.success(request, f"已添加{len(form.cleaned_data['numbers'])}张工单。")
        return reverse("desk_case", args=[pk])

    try:
        return act_once(request, form, act)
    except cases.CannotJoin as error:
        form.add_error("numbers", str(error))
        return _case_page(request, row, join=form, status=422)


# -- care ----------------------------------------------------------------------

may_care = permission_required([care.MAY, "tickets.view_estate_tickets"], raise_exception=True)


@require_GET
@may_care
def care_list(request: HttpRequest) -> HttpResponse:
    """Owners to look after, the most urgent first, and what was done of late."""
    done = CareTask.objects.visible_to(request.user).exclude(done_at=None).order_by("-done_at")
    context = {
        "now": now(),
        "tasks": care.waiting(request.user)[:200],
        "page_obj": CappedPaginator(done.select_related("ticket", "done_by"), PER_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "tickets/care_list.html", context)


@require_http_methods(["GET", "POST"])
@may_care
@replays
def care_task(request: HttpRequest, pk: int) -> HttpResponse:
    """One owner to look after: what for, since when, and what they said."""
    rows = CareTask.objects.visible_to(request.user).select_related(
        "ticket__fault", "ticket__estate", "done_by"
    )
    task = get_object_or_404(rows, pk=pk)
    form = CareForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        context = {"task": task, "ticket": task.ticket, "form": form, "now": now()}
        context["crumbs"] = [("一对一跟进", reverse("desk_care"))]
        status = 200 if request.method == "GET" else 422
        return render(request, "tickets/care_task.html", context, status=status)

    def act() -> str:
        care.finish(task=task, note=form.cleaned_data["note"], by=actor_of(request), at=now())
        messages.success(request, f"已记下对{task.ticket.reporter_name}的跟进。")
        return reverse("desk_care")

    try:
        return act_once(request, form, act)
    except care.AlreadyDone as error:
        context = {"text": str(error), "back_url": reverse("desk_care")}
        return render(request, "core/taken.html", context, status=409)
