"""Full phone numbers: shown to who may see them, after it was written down (OR-01)."""

from datetime import datetime, timedelta

from accounts.models import User
from core.db import joined
from tickets import rules
from tickets.actors import Actor
from tickets.models import PhoneReveal, Ticket
from tickets.workflow import StepForbidden

PER_HOUR, PER_DAY = 60, 200


class TooMany(Exception):
    """More numbers than one person needs in an hour or a day."""


@joined
def reveal(*, ticket: Ticket, by: Actor, why: str, at: datetime) -> str:
    """The reporter's full number; raises StepForbidden or TooMany, and then shows nothing."""
    if not rules.may_see_contact(ticket, by):
        raise StepForbidden("您没有查看联系电话的权限。")
    # One row of the user is locked, so that twenty windows at once count as twenty.
    User.objects.select_for_update(no_key=True).get(pk=by.user.pk)
    seen = PhoneReveal.objects.filter(user=by.user)
    if seen.filter(at__gt=at - timedelta(hours=1)).count() >= PER_HOUR:
        raise TooMany("一小时内查看的号码太多，请稍后再试或联系主管。")
    if seen.filter(at__gt=at - timedelta(days=1)).count() >= PER_DAY:
        raise TooMany("今天查看的号码太多，请联系主管。")
    PhoneReveal.objects.create(ticket=ticket, user=by.user, reason=why, at=at)
    return ticket.reporter_phone
