"""The weekly list of open and overdue tickets, to each company's contacts and to our supervisors (DI-12)."""

from collections import defaultdict
from datetime import date, datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from accounts.queries import staff_in_role
from notices.models import Channel
from notices.outbox import Recipient, post
from partners import letters
from partners.models import Lapse
from tickets.models import Ticket
from tickets.states import ENDED, Status
from warranty.models import Contractor

READER = "supervisor"
LISTED, NAMED = 10, 3
DONE = (*ENDED, Status.COMPLETED)


def open_tickets() -> QuerySet[Ticket]:
    """Tickets that a company's worker has and that are not completed, `late` where a limit is missed."""
    lapses = Lapse.objects.live().filter(ticket=OuterRef("pk"))
    return (
        Ticket.objects.filter(handler__worker__contractor__isnull=False)
        .exclude(status__in=DONE)
        .annotate(late=Exists(lapses))
    )


def send_all(*, on: date, at: datetime) -> int:
    """Write the digests of the week of `on`; the same week again writes nothing new."""
    year, week, _ = on.isocalendar()
    rows = open_tickets().select_related("estate", "fault", "handler__worker__contractor").order_by("pk")
    by_company: dict[Contractor, list[Ticket]] = defaultdict(list)
    for ticket in rows:
        by_company[ticket.handler.worker.contractor].append(ticket)
    key = f"{year}-W{week:02}"
    return sum(_to_company(firm, rows, key, at) for firm, rows in by_company.items()) + _to_ours(
        by_company, key, at
    )


def _to_company(firm: Contractor, tickets: list[Ticket], week: str, at: datetime) -> int:
    """The list to inboxes and mails; phones get its sum in one sentence, which is one SMS."""
    late = [ticket for ticket in tickets if ticket.late]
    reads, phones = [], []
    for each in letters.recipients_of(firm):
        (phones if each.channel == Channel.SMS else reads).append(each)
    key, link = f"partner-digest:{firm.pk}:{week}", reverse("partner_home")
    values: dict[str, object] = {"单位": firm.name, "数量": len(tickets)}
    rows = [*late, *(each for each in tickets if not each.late)]
    whole, brief = values | {"内容": _list(rows, len(late))}, values | {"内容": _sum(late)}
    return sum(
        post(template=template, key=key, recipients=to, values=said, at=at, link=link)
        for template, to, said in (("P02", reads, whole), ("P09", phones, brief))
    )


def _list(tickets: list[Ticket], late: int) -> str:
    lines = [f"其中按协议逾期{late}单。", *map(_line, tickets[:LISTED])]
    if len(tickets) > LISTED:
        lines.append(f"其余{len(tickets) - LISTED}单请在手机工单页查看。")
    return "\n".join(lines)


def _line(ticket: Ticket) -> str:
    # A company has been asked; that we have sent it is our side of the same.
    state = "待接单" if ticket.status == Status.DISPATCHED else ticket.get_status_display()
    place = f"{ticket.estate.name}{ticket.place_label}"
    return f"{ticket.number} {place} {ticket.problem}，{state}" + ("（逾期）" if ticket.late else "")


def _sum(late: list[Ticket]) -> str:
    if not late:
        return "没有逾期"
    named = "、".join(ticket.number for ticket in late[:NAMED])
    return f"其中按协议逾期{len(late)}单（{named}{'等' if len(late) > NAMED else ''}）"


def _to_ours(by_company: dict[Contractor, list[Ticket]], week: str, at: datetime) -> int:
    """One message for each estate to its supervisors: who has how many, how many of them late."""
    counts: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    names = {}
    for firm, tickets in by_company.items():
        for ticket in tickets:
            names[ticket.estate_id] = ticket.estate.name
            counts[ticket.estate_id][firm.name][0] += 1
            counts[ticket.estate_id][firm.name][1] += ticket.late
    sent = 0
    for estate_id, firms in counts.items():
        readers = staff_in_role(code=READER, estate_id=estate_id)
        lines = [
            f"{name}：未完{total}单，按协议逾期{late}单" for name, (total, late) in sorted(firms.items())
        ]
        sent += post(
            template="P03",
            key=f"partner-digest:estate{estate_id}:{week}",
            recipients=[Recipient.staff(reader.pk) for reader in readers],
            values={"项目": names[estate_id], "内容": "\n".join(lines)},
            at=at,
            link=reverse("partners_home"),
        )
    return sent
