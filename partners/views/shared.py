"""Whose company it is: the person behind the session, and what their company may see (DI-12)."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from tickets import rules
from tickets.models import Ticket
from tickets.views.shared import actor_of, ticket_or_404
from warranty.contractors import contact_of

NOT_HELD = "这张工单已不在贵单位手上。"


def for_company(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For active contacts of an active company alone; the view finds them in `request.contact`."""

    @wraps(view)
    def with_contact(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        contact = contact_of(request.user.pk) if request.user.has_perm("warranty.act_for_company") else None
        if contact is None:
            raise PermissionDenied("您的账号没有登记为单位联系人。")
        request.contact = contact
        return view(request, *args, **kwargs)

    return with_contact


def is_held(request: HttpRequest, ticket: Ticket) -> bool:
    """Whether this company has the ticket now."""
    return rules.is_handler(ticket, actor_of(request))


def held_or_403(request: HttpRequest, number: str) -> Ticket:
    """A ticket that this company has now; one it had before is only to be read."""
    ticket = ticket_or_404(request, number)
    if not is_held(request, ticket):
        raise PermissionDenied(NOT_HELD)
    return ticket
