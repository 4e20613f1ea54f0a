"""The manager's morning digest of an estate: one message and one mail a day (SL-09)."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from accounts.queries import staff_in_role
from core.templatetags.fangxiu import dated
from estates.models import Estate
from notices.outbox import Recipient, post
from tickets.calendars import SHANGHAI
from tickets.models import Clock, Ticket
from tickets.queries import with_next_due
from tickets.states import Status

READER = "manager"
WORST = 5


def send_all(*, on: date, at: datetime) -> int:
    """Write the digest of every estate that has a manager; returns how many messages there are.

    The same day again writes nothing new: messages are known by estate and day.
    """
    return sum(send(estate=estate, on=on, at=at) for estate in Estate.objects.order_by("pk"))


def send(*, estate: Estate, on: date, at: datetime) -> int:
    """Write the digest of one estate to its managers, in the inbox and by mail where they have an address."""
    readers = staff_in_role(code=READER, estate_id=estate.pk)
    if not readers:
        return 0
    lines, board = words(estate, on=on, at=at), f"{reverse('desk_board')}?estate={estate.pk}"
    # The inbox opens the board by itself, a mail has to name it.
    ways = [
        ([Recipient.staff(reader.pk) for reader in readers], lines),
        (
            [Recipient.email(reader.email) for reader in readers if reader.email],
            [*lines, f"看板：{settings.SITE_URL}{board}"],
        ),
    ]
    return sum(
        post(
            template="W32",
            key=f"digest:{estate.pk}:{on.isoformat()}",
            recipients=recipients,
            values={
                "项目": estate.name,
                "日期": f"{on.month}月{on.day}日",
                "内容": "\n".join(said),
            },
            at=at,
            link=board,
        )
        for recipients, said in ways
        if recipients
    )


def words(estate: Estate, *, on: date, at: datetime) -> Sequence[str]:
    """The lines of the digest: the day before, what is open now, and the worst of what is late."""
    begin = datetime.combine(on - timedelta(days=1), time.min, SHANGHAI)
    end = begin + timedelta(days=1)
    tickets = Ticket.objects.filter(estate=estate)
    new = tickets.filter(registered_at__gte=begin, registered_at__lt=end).count()
    done = tickets.filter(completed_at__gte=begin, completed_at__lt=end).count()
    opened = tickets.open()
    missed = Clock.objects.filter(ticket__estate=estate, breached_at__gte=begin, breached_at__lt=end)
    late = with_next_due(opened.select_related("fault")).filter(next_due__lt=at).order_by("next_due", "pk")
    unsent = opened.filter(Q(status=Status.REGISTERED) | Q(status=Status.IN_REVIEW)).count()
    lines = [
        f"昨日新报{new}单，完成{done}单，超时{missed.count()}项，"
        f"其中{missed.filter(explained_at__isnull=True).count()}项未说明原因。",
        f"现有未完{opened.count()}单：待派{unsent}单，已超时{late.count()}单，"
        f"待回访{opened.filter(status=Status.COMPLETED).count()}单。",
    ]
    worst = [
        f"{ticket.number} {ticket.place_label} {ticket.problem}"
        f"（{ticket.level}级，{dated(ticket.next_due)}到期）"
        for ticket in late[:WORST]
    ]
    return [*lines, *(["最久的超时："] if worst else []), *worst]
