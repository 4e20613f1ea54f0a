"""The engineer's word on a fault, and the joint visits where nobody can say (DI-13, WA-02)."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.store import RefusedFile
from tickets import joint, pages, reads, responsibility, rules, workflow
from tickets.forms.responsibility import CancelJointForm, JointForm, ProtocolForm, RulingForm
from tickets.models import JointVisit, Ticket
from tickets.requirements import ruling_of
from tickets.views.shared import act_once, actor_of, replays, ticket_or_404

PER_PAGE = 50
judges = permission_required(["tickets.judge_ticket", "tickets.view_estate_tickets"], raise_exception=True)
sees = permission_required("tickets.view_estate_tickets", raise_exception=True)


@require_GET
@judges
def listing(request: HttpRequest) -> HttpResponse:
    """Tickets that wait for the engineer's word, those in dispute first."""
    found = responsibility.waiting(request.user)
    context = {
        "page_obj": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "visits": joint.planned_for(request.user),
        "now": now(),
    }
    return render(request, "tickets/responsibility_list.html", context)


@require_http_methods(["GET", "POST"])
@sees
@replays
def ruling(request: HttpRequest, number: str) -> HttpResponse:
    """The verdict of the machine, photos and earlier words; the engineer's ruling beside them."""
    ticket = ticket_or_404(request, number)
    may = workflow.may(ticket, "rule", actor_of(request))
    if request.method == "GET":
        return _ruling_page(request, ticket, RulingForm(ticket=ticket) if may else None)
    if not rules.may_judge(ticket, actor_of(request)):
        raise PermissionDenied("专业与责任由房修工程师确认。")
    form = RulingForm(request.POST, ticket=ticket)
    if not form.is_valid():
        return _ruling_page(request, ticket, form)
    back = reverse("ticket", args=[number])

    def act() -> str:
        responsibility.confirm(ticket=ticket, by=actor_of(request), at=now(), **form.values())
        messages.success(request, f"{number}：责任已确认。")
        return back

    return act_once(request, form, act, back_url=back)


def _ruling_page(request: HttpRequest, ticket: Ticket, form: RulingForm | None) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "ticket": ticket,
        "form": form,
        "ruling": ruling_of(ticket),
        "rulings": ticket.rulings.select_related("trade", "made_by").order_by("-pk"),
        "visits": ticket.joint_visits.select_related("housekeeper", "engineer").order_by("-pk"),
        "evidence": pages.evidence_items(reads.evidence_of(ticket)),
        "may_plan": workflow.may(ticket, "plan_joint", actor),
        "crumbs": _crumbs(request, ticket),
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "tickets/responsibility.html", context, status=status)


def _crumbs(request: HttpRequest, ticket: Ticket) -> list[tuple[str, str]]:
    """To the list, for those whose list it is, and to the ticket."""
    first = ("工单", reverse("desk_tickets"))
    if request.user.has_perm("tickets.judge_ticket"):
        first = ("责任确认", reverse("desk_responsibility"))
    return [first, (ticket.number, reverse("ticket", args=[ticket.number]))]


@require_http_methods(["GET", "POST"])
@sees
@replays
def joint_new(request: HttpRequest, number: str) -> HttpResponse:
    """Agree on a joint visit: when, who, and what is unclear."""
    ticket = ticket_or_404(request, number)
    if not workflow.may(ticket, "plan_joint", actor_of(request)):
        raise PermissionDenied("联合踏勘由工程师或派单员约定。")
    data = request.POST if request.method == "POST" else None
    form = JointForm(data, ticket=ticket, user=request.user)
    if request.method == "GET" or not form.is_valid():
        return _joint_form(request, ticket, form)
    back = reverse("ticket_responsibility", args=[number])

    def act() -> str:
        visit = joint.plan(ticket=ticket, by=actor_of(request), at=now(), **form.values())
        messages.success(request, "联合踏勘已约定，管家、工程师和业主都会收到通知。")
        return reverse("desk_joint", args=[visit.pk])

    try:
        return act_once(request, form, act, back_url=back)
    except joint.AlreadyPlanned as error:
        form.add_error("starts_at", str(error))
        return _joint_form(request, ticket, form)


def _joint_form(request: HttpRequest, ticket: Ticket, form: JointForm) -> HttpResponse:
    context = {"ticket": ticket, "form": form, "crumbs": _crumbs(request, ticket)}
    return render(request, "tickets/joint_new.html", context, status=422 if form.is_bound else 200)


def _visit(request: HttpRequest, pk: int) -> JointVisit:
    rows = JointVisit.objects.visible_to(request.user).select_related(
        "ticket__fault", "ticket__estate", "housekeeper", "engineer", "ended_by"
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "POST"])
@sees
@replays
def joint_visit(request: HttpRequest, pk: int) -> HttpResponse:
    """One joint visit: who and when; its protocol with photos and result, written by one of both."""
    visit = _visit(request, pk)
    may = rules.works_on_tickets(visit.ticket, actor_of(request))
    if request.method == "GET":
        return _joint_page(request, visit, ProtocolForm() if may else None)
    if not may:
        raise PermissionDenied("踏勘记录由参加的管家或工程师填写。")
    form = ProtocolForm(request.POST, request.FILES)
    if not form.is_valid():
        return _joint_page(request, visit, form)

    def act() -> str:
        data = {name: form.cleaned_data[name] for name in ("protocol", "party", "photos")}
        joint.hold(visit=visit, by=actor_of(request), at=now(), **data)
        messages.success(request, "踏勘记录已保存，管家和工程师都会收到结果。")
        return reverse("desk_joint", args=[pk])

    try:
        return act_once(request, form, act)
    except joint.NotPlanned as error:
        return _over(request, error)
    except RefusedFile as error:
        form.add_error("photos", str(error))
        return _joint_page(request, visit, form)


def _over(request: HttpRequest, error: joint.NotPlanned) -> HttpResponse:
    back = reverse("desk_joint", args=[error.visit.pk])
    return render(request, "core/taken.html", {"text": str(error), "back_url": back}, status=409)


def _joint_page(request: HttpRequest, visit: JointVisit, form, cancel=None) -> HttpResponse:
    open_ = visit.state == JointVisit.State.PLANNED and form is not None
    context = {
        "visit": visit,
        "ticket": visit.ticket,
        "form": form if open_ else None,
        "cancel_form": (cancel or CancelJointForm(auto_id="cancel_%s")) if open_ else None,
        "evidence": pages.evidence_items(visit.ticket.evidence.filter(stage="joint")),
        "now": now(),
        "crumbs": _crumbs(request, visit.ticket),
    }
    bound = any(each is not None and each.is_bound for each in (form, cancel))
    return render(request, "tickets/joint.html", context, status=422 if bound else 200)


@require_POST
@sees
@replays
def joint_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """It does not take place, and why."""
    visit = _visit(request, pk)
    if not rules.works_on_tickets(visit.ticket, actor_of(request)):
        raise PermissionDenied("联合踏勘由参加的管家或工程师取消。")
    form = CancelJointForm(request.POST, auto_id="cancel_%s")
    if not form.is_valid():
        return _joint_page(request, visit, ProtocolForm(), form)

    def act() -> str:
        joint.cancel(visit=visit, reason=form.cleaned_data["reason"], by=actor_of(request), at=now())
        messages.success(request, "联合踏勘已取消。")
        return reverse("ticket_responsibility", args=[visit.ticket.number])

    try:
        return act_once(request, form, act)
    except joint.NotPlanned as error:
        return _over(request, error)
