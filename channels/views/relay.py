"""The other ports pass on, the repair department confirms: in ten minutes (IN-13, S5)."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from channels import relay, where
from channels.forms.short import ReceiveForm, RelayForm
from tickets import workflow
from tickets.models import Port, Ticket
from tickets.queries import with_next_due
from tickets.views.shared import act_once, actor_of, replays, ticket_or_404

may_see = permission_required("tickets.view_estate_tickets", raise_exception=True)
may_register = permission_required(
    ["tickets.register_ticket", "tickets.view_estate_tickets"], raise_exception=True
)
SHOWN = 200
LAST_PORT = "relay_port"


@require_GET
@may_see
def waiting(request: HttpRequest) -> HttpResponse:
    """What the other ports have taken and the repair department has not confirmed yet."""
    return _list(request)


def _list(request: HttpRequest, status: int = 200) -> HttpResponse:
    tickets = relay.waiting(Ticket.objects.visible_to(request.user))
    rows = list(with_next_due(tickets).select_related("estate", "fault", "report__taken_by")[:SHOWN])
    by = actor_of(request)
    for ticket in rows:
        ticket.may_receive = workflow.may(ticket, relay.RECEIVED, by)
    context = {"tickets": rows, "now": now(), "key_form": ReceiveForm}
    return render(request, "channels/relay_list.html", context, status=status)


@require_POST
@may_see
@replays
def receive(request: HttpRequest, number: str) -> HttpResponse:
    """One press: received."""
    ticket = ticket_or_404(request, number)
    if not workflow.NOTES[relay.RECEIVED].rule(ticket, actor_of(request)):
        raise PermissionDenied("请由房修人员确认接收。")
    form = ReceiveForm(request.POST)
    if not form.is_valid():
        messages.error(request, "页面已过期，请重新点击“确认接收”。")
        return _list(request, status=422)

    def act() -> str:
        relay.receive(ticket=ticket, by=actor_of(request), at=now())
        messages.success(request, f"已接收 {ticket.number}。")
        return reverse("relay_list")

    return act_once(request, form, act, back_url=reverse("relay_list"))


@require_http_methods(["GET", "POST"])
@may_register
@replays
def new(request: HttpRequest) -> HttpResponse:
    """The shortest form of the other ports: port, place, phone, words."""
    if request.method == "GET":
        initial = {"port": request.session.get(LAST_PORT, Port.PROPERTY)}
        return _page(request, RelayForm(user=request.user, initial=initial))
    form = RelayForm(request.POST, user=request.user)
    if not form.is_valid():
        return _page(request, form, status=422)

    def act() -> str:
        at = now()
        ticket = relay.take(taken=form.intake(at=at), by=actor_of(request), at=at)
        messages.success(request, f"已转房修 {ticket.number}，等待房修确认接收。")
        return reverse("relay_list")

    response = act_once(request, form, act, back_url=reverse("relay_new"))
    if isinstance(response, HttpResponseRedirect):
        request.session[LAST_PORT] = form.cleaned_data["port"]
    return response


def _page(request: HttpRequest, form: RelayForm, status: int = 200) -> HttpResponse:
    picked = str(form["where"].value() or "")
    context = {"form": form, "hits": form.hits(), "picked": picked, "faults": form.faults()}
    context["typed"] = form["q"].value() or ""
    context["crumbs"] = [("待转房修", reverse("relay_list")), ("转报", "")]
    return render(request, "channels/relay_new.html", context, status=status)


@require_GET
@may_register
def places(request: HttpRequest) -> HttpResponse:
    """Dwellings and public places for what was typed."""
    typed = request.GET.get("q", "")
    context = {"hits": where.find(request.user, typed, homes=True), "typed": typed}
    return render(request, "channels/_where_hits.html", context | {"picked": request.GET.get("where", "")})
