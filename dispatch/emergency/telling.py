"""What owners, workers and the squad hear of an emergency: in bulk, once each, at a pace (DI-09)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils.timezone import localtime

from core import phones
from core.templatetags.fangxiu import dated
from dispatch.models import Activation
from notices.models import Message
from notices.outbox import Letter, Recipient, post_many
from tickets.models import Ticket
from tickets.naming import about

PAUSED, MOVED, LET_GO, WORKER, SQUAD = "E01", "E02", "E03", "E04", "E05"
OWNERS = (PAUSED, MOVED, LET_GO)


def paused(activation: Activation, tickets: Sequence[Ticket], *, at: datetime) -> int:
    """Tell the owners of tickets that were just paused until when, and their workers; rows offered."""
    return post_many(
        [*_to_owners(activation, tickets, PAUSED, "1", at), *_to_workers(activation, tickets)], at=at
    )


def moved(activation: Activation, tickets: Sequence[Ticket], *, at: datetime) -> int:
    """Tell the owners of paused tickets the new end."""
    return post_many(_to_owners(activation, tickets, MOVED, str(activation.announced), at), at=at)


def let_go(activation: Activation, tickets: Sequence[Ticket], *, at: datetime, cause: str = "end") -> int:
    """Tell the owners that work goes on; `cause` tells one exception from another and from the end."""
    return post_many(_to_owners(activation, tickets, LET_GO, cause, at), at=at)


def squad(activation: Activation, users: Iterable[int], *, at: datetime) -> int:
    """Call the people of the squad by the inbox; each once."""
    values = {
        "内容": f"{activation.plan.name}{'演练' if activation.drill else ''}",
        "原因": activation.reason,
        "工程师": activation.commander.full_name,
        "电话": activation.commander.phone or "",
        "截止": dated(activation.ends_at),
    }
    link = reverse("emergency", args=[activation.pk])
    recipients = [Recipient.staff(pk) for pk in users]
    return post_many(
        [Letter(SQUAD, f"emergency:{activation.pk}:squad", recipients, values, link=link)], at=at
    )


def held_words(activation: Activation) -> str:
    """Why it holds a ticket, until when, and who lets it go, as the page of the ticket says it."""
    commander, until = activation.commander.full_name, dated(activation.ends_at)
    why = f"{activation.plan.name}应急，至{until}，{commander}发布：{activation.reason}。"
    return f"{why}到时自动恢复，时限顺延；确需办理的，由派单岗位例外办理。"


def reach(activation: Activation) -> dict[str, int]:
    """How many messages to owners there are, by their state in the outbox."""
    found = Message.objects.filter(key__startswith=f"emergency:{activation.pk}:", template__in=OWNERS)
    return dict(found.order_by().values_list("state").annotate(Count("pk")))


def _to_owners(
    activation: Activation, tickets: Sequence[Ticket], template: str, cause: str, at: datetime
) -> Iterator[Letter]:
    key = f"emergency:{activation.pk}:{cause}"
    slots = _slots(activation, key, at)
    # Two tickets of one owner are one message: the outbox would drop the second, the pace need not wait.
    for ticket in {each.reporter_phone: each for each in reversed(tickets)}.values():
        if phones.MOBILE.fullmatch(ticket.reporter_phone):
            yield Letter(
                template=template,
                key=key,
                recipients=[Recipient.phone(ticket.reporter_phone)],
                values=_values(activation, ticket),
                ticket_id=ticket.pk,
                send_at=next(slots),
            )


def _to_workers(activation: Activation, tickets: Sequence[Ticket]) -> Iterator[Letter]:
    for handler in sorted({each.handler_id for each in tickets if each.handler_id}):
        yield Letter(
            template=WORKER,
            key=f"emergency:{activation.pk}:worker",
            recipients=[Recipient.staff(handler)],
            values={"内容": activation.plan.name, "截止": dated(activation.ends_at)},
            link=reverse("field_home"),
        )


def _values(activation: Activation, ticket: Ticket) -> dict[str, object]:
    return about(ticket) | {
        "原因": activation.reason,
        "内容": activation.words,
        "截止": dated(activation.ends_at),
        "电话": ticket.estate.hotline,
    }


def _slots(activation: Activation, key: str, at: datetime) -> Iterator[datetime]:
    """When the next messages of this cause may leave: after the night, so many each minute."""
    start = _after_night(activation, at)
    sent = Message.objects.filter(key__startswith=f"{key}:").count()
    pace = timedelta(minutes=1) / activation.plan.per_minute
    while True:
        yield start + sent * pace
        sent += 1


def _after_night(activation: Activation, at: datetime) -> datetime:
    """The moment itself, or the end of the quiet hours it falls into."""
    begins, ends = activation.plan.quiet_from, activation.plan.quiet_until
    if begins is None or ends is None:
        return at
    local = localtime(at)
    clock = local.time()
    overnight = begins > ends
    if not (clock >= begins or clock < ends if overnight else begins <= clock < ends):
        return at
    morning = local.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    return morning if clock < ends else morning + timedelta(days=1)
