"""The owner's link to one ticket (T04).

The link in the message proves that the message arrived; the last four digits of
the phone prove that it was not passed on. It is swapped for a grant in the
session at once, so that the secret does not stay in the address bar.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from core.db import joined
from core.rows import insert
from tickets.models import OwnerLink, Ticket

SESSION_KEY = "owner_ticket"
PROVEN_KEY = "owner_proven"
LIFE_AFTER_CLOSE = timedelta(days=30)
MISSES_BEFORE_LOCK = 5
LOCK = timedelta(minutes=15)


def digest(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def create(*, ticket: Ticket, at: datetime) -> str:
    """A new link to this ticket as a full address; the token itself is kept nowhere but in it."""
    token = secrets.token_urlsafe(32)
    insert(OwnerLink(ticket=ticket, token_sha256=digest(token), created_at=at))
    return settings.SITE_URL + reverse("owner_enter", args=[token])


def find(token: str, *, at: datetime) -> OwnerLink | None:
    """The link of this token, or None when there is none or its time is over."""
    link = OwnerLink.objects.select_related("ticket").filter(token_sha256=digest(token)).first()
    if link is None or _is_over(link.ticket, at):
        return None
    return link


def _is_over(ticket: Ticket, at: datetime) -> bool:
    return ticket.closed_at is not None and at > ticket.closed_at + LIFE_AFTER_CLOSE


def grant(request: HttpRequest, link: OwnerLink) -> None:
    """Let this session see the link's ticket; a new session key, so that none was planted (T29)."""
    if request.session.get(SESSION_KEY) != link.ticket_id:
        request.session.cycle_key()
        request.session[PROVEN_KEY] = False
    request.session[SESSION_KEY] = link.ticket_id
    request.session["owner_link"] = link.pk


def granted_ticket_id(request: HttpRequest) -> int | None:
    """The ticket this session may see by a link, if any."""
    return request.session.get(SESSION_KEY)


def proven_ticket_id(request: HttpRequest) -> int | None:
    """The ticket whose details this session may read: link and phone digits are both known."""
    return granted_ticket_id(request) if is_proven(request) else None


def is_proven(request: HttpRequest) -> bool:
    """Whether the phone digits were checked in this session, so that the owner may act."""
    return bool(request.session.get(PROVEN_KEY))


@joined
def prove(request: HttpRequest, *, digits: str, at: datetime) -> str:
    """Check the last four digits of the reporter's phone; "" when right, else what to tell.

    Five wrong answers lock the link for a quarter of an hour.
    """
    link = (
        OwnerLink.objects.select_for_update(of=("self",))
        .select_related("ticket")
        .get(pk=request.session["owner_link"])
    )
    if link.locked_until and at < link.locked_until:
        return "输错次数过多，请15分钟后再试，或拨打服务热线。"
    if secrets.compare_digest(link.ticket.reporter_phone[-4:].encode(), digits.encode()):
        link.misses, link.locked_until = 0, None
        link.save(update_fields=["misses", "locked_until"])
        request.session[PROVEN_KEY] = True
        return ""
    link.misses += 1
    if link.misses % MISSES_BEFORE_LOCK == 0:
        link.locked_until = at + LOCK
    link.save(update_fields=["misses", "locked_until"])
    return "与报修预留手机号后四位不一致，请重新输入。"
