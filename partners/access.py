"""A contact's own door: a personal link that ends, or a login; both lead to the same account (DI-12, T04).

The secret is 256 bits, kept as its SHA-256 alone, and swapped for a session at once. The session is an
ordinary one of the contact's account, so every page, scope and history sees a real user. It ends with the
link: by its own expiry, or at once when the link is revoked.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import login
from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from accounts.services import assign_role, end_sessions
from core.db import joined
from core.phones import normalise
from core.throttle import client_ip
from dispatch.models import Skill, Worker
from notices.outbox import Recipient, post
from partners.models import PartnerLink, PartnerVisit
from tickets.calendars import SHANGHAI
from warranty.models import Agreement, Contact

BACKEND = "accounts.backends.NameOrPhoneBackend"
DAYS = (7, 30, 90)
# A session lives no longer than a working day, whatever the link allows.
SESSION = timedelta(hours=12)


class NoDoor(ValueError):
    """This contact cannot have a link; the message says why in Chinese."""


def digest(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@joined
def make(*, contact: Contact, days: int, by: User, at: datetime, send: bool = True) -> str:
    """A new personal link as a full address, which is shown once; the one before it ends (DI-12).

    With `send` it also goes to the contact's phone. Raises NoDoor.
    """
    contact = Contact.objects.select_for_update(of=("self",)).select_related("contractor").get(pk=contact.pk)
    if not (contact.active and contact.contractor.active):
        raise NoDoor("联系人或单位已停用，不能生成链接。")
    user = account_of(contact)
    if why_not := objection(user):
        raise NoDoor(why_not)
    revoke(contact=contact, by=by, at=at)
    token = secrets.token_urlsafe(32)
    PartnerLink.objects.create(
        contact=contact,
        token_sha256=digest(token),
        created_at=at,
        created_by=by,
        expires_at=at + timedelta(days=days),
    )
    address = settings.SITE_URL + reverse("partner_enter", args=[token])
    if send:
        _send(contact, address, at + timedelta(days=days), at)
    return address


def _send(contact: Contact, address: str, until: datetime, at: datetime) -> None:
    local = until.astimezone(SHANGHAI)
    values = {
        "单位": contact.contractor.name,
        "链接": address,
        "截止": f"{local.month}月{local.day}日",
    }
    recipients = [Recipient.phone(contact.phone)]
    if contact.email:
        recipients.append(Recipient.email(contact.email))
    key = f"partner-link:{contact.pk}:{at.isoformat()}"
    post(template="P01", key=key, recipients=recipients, values=values, at=at)


@joined
def revoke(*, contact: Contact, by: User, at: datetime) -> int:
    """End the contact's links and every session of their account at once; how many links that were."""
    ended = contact.links.filter(revoked_at__isnull=True).update(revoked_at=at, revoked_by=by)
    if contact.user_id:
        end_sessions(user=contact.user)
    return ended


def objection(user: User) -> str:
    """Why this account must not be opened by a link; empty when nothing speaks against it."""
    if not user.is_active:
        return "该联系人的账号已停用。"
    if user.is_staff or user.is_superuser or user.is_inside:
        return "该联系人的账号是内部账号，只能用密码登录。"
    if user.authenticator_set.exists():
        return "该联系人启用了两步验证，请用账号登录。"
    return ""


@joined
def account_of(contact: Contact) -> User:
    """The contact's account with the role of the company, its estates and trades; made when missing.

    What the company has signed since then is added each time.
    """
    if contact.user is None:
        contact.user = _new_account(contact)
        contact.save(update_fields=["user"])
    user = contact.user
    signed = Agreement.objects.filter(contractor=contact.contractor)
    user.estates.add(*signed.values_list("estate", flat=True))
    worker = Worker.objects.filter(user=user).first() or _new_worker(contact, signed)
    if worker:
        _add_trades(worker, signed)
    return User.objects.get(pk=user.pk)


def _new_account(contact: Contact) -> User:
    # A number belongs to one account; a colleague's or a former one stays where it is.
    phone = normalise(contact.phone) or None
    if phone and User.objects.filter(phone=phone).exists():
        phone = None
    user = User(username=f"partner-{contact.pk}", full_name=contact.name, phone=phone)
    user.set_unusable_password()
    user.save()
    assign_role(user=user, code=contact.contractor.kind)
    return user


def _new_worker(contact: Contact, signed) -> Worker | None:
    first = signed.select_related("estate").first()
    if first is None:
        return None
    return Worker.objects.create(
        user=contact.user,
        area_id=first.estate.area_id,
        employer=contact.contractor.kind,
        contractor=contact.contractor,
        capacity=50,
    )


def _add_trades(worker: Worker, signed) -> None:
    # Trades that need a certificate are written down with it, by hand.
    trades = signed.filter(trades__needs_certificate=False).values_list("trades", flat=True).distinct()
    rows = [Skill(worker=worker, trade_id=pk) for pk in trades if pk]
    Skill.objects.bulk_create(rows, ignore_conflicts=True)


def find(token: str, *, at: datetime) -> PartnerLink | None:
    """The live link of this token whose owner may still come in, or None."""
    link = (
        PartnerLink.objects.select_related("contact__contractor", "contact__user")
        .filter(token_sha256=digest(token), revoked_at__isnull=True, expires_at__gt=at)
        .filter(contact__active=True, contact__contractor__active=True)
        .first()
    )
    return link if link and link.contact.user and not objection(link.contact.user) else None


def enter(request: HttpRequest, link: PartnerLink, *, at: datetime) -> None:
    """Sign the link's contact in, for as long as the link holds and no longer than half a day."""
    login(request, link.contact.user, backend=BACKEND)
    left = min(SESSION, link.expires_at - at)
    request.session.set_expiry(max(int(left.total_seconds()), 1))


@joined
def came(*, contact: Contact, request: HttpRequest, at: datetime) -> None:
    """Write the visit down: one row for a contact and day (DI-12)."""
    day = at.astimezone(SHANGHAI).date()
    row, is_new = PartnerVisit.objects.get_or_create(
        contact=contact, day=day, defaults={"first_at": at, "last_at": at, "ip": client_ip(request) or None}
    )
    if not is_new:
        PartnerVisit.objects.filter(pk=row.pk).update(
            last_at=at, times=F("times") + 1, ip=client_ip(request) or None
        )
