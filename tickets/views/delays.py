"""The page on which the responsible writes why a limit was missed (SL-05)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from tickets import delays
from tickets.forms.delays import ExplainForm
from tickets.models import Clock
from tickets.views.shared import act_once, actor_of, replays, ticket_or_404


@require_http_methods(["GET", "POST"])
@replays
def explain(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Why was this clock late: a kind of reason and a few words; the desk's page or the worker's."""
    ticket = ticket_or_404(request, number)
    if not delays.may_explain(ticket, actor_of(request)):
        raise PermissionDenied("超时原因由经办人或本项目工作人员说明。")
    missed = Clock.objects.filter(ticket=ticket, breached_at__isnull=False)
    clock = get_object_or_404(missed.select_related("ticket"), pk=pk)
    at_desk = request.user.has_perm("tickets.view_estate_tickets")
    back_url = reverse("ticket" if at_desk else "field_ticket", args=[ticket.number])
    form = ExplainForm(request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        context = {
            "ticket": ticket,
            "clock": clock,
            "form": form,
            "back_url": back_url,
            "base": "desk_base.html" if at_desk else "field_base.html",
            "crumbs": [("工单", reverse("desk_tickets")), (ticket.number, back_url)] if at_desk else [],
        }
        return render(
            request, "tickets/explain.html", context, status=200 if request.method == "GET" else 422
        )

    def act() -> str:
        answers = {name: form.cleaned_data[name] for name in ("cause", "words", "tell_owner")}
        delays.explain(clock=clock, by=actor_of(request), at=now(), **answers)
        messages.success(request, f"{ticket.number}：超时原因已记录。")
        return back_url if at_desk else reverse("field_home")

    return act_once(request, form, act, back_url=back_url)
