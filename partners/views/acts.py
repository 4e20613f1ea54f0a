"""What a worker's phone can do, for any ticket of the company, through the same door (DI-12, EX-01)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dispatch.views import onsite
from partners.views.phone import ticket_context
from partners.views.shared import NOT_HELD, for_company, held_or_403, is_held
from tickets.views.shared import replays, ticket_or_404

SURFACE = onsite.Surface(
    name="partner",
    ticket_page="partners/ticket.html",
    act_page="partners/act.html",
    schedule_page="partners/schedule.html",
    called_page="partners/called.html",
    context=ticket_context,
    holds=is_held,
    not_held=NOT_HELD,
)


@require_http_methods(["GET", "POST"])
@for_company
@replays
def act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Do one act of `ACTS` for the company; photos, plan, finish and the rest."""
    return onsite.act(request, ticket_or_404(request, number), name, SURFACE)


@require_http_methods(["GET", "POST"])
@for_company
@replays
def schedule(request: HttpRequest, number: str) -> HttpResponse:
    """Agree on a window with the owner, or move it with a reason (DI-07)."""
    return onsite.schedule(request, ticket_or_404(request, number), SURFACE)


@require_POST
@for_company
def call(request: HttpRequest, number: str) -> HttpResponse:
    """Write down the call, then show the number; hidden until the ticket is taken (OR-01)."""
    return onsite.call(request, held_or_403(request, number), SURFACE)


@require_GET
@for_company
def called(request: HttpRequest, number: str) -> HttpResponse:
    """The number to dial, for who has just been written down as a caller."""
    return onsite.called(request, held_or_403(request, number), SURFACE)
