"""The desk's pages about the other doors: online reports to confirm, QR codes to print (IN-01, IN-13)."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from channels import online as online_reports
from channels import qr
from channels.forms.desk import AcknowledgeForm, CodesForm
from tickets import queries, workflow
from tickets.models import Clock, TicketEvent
from tickets.views.shared import act_once, actor_of, ticket_or_404

SHOWN = 100
may_see_desk = permission_required("tickets.view_estate_tickets", raise_exception=True)
may_register = permission_required(
    ["tickets.register_ticket", "tickets.view_estate_tickets"], raise_exception=True
)


@require_GET
@may_register
@vary_on_headers("HX-Request")
def online(request: HttpRequest) -> HttpResponse:
    """Online reports that wait for somebody to confirm them; renews itself (IN-13)."""
    template = "channels/_online.html" if request.htmx else "channels/online.html"
    return _online_page(request, template)


def _online_page(request: HttpRequest, template: str, status: int = 200) -> HttpResponse:
    unsure = TicketEvent.objects.filter(ticket=OuterRef("pk"), name="check_identity")
    tickets = (
        queries.to_acknowledge(request.user)
        .select_related("estate", "fault")
        .annotate(unsure=Exists(unsure), photos=Count("evidence", filter=Q(evidence__stage="report")))
    )
    tickets = queries.with_next_due(tickets, kinds=[Clock.Kind.ACKNOWLEDGE])
    context = {"rows": [(ticket, AcknowledgeForm()) for ticket in tickets[:SHOWN]], "now": now()}
    return render(request, template, context, status=status)


@require_POST
def acknowledge(request: HttpRequest, number: str) -> HttpResponse:
    """Say that the report was seen; the owner reads it, and the clock stops.

    From the list, or with `from=ticket` from the ticket's page, which it then returns to.
    """
    ticket = ticket_or_404(request, number)
    on_ticket = request.POST.get("from") == "ticket"
    back = reverse("ticket", args=[ticket.number]) if on_ticket else reverse("desk_online")
    if not workflow.NOTES["acknowledge"].rule(ticket, actor_of(request)):
        raise PermissionDenied
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        return _online_page(request, "channels/online.html", status=422)

    def act() -> str:
        online_reports.acknowledge(ticket=ticket, by=actor_of(request), at=now())
        messages.success(request, f"已确认 {ticket.number}，业主会在进度页看到。")
        return back

    return act_once(request, form, act, back_url=back)


@require_GET
@may_see_desk
def qr_codes(request: HttpRequest) -> HttpResponse:
    """Choose what to print; with a valid choice the sheets themselves, twelve codes to a page."""
    form = CodesForm(request.GET or None, user=request.user)
    if not form.is_valid():
        return render(request, "channels/qr_form.html", {"form": form})
    cards = [(row, qr.picture(row)) for row in form.places()]
    context = {"estate": form.cleaned_data["estate"], "cards": cards}
    return render(request, "channels/qr_sheet.html", context)
