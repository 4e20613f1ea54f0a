"""What the commander does during an emergency: orders, ends, squad, supplies, checks, exceptions (DI-09)."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime, now
from django.views.decorators.http import require_http_methods, require_POST

from core.forms import KeyedForm
from dispatch.emergency import activation as verbs
from dispatch.emergency import equipment, holds
from dispatch.emergency_forms import (
    ChecksForm,
    EndForm,
    ExceptForm,
    MemberForm,
    MoveEndForm,
    OrderForm,
    PresenceForm,
    SuppliesForm,
)
from dispatch.models import Activation
from dispatch.views.emergency import crumbs_of, find, may_command, may_see, show_page
from tickets.views.shared import act_once, actor_of, replays, ticket_or_404

may_dispatch = permission_required("tickets.dispatch_ticket", raise_exception=True)


def commanded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the activation while it is open and this user's to command; what is over is shown.

    A second click gets the answer of the first, though that may have ended what was open.
    """

    @wraps(view)
    @may_command
    @replays
    def checked(request: HttpRequest, pk: int, **kwargs) -> HttpResponse:
        activation = find(request, pk)
        if not verbs.may_command(request.user, activation):
            raise PermissionDenied("您没有指挥这项应急的权限。")
        try:
            return view(request, activation, **kwargs)
        except verbs.AlreadyOver as error:
            messages.info(request, str(error))
            return redirect("emergency", pk=pk)

    return checked


def _address(activation: Activation) -> str:
    return reverse("emergency", args=[activation.pk])


def _page(
    request: HttpRequest, activation: Activation, form: KeyedForm, title: str, button: str, **more
) -> HttpResponse:
    context = {
        "activation": activation,
        "form": form,
        "title": title,
        "button": button,
        "back": _address(activation),
        "crumbs": crumbs_of(activation),
    }
    status = 422 if form.is_bound else 200
    template = more.pop("template", "dispatch/emergency_form.html")
    return render(request, template, context | more, status=status)


@require_POST
@commanded
def order(request: HttpRequest, activation: Activation) -> HttpResponse:
    """One more order."""
    form = OrderForm(request.POST)
    if not form.is_valid():
        return show_page(request, activation, form, status=422)

    def act() -> str:
        verbs.order(activation=activation, words=form.cleaned_data["words"], by=request.user, at=now())
        return _address(activation)

    return act_once(request, form, act, back_url=_address(activation))


@require_http_methods(["GET", "POST"])
@commanded
def move_end(request: HttpRequest, activation: Activation) -> HttpResponse:
    """Another end; owners of paused tickets hear of it."""
    title, button = "调整结束时间", "调整并告知业主"
    if request.method == "GET":
        form = MoveEndForm(initial={"until": localtime(activation.ends_at)})
        return _page(request, activation, form, title, button)
    form = MoveEndForm(request.POST)
    if not form.is_valid():
        return _page(request, activation, form, title, button)

    def act() -> str:
        data = form.cleaned_data
        verbs.move_end(
            activation=activation, until=data["until"], reason=data["reason"], by=request.user, at=now()
        )
        messages.success(request, "结束时间已调整。")
        return _address(activation)

    try:
        return act_once(request, form, act, back_url=_address(activation))
    except verbs.BadStart as error:
        form.add_error("until", str(error))
        return _page(request, activation, form, title, button)


@require_http_methods(["GET", "POST"])
@commanded
def end(request: HttpRequest, activation: Activation) -> HttpResponse:
    """End it before its time."""
    title, button = "结束应急", "结束并恢复工单"
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, activation, form, title, button)

    def act() -> str:
        verbs.end(activation=activation, reason=form.cleaned_data["reason"], by=request.user, at=now())
        messages.success(request, "应急已结束，暂停的工单正在恢复。")
        return _address(activation)

    return act_once(request, form, act, back_url=_address(activation))


@require_http_methods(["GET", "POST"])
@commanded
def squad(request: HttpRequest, activation: Activation) -> HttpResponse:
    """Who is there and where; somebody more."""
    members = list(activation.squad.select_related("activation"))
    adding = "role" in request.POST
    data = request.POST if request.method == "POST" else None
    forms = {
        "presence": PresenceForm(None if adding else data, members=members, auto_id="there_%s"),
        "form": MemberForm(data if adding else None, user=request.user, members=members, auto_id="new_%s"),
    }
    form = forms["form" if adding else "presence"]
    if data is None or not form.is_valid():
        return _squad_page(request, activation, forms)

    def act() -> str:
        for member in [form.member(activation)] if adding else form.changed():
            equipment.keep_member(member=member, by=request.user, at=now())
        messages.success(request, "应急小组已更新。")
        return reverse("emergency_squad", args=[activation.pk])

    return act_once(request, form, act, back_url=_address(activation))


def _squad_page(request: HttpRequest, activation: Activation, forms: dict) -> HttpResponse:
    context = forms | {
        "activation": activation,
        "back": _address(activation),
        "crumbs": crumbs_of(activation),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "dispatch/emergency_squad.html", context, status=status)


@require_http_methods(["GET", "POST"])
@commanded
def supplies(request: HttpRequest, activation: Activation) -> HttpResponse:
    """What is on site, what was used."""
    rows = list(activation.supplies.select_related("activation"))
    form = SuppliesForm(request.POST if request.method == "POST" else None, supplies=rows)
    if request.method == "GET" or not form.is_valid():
        return _page(
            request, activation, form, "应急物资", "保存", template="dispatch/emergency_supplies.html"
        )

    def act() -> str:
        for supply in form.changed():
            equipment.keep_supply(supply=supply, by=request.user, at=now())
        messages.success(request, "物资台账已更新。")
        return _address(activation)

    return act_once(request, form, act, back_url=_address(activation))


@require_http_methods(["GET", "POST"])
@commanded
def checks(request: HttpRequest, activation: Activation) -> HttpResponse:
    """Tick what is done."""
    rows = list(activation.checks.select_related("done_by"))
    form = ChecksForm(request.POST if request.method == "POST" else None, checks=rows)
    if request.method == "GET" or not form.is_valid():
        return _page(request, activation, form, "检查清单", "保存")

    def act() -> str:
        done = set(form.cleaned_data["done"])
        for check in rows:
            equipment.tick(check=check, done=str(check.pk) in done, by=request.user, at=now())
        messages.success(request, "检查清单已更新。")
        return _address(activation)

    return act_once(request, form, act, back_url=_address(activation))


@require_http_methods(["GET", "POST"])
@may_see
@may_dispatch
def let_go(request: HttpRequest, pk: int, number: str) -> HttpResponse:
    """Except one ticket from the emergency."""
    activation, ticket = find(request, pk), ticket_or_404(request, number)
    form = ExceptForm(request.POST if request.method == "POST" else None)
    title, button = f"例外办理 {ticket.number}", "恢复办理"
    back = reverse("emergency_held", args=[pk])
    page = {"ticket": ticket, "back": back}
    if request.method == "GET" or not form.is_valid():
        return _page(request, activation, form, title, button, **page)

    def act() -> str:
        holds.let_one_go(
            activation=activation,
            ticket=ticket,
            reason=form.cleaned_data["reason"],
            by=actor_of(request),
            at=now(),
        )
        messages.success(request, f"{ticket.number} 已恢复办理。")
        return back

    try:
        return act_once(request, form, act, back_url=back)
    except holds.NotHeld as error:
        form.add_error(None, str(error))
        return _page(request, activation, form, title, button, **page)
