"""The same fault again and again: in one dwelling, or all over a building; the manager hears of it (§2.2).

Looked for by the class watch, not at registration: a call must not wait for it.
"""

from datetime import datetime, timedelta

from django.db.models import Count, Q

from accounts.queries import staff_with
from notices.outbox import Recipient, post
from tickets.models import Kind, Status, Ticket
from tickets.naming import about

LOOK_BACK = timedelta(minutes=30)
# Repaired twice before, or so many dwellings of one building within a month.
SAME_PLACE, SAME_PLACE_DAYS = 2, 365
SAME_BUILDING, SAME_BUILDING_DAYS = 5, 30


def tell(*, now: datetime) -> int:
    """Tell the managers of repeats among what was registered lately, once each; how many were found."""
    fresh = Ticket.objects.filter(
        kind=Kind.REPAIR, registered_at__gt=now - LOOK_BACK, registered_at__lte=now, fault__isnull=False
    ).exclude(status__in=[Status.CANCELLED, Status.MERGED])
    return sum(_look(ticket, now) for ticket in fresh.select_related("estate", "fault", "building"))


def _look(ticket: Ticket, now: datetime) -> int:
    same = Ticket.objects.filter(
        estate=ticket.estate_id, fault=ticket.fault_id, kind=Kind.REPAIR, registered_at__lte=now
    ).exclude(status__in=[Status.CANCELLED, Status.MERGED])
    here = same.filter(registered_at__gt=now - timedelta(days=SAME_PLACE_DAYS)).exclude(pk=ticket.pk)
    before = here.filter(_place(ticket)).count() if ticket.unit_id or ticket.place_id else 0
    if before >= SAME_PLACE:
        return _post(ticket, f"same:{ticket.pk}", f"同一处同类故障一年内第{before + 1}次报修", now)
    if ticket.building_id and ticket.unit_id:
        around = same.filter(
            building=ticket.building_id, registered_at__gt=now - timedelta(days=SAME_BUILDING_DAYS)
        ).aggregate(units=Count("unit", distinct=True))["units"]
        if around >= SAME_BUILDING:
            key = f"around:{ticket.building_id}:{ticket.fault_id}:{now:%Y%m}"
            return _post(ticket, key, f"{ticket.building}一个月内{around}户报修同类故障，疑似系统性问题", now)
    return 0


def _place(ticket: Ticket) -> Q:
    return Q(unit=ticket.unit_id) if ticket.unit_id else Q(place=ticket.place_id)


def _post(ticket: Ticket, key: str, words: str, now: datetime) -> int:
    managers = staff_with(permission="tickets.supervise_ticket", estate_id=ticket.estate_id)
    values = about(ticket) | {"内容": words}
    post(
        template="K08",
        key=f"systemic:{key}",
        recipients=[Recipient.staff(pk) for pk in managers.values_list("pk", flat=True)],
        values=values,
        at=now,
        ticket_id=ticket.pk,
        link=f"/desk/t/{ticket.number}/",
    )
    return 1
