"""The reviewer plans a day, changes what a person knows better, and confirms (DI-10)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from core.forms import KeyedForm
from planning import board, edits, placements, runs, solver
from planning.forms import ConfirmForm, MoveForm, PlanForm, VersionForm
from planning.models import DayPlan
from planning.problem import problem_of
from tickets.views.shared import act_once

SHOWN, LEFT_SHOWN = 20, 100
may_dispatch = permission_required("tickets.dispatch_ticket", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_dispatch
def home(request: HttpRequest) -> HttpResponse:
    """The plans made so far; POST asks for another."""
    if request.method != "POST":
        return _home(request, PlanForm(user=request.user, at=now()))
    form = PlanForm(request.POST, user=request.user, at=now())
    if not form.is_valid():
        if form.names_foreign_estate:
            raise Http404
        return _home(request, form, status=422)
    estates = form.chosen_estates()
    if not estates:
        form.add_error("estates", "您还没有负责的项目，无法排程。")
        return _home(request, form, status=422)

    def act() -> str:
        plan = runs.request_plan(by=request.user, day=form.cleaned_data["day"], estates=estates, at=now())
        return reverse("planning_plan", args=[plan.pk])

    return act_once(request, form, act, back_url=reverse("planning_home"))


def _home(request: HttpRequest, form: PlanForm, status: int = 200) -> HttpResponse:
    plans = DayPlan.objects.visible_to(request.user).light()
    context = {
        "form": form,
        "plans": plans.select_related("requested_by").prefetch_related("estates")[:SHOWN],
        "solver": solver.is_installed(),
    }
    return render(request, "planning/home.html", context, status=status)


@require_GET
@may_dispatch
@vary_on_headers("HX-Request")
def plan_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a plan is, then the plan; htmx asks for that part alone."""
    return _page(request, _plan(request, pk))


@require_POST
@may_dispatch
def restart(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a failed plan again."""
    plan = _plan(request, pk)
    form = KeyedForm(request.POST)
    if not form.is_valid():
        return _page(request, plan, status=422)

    def act() -> str:
        runs.restart(plan=plan, at=now())
        return _address(plan)

    return act_once(request, form, act, back_url=_address(plan))


@require_POST
@may_dispatch
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a ticket to another worker or time."""
    plan = _finished(request, pk)
    form = MoveForm(request.POST, problem=problem_of(plan.problem))
    if not form.is_valid():
        return _page(request, plan, move=form, status=422)

    def act() -> str:
        given = form.cleaned_data
        _, soft = edits.move(
            plan=plan,
            job=given["job"],
            worker=given["worker"],
            start=form.minute,
            version=given["version"],
            by=request.user,
            at=now(),
        )
        words = "；".join(dict.fromkeys(each.words for each in soft))
        (messages.warning if words else messages.success)(request, f"已调整。{words}")
        return f"{_address(plan)}?page={request.POST.get('page', '')}"

    return _edit(request, plan, form, act, "move")


@require_POST
@may_dispatch
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the latest change."""
    plan = _finished(request, pk)
    form = VersionForm(request.POST)
    if not form.is_valid():
        return _page(request, plan, undo=form, status=422)

    def act() -> str:
        edit = edits.undo(plan=plan, version=form.cleaned_data["version"], by=request.user, at=now())
        messages.success(request, f"已撤销：{edit.words}。")
        return _address(plan)

    return _edit(request, plan, form, act, "undo")


@require_POST
@may_dispatch
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the chosen tickets sent and booked."""
    plan = _finished(request, pk)
    form = ConfirmForm(request.POST, problem=problem_of(plan.problem))
    if not form.is_valid():
        return _page(request, plan, confirm=form, status=422)

    def act() -> str:
        given = form.cleaned_data
        count = placements.confirm(
            plan=plan, jobs=form.chosen, version=given["version"], by=request.user, at=now()
        )
        messages.success(request, f"已确认 {count} 单，正在逐单派单；结果见下表。")
        return _address(plan)

    return _edit(request, plan, form, act, "confirm")


def _edit(request: HttpRequest, plan: DayPlan, form: Any, act: Callable[[], str], name: str) -> HttpResponse:
    """Do it once; what is refused stands at the form, what somebody else changed shows the new plan."""
    try:
        return act_once(request, form, act, back_url=_address(plan))
    except edits.Refused as error:
        form.add_error(None, str(error))
        return _page(request, plan, status=422, **{name: form})
    except edits.Overtaken as error:
        messages.warning(request, str(error))
        # htmx shows no other refusal than this one.
        return _page(request, _plan(request, plan.pk), status=422 if request.htmx else 409)


def _plan(request: HttpRequest, pk: int) -> DayPlan:
    plans = DayPlan.objects.visible_to(request.user).select_related("requested_by")
    return get_object_or_404(plans, pk=pk)


def _finished(request: HttpRequest, pk: int) -> DayPlan:
    plan = _plan(request, pk)
    if plan.state != DayPlan.State.DONE:
        raise Http404
    return plan


def _address(plan: DayPlan) -> str:
    return reverse("planning_plan", args=[plan.pk])


def _page(request: HttpRequest, plan: DayPlan, *, status: int = 200, **bound: Any) -> HttpResponse:
    context = {
        "plan": plan,
        "solver": solver.is_installed(),
        "crumbs": [("派单复核", reverse("dispatch_queue")), ("整日排程", reverse("planning_home"))],
    }
    if plan.state == DayPlan.State.DONE:
        context |= _board(request, plan, bound)
        part = "planning/_board.html"
    else:
        context["restart"] = KeyedForm()
        part = "planning/_progress.html"
    template = part if request.htmx else "planning/plan.html"
    return render(request, template, context | {"part": part}, status=status)


def _board(request: HttpRequest, plan: DayPlan, bound: dict[str, Any]) -> dict[str, Any]:
    placed = list(plan.placements.select_related("worker__user"))
    shown = board.Board(plan, placed)
    page = Paginator(shown.rows, board.PER_PAGE).get_page(request.GET.get("page") or request.POST.get("page"))
    lines = [line for row in page for line in row.lines]
    asked = _asked(request, shown)
    left = [each.job.key for each in shown.left[:LEFT_SHOWN]]
    offered = {*(line.job.key for line in lines), *left, asked["job"]}
    version = {"version": plan.version}
    forms = {
        "move": MoveForm(problem=shown.problem, offered=offered, initial=version | asked, auto_id="move_%s"),
        "undo": VersionForm(initial=version, auto_id="undo_%s"),
        "confirm": ConfirmForm(problem=shown.problem, initial=version, auto_id="confirm_%s"),
    }
    return {
        "board": shown,
        "page_obj": page,
        "lines": lines,
        "left": shown.left[:LEFT_SHOWN],
        "forms": forms | bound,
        "edits": plan.edits.filter(undone=False).select_related("by")[:5],
        "at_work": any(each.state == "waiting" for each in placed),
        "open": sum(not line.firm for row in shown.rows for line in row.lines),
    }


def _asked(request: HttpRequest, shown: board.Board) -> dict[str, Any]:
    """What the form to move begins with: the ticket of the link, where it stands now."""
    key = request.GET.get("job", "")
    for row in shown.rows:
        for line in row.lines:
            if str(line.job.key) == key:
                return {"job": line.job.key, "worker": row.worker.key, "start": line.start}
    return {"job": int(key) if key.isdecimal() else "", "start": "09:00"}
