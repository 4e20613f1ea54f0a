"""Emergencies: the list, the start with its preview, the page of progress on desk, wall and phone (DI-09)."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from dispatch.emergency import activation as verbs
from dispatch.emergency import progress, reach, telling
from dispatch.emergency_forms import HeldFilter, OrderForm, StartForm
from dispatch.models import Activation, EmergencyPlan, Held
from estates.models import Estate
from tickets import queries as ticket_queries
from tickets import rules
from tickets.models import Ticket
from tickets.views.shared import act_once, actor_of

PER_PAGE = 30
may_see = permission_required("dispatch.view_activation", raise_exception=True)
may_command = permission_required(verbs.COMMAND, raise_exception=True)


def find(request: HttpRequest, pk: int) -> Activation:
    """The activation if this user may know about it, else 404."""
    rows = Activation.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("plan", "commander", "started_by", "ended_by"), pk=pk)


@require_GET
@may_see
def index(request: HttpRequest) -> HttpResponse:
    """What is going on, the plans at hand, and what was, with its record."""
    rows = Activation.objects.visible_to(request.user).select_related("plan", "commander")
    over = rows.exclude(state=Activation.State.ACTIVE).select_related("record").prefetch_related("estates")
    context = {
        "going_on": rows.filter(state=Activation.State.ACTIVE).prefetch_related("estates"),
        "page_obj": Paginator(over, PER_PAGE).get_page(request.GET.get("page")),
        "plans": EmergencyPlan.objects.filter(active=True).prefetch_related("roles", "supplies", "faults"),
    }
    return render(request, "dispatch/emergencies.html", context)


@require_http_methods(["GET", "POST"])
@may_command
def new(request: HttpRequest) -> HttpResponse:
    """Start a plan: first what it would do is shown, then it is started."""
    if request.method == "GET":
        return _start_page(request, StartForm(initial=_initial(request), user=request.user))
    form = StartForm(request.POST, user=request.user)
    if not form.is_valid():
        return _start_page(request, form, status=422)
    if "show" in request.POST or not form.was_seen:
        return _start_page(request, form, shown=True)

    def act() -> str:
        at = now()
        activation = verbs.start(facts=form.facts(at), by=request.user, at=at)
        messages.success(request, f"{activation.plan.name}{'演练已开始' if activation.drill else '已启动'}。")
        return reverse("emergency", args=[activation.pk])

    try:
        return act_once(request, form, act, back_url=reverse("emergencies"))
    except verbs.BadStart as error:
        form.add_error(None, str(error))
        return _start_page(request, form, status=422)


def _initial(request: HttpRequest) -> dict:
    estates = list(Estate.objects.visible_to(request.user)[:2])
    plan = request.GET.get("plan", "")
    return {
        "plan": plan if plan.isdigit() else None,
        "estates": [each.pk for each in estates] if len(estates) == 1 else [],
        "commander": request.user.pk,
    }


def _start_page(
    request: HttpRequest, form: StartForm, *, shown: bool = False, status: int = 200
) -> HttpResponse:
    context = {"form": form, "crumbs": [("应急", reverse("emergencies"))]}
    if shown:
        data = form.cleaned_data
        context["preview"] = reach.preview(plan=data["plan"], estates=[each.pk for each in data["estates"]])
        context["until"] = form.facts(now()).until
        # Other data for the same form, so that the shown choice is the one that starts.
        form.data = form.data.copy()
        form.data["seen"] = form.choice
    return render(request, "dispatch/emergency_new.html", context, status=status)


@require_GET
@may_see
@vary_on_headers("HX-Request")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress; the page asks for itself, more often while the machine is at work."""
    return show_page(request, find(request, pk), OrderForm())


def show_page(
    request: HttpRequest, activation: Activation, form: OrderForm, *, status: int = 200
) -> HttpResponse:
    """The page with this order form, or what stands in it alone for htmx."""
    wall = "wall" in request.GET
    context = {
        "activation": activation,
        "estates": activation.estates.all(),
        "progress": progress.progress(activation, request.user),
        "may_command": activation.is_open and verbs.may_command(request.user, activation),
        "form": form,
        "wall": wall,
        "now": now(),
        "crumbs": [("应急", reverse("emergencies"))],
    }
    template = "emergency_wall.html" if wall else "emergency.html"
    if request.htmx:
        template = "_emergency.html"
    return render(request, f"dispatch/{template}", context, status=status)


@require_GET
@may_see
def held(request: HttpRequest, pk: int) -> HttpResponse:
    """The tickets that it holds, let go or excepted, within the reader's scope."""
    activation = find(request, pk)
    form = HeldFilter(request.GET)
    seen = Ticket.objects.visible_to(request.user)
    chosen = form.cleaned_data if form.is_valid() else {"q": "", "state": ""}
    rows = Held.objects.filter(
        activation=activation, ticket__in=ticket_queries.search(seen, chosen["q"]).order_by().values("pk")
    )
    if chosen["state"]:
        rows = rows.filter(state=chosen["state"])
    rows = rows.select_related("ticket__estate", "ticket__fault", "excepted_by").order_by(
        "state", "ticket__level", "ticket_id"
    )
    context = {
        "activation": activation,
        "form": form,
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "may_except": activation.is_open and request.user.has_perm("tickets.dispatch_ticket"),
        "crumbs": crumbs_of(activation),
    }
    return render(request, "dispatch/emergency_held.html", context)


def slot(request: HttpRequest, ticket: Ticket) -> dict[str, Any] | None:
    """What templates/dispatch/_held.html shows on the page of a ticket that an emergency holds."""
    if ticket.suspended_for != rules.HELD:
        return None
    rows = Held.objects.filter(ticket=ticket, state=Held.State.PAUSED)
    row = rows.select_related("activation__plan", "activation__commander").order_by("-pk").first()
    if row is None:
        return None
    pk = row.activation_id
    seen = Activation.objects.visible_to(request.user).filter(pk=pk)
    visible = request.user.has_perm("dispatch.view_activation") and seen.exists()
    may_except = visible and row.activation.is_open and rules.may_dispatch(ticket, actor_of(request))
    return {
        "words": telling.held_words(row.activation),
        "says_why": True,
        "page": reverse("emergency", args=[pk]) if visible else "",
        "exception": reverse("emergency_except", args=[pk, ticket.number]) if may_except else "",
    }


def crumbs_of(activation: Activation) -> list[tuple[str, str]]:
    """The way to a page below an emergency."""
    return [
        ("应急", reverse("emergencies")),
        (activation.plan.name, reverse("emergency", args=[activation.pk])),
    ]
