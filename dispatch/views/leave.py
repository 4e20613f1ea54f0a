"""Leave on the worker's phone and on the supervisor's desk (DI-08)."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.forms import KeyedForm
from dispatch import leaves, roster_week
from dispatch.leave_forms import DecideForm, LeaveForForm, LeaveForm
from dispatch.models import Leave, Visit, Worker
from dispatch.views.queue import PER_PAGE, may_dispatch
from tickets.models import Ticket
from tickets.views.shared import act_once, replays

may_decide = permission_required("dispatch.decide_leave", raise_exception=True)
# Shifts ahead, and leaves of the past, that a worker sees.
AHEAD, SHOWN = 14, 20


def asks(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Own workers ask for leave here; a company's people do not (DI-08)."""

    @wraps(view)
    def checked(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not leaves.may_ask(request.user):
            raise PermissionDenied("排班与请假只对自有班组开放。")
        return view(request, *args, **kwargs)

    return checked


@require_http_methods(["GET", "POST"])
@asks
def mine(request: HttpRequest) -> HttpResponse:
    """My shifts of two weeks, my leaves, and a form for the next one."""
    worker = Worker.objects.filter(user=request.user).first()
    if request.method == "GET":
        return _mine(request, worker, LeaveForm())
    if worker is None:
        raise PermissionDenied("您还没有登记为维修人员。")
    form = LeaveForm(request.POST)
    if not form.is_valid():
        return _mine(request, worker, form)

    def act() -> str:
        chosen = form.cleaned_data
        leaves.ask(worker=worker, span=form.span, kind=chosen["kind"], reason=chosen["reason"], at=now())
        messages.success(request, "已提交，主管审批后会通知您。")
        return reverse("field_leave")

    try:
        return act_once(request, form, act, back_url=reverse("field_leave"))
    except leaves.LeaveRefused as error:
        form.add_error("first", str(error))
        return _mine(request, worker, form)


def _mine(request: HttpRequest, worker: Worker | None, form: LeaveForm) -> HttpResponse:
    context = {"worker": worker, "form": form, "key_form": KeyedForm}
    if worker:
        today = roster_week.local_day(now())
        days = [today + timedelta(days=number) for number in range(AHEAD)]
        [row] = roster_week.rows_of([worker], days)
        found = worker.leaves.order_by("-asked_at")[:SHOWN]
        context |= {
            "shifts": [(cell, roster_week.day_word(cell.day)) for cell in row.cells],
            "leaves": [(each, leaves.span_words(each), _withdrawable(each)) for each in found],
        }
    return render(request, "dispatch/field_leave.html", context, status=422 if form.is_bound else 200)


def _withdrawable(leave: Leave) -> bool:
    return leave.state in leaves.HOLDING and leave.span.upper > now()


@require_POST
@asks
@replays
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take my own leave back."""
    leave = get_object_or_404(Leave.objects.filter(worker__user=request.user), pk=pk)
    form = KeyedForm(request.POST)
    back = reverse("field_leave")
    if not form.is_valid():
        return _mine(request, leave.worker, LeaveForm(request.POST))

    def act() -> str:
        leaves.withdraw(leave=leave)
        messages.success(request, "已撤回。")
        return back

    try:
        return act_once(request, form, act, back_url=back)
    except leaves.LeaveRefused as error:
        messages.error(request, str(error))
        return _mine(request, leave.worker, LeaveForm())


@require_GET
@may_dispatch
def index(request: HttpRequest) -> HttpResponse:
    """Leaves to decide on, those to come, and the visits that clash with one."""
    at, tab = now(), request.GET.get("tab", "")
    seen = Leave.objects.visible_to(request.user).select_related("worker__user", "decided_by")
    clash = clashes_of(request.user, at)
    lists = {
        "": seen.filter(state=Leave.State.ASKED).order_by("span"),
        "approved": seen.filter(state=Leave.State.APPROVED, span__endswith__gt=at).order_by("span"),
        "all": seen.order_by("-asked_at"),
        "clash": clash,
    }
    tab = tab if tab in lists else ""
    page = Paginator(lists[tab], PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": tab,
        "tabs": _tabs(tab, lists),
        "page_obj": page,
        "rows": [] if tab == "clash" else [(each, leaves.span_words(each)) for each in page],
        "visits": page if tab == "clash" else [],
        "may_decide": request.user.has_perm("dispatch.decide_leave"),
    }
    return render(request, "dispatch/leaves.html", context)


def clashes_of(user, at):
    """The clashing visits of the tickets that this user may see."""
    return leaves.clashing(at).filter(ticket__in=Ticket.objects.visible_to(user))


def _tabs(tab: str, lists: dict) -> list[dict]:
    labels = {"": "待审批", "approved": "已批准", "clash": "预约冲突", "all": "全部"}
    home = reverse("dispatch_leaves")
    return [
        {
            "label": label,
            "url": f"{home}?tab={name}" if name else home,
            "current": name == tab,
            "count": None if name == "all" else lists[name].order_by().count(),
        }
        for name, label in labels.items()
    ]


@require_http_methods(["GET", "POST"])
@may_dispatch
@may_decide
def ask_for(request: HttpRequest) -> HttpResponse:
    """Write a leave down for somebody who rang."""
    form = LeaveForForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            chosen = form.cleaned_data
            leave = leaves.ask(
                worker=chosen["worker"],
                span=form.span,
                kind=chosen["kind"],
                reason=chosen["reason"],
                at=now(),
            )
            return reverse("dispatch_leave", args=[leave.pk])

        try:
            return act_once(request, form, act, back_url=reverse("dispatch_leaves"))
        except leaves.LeaveRefused as error:
            form.add_error("first", str(error))
    context = {"form": form, "crumbs": [("请假", reverse("dispatch_leaves"))]}
    return render(request, "dispatch/leave_new.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@may_dispatch
@replays
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A leave, the visits it would touch, and the decision for who may take it."""
    seen = Leave.objects.visible_to(request.user).select_related("worker__user", "worker__area", "decided_by")
    leave = get_object_or_404(seen, pk=pk)
    if request.method == "GET":
        return _one(request, leave, DecideForm())
    if not request.user.has_perm("dispatch.decide_leave"):
        raise PermissionDenied("您的岗位不能审批请假。")
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _one(request, leave, form)

    def act() -> str:
        chosen = form.cleaned_data
        yes = chosen["decision"] == "approve"
        decided = leaves.decide(leave=leave, approve=yes, answer=chosen["answer"], by=request.user, at=now())
        messages.success(request, f"{leave.worker}的请假{decided.get_state_display()}。")
        return reverse("dispatch_leave", args=[leave.pk])

    try:
        return act_once(request, form, act, back_url=reverse("dispatch_leaves"))
    except leaves.LeaveRefused as error:
        form.add_error(None, str(error))
        return _one(request, leave, form)


def _one(request: HttpRequest, leave: Leave, form: DecideForm) -> HttpResponse:
    visits: list[Visit] = leaves.visits_in(leave)
    seen = set(
        Ticket.objects.visible_to(request.user)
        .filter(pk__in=[each.ticket_id for each in visits])
        .values_list("pk", flat=True)
    )
    context = {
        "leave": leave,
        "span": leaves.span_words(leave),
        "form": form,
        "visits": [each for each in visits if each.ticket_id in seen],
        "hidden": sum(each.ticket_id not in seen for each in visits),
        "deciding": leave.state == Leave.State.ASKED and request.user.has_perm("dispatch.decide_leave"),
        "crumbs": [("请假", reverse("dispatch_leaves"))],
    }
    return render(request, "dispatch/leave.html", context, status=422 if form.is_bound else 200)
