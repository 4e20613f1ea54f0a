"""What an owner's session may see: the ticket of a link, and those of a phone it has proved (T04).

The link in the message proves that the message arrived; the last four digits of
the phone prove that it was not passed on. It is swapped for a grant in the
session at once, so that the secret does not stay in the address bar.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest

from core import keys
from core.addresses import address
from core.db import joined
from core.rows import build, insert
from tickets.models import OwnerLink, Ticket

SESSION_KEY = "owner_ticket"
PROVEN_KEY = "owner_proven"
# A phone that this session has proved by a code: it opens every ticket reported with it.
PHONE_KEY = "owner_phone"
LIFE_AFTER_CLOSE = timedelta(days=30)
MISSES_BEFORE_LOCK = 5
LOCK = timedelta(minutes=15)


def digest(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def create(*, ticket: Ticket, at: datetime) -> str:
    """A new link to this ticket as a full address; the token itself is kept nowhere but in it."""
    token = secrets.token_urlsafe(32)
    insert(build(OwnerLink, ticket=ticket, token_sha256=digest(token), created_at=at))
    return settings.SITE_URL + address("owner_enter", token)


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


def is_proven(request: HttpRequest, ticket: Ticket) -> bool:
    """Whether this session may read and act on the ticket: its link and digits are known, or its phone."""
    if request.session.get(PROVEN_KEY) and granted_ticket_id(request) == ticket.pk:
        return True
    phone = proven_phone(request)
    return bool(phone) and ticket.reporter_phone == phone


def openable(request: HttpRequest) -> Q:
    """A condition on tickets: those whose state this session may see."""
    found = Q(pk=granted_ticket_id(request) or 0)
    phone = proven_phone(request)
    return found | Q(reporter_phone=phone) if phone else found


def readable(request: HttpRequest) -> Q:
    """A condition on evidence: what this session may read of its tickets."""
    found = Q(ticket__reporter_phone=proven_phone(request)) if proven_phone(request) else Q(pk=None)
    if request.session.get(PROVEN_KEY):
        found |= Q(ticket_id=granted_ticket_id(request) or 0)
    return found & Q(owner_may_see=True)


def proven_phone(request: HttpRequest) -> str:
    """The phone that this session has proved by a code, or ""."""
    return request.session.get(PHONE_KEY, "")


def prove_phone(request: HttpRequest, phone: str) -> None:
    """Let this session act for a phone; the caller has seen the proof and renewed the session's key."""
    request.session[PHONE_KEY] = phone
    request.session[keys.SCOPE_KEY] = f"phone:{digest(phone)[:40]}"


def forget(request: HttpRequest) -> None:
    """Take everything of an owner out of this session."""
    for name in (SESSION_KEY, PROVEN_KEY, PHONE_KEY, keys.SCOPE_KEY, "owner_link"):
        request.session.pop(name, None)


@joined
def prove(request: HttpRequest, *, digits: str, at: datetime) -> str:
    """Check the last four digits of the reporter's phone; "" when right, else what to tell.

    Five wrong answers lock the link for a quarter of an hour.
    """
    link = (
        OwnerLink.objects.select_for_update(of=("self",))
        .select_related("ticket")
        .get(pk=request.session["owner_link"], ticket_id=granted_ticket_id(request) or 0)
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
