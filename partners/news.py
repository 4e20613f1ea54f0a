"""A new ticket told to the company's contacts by SMS and mail: who works by a link sees no inbox (DI-12)."""

from datetime import datetime, timedelta

from notices.outbox import Letter, post_many
from partners import assigned, letters
from tickets.models import Status
from warranty.models import Contractor

# Older ones were told, or lie in the weekly list and the reminders.
FRESH = timedelta(days=1)


def tell(*, now: datetime) -> int:
    """Tell every company of tickets given to it within a day that it has not taken; each once.

    Returns how many messages there are for them.
    """
    rows = assigned.with_companies().filter(status=Status.DISPATCHED, since__gt=now - FRESH)
    firms = Contractor.objects.in_bulk({ticket.company for ticket in rows})
    found = [
        Letter(
            template="P07",
            key=f"partner-new:{ticket.pk}:{ticket.since:%Y%m%d%H%M%S}",
            recipients=[
                each for each in letters.recipients_of(firms[ticket.company]) if each.user_id is None
            ],
            values={
                "单位": firms[ticket.company].name,
                "单号": ticket.number,
                "级别": ticket.get_level_display(),
                "房号": f"{ticket.estate.name}{ticket.place_label}",
                "问题": ticket.problem,
            },
            ticket_id=ticket.pk,
        )
        for ticket in rows
    ]
    return post_many(found, at=now)
