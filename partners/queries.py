"""Reads for the register of companies and for the company's own phone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, Exists, Max, OuterRef, Prefetch, Q, QuerySet, Value, When

from accounts.models import User
from partners import scores
from partners.digest import open_tickets
from partners.models import Dispute, Lapse, Notice, NoticeRead, PartnerLink, PartnerVisit
from tickets.clock_lines import COMPANY_OWES
from tickets.models import Status, Ticket
from tickets.queries import with_next_due
from tickets.states import PAUSABLE
from warranty.models import Agreement, AuthorisationLetter, Contact, Contractor

HELD = [Status.DISPATCHED, *PAUSABLE, Status.SUSPENDED]


@dataclass
class Standing:
    """A company as the register shows it; counts are within the reader's estates."""

    contractor: Contractor
    contacts: int = 0
    last_visit: datetime | None = None
    unread: int = 0
    open: int = 0
    late: int = 0
    points: int | None = None
    letter_to: date | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def low(self) -> bool:
        """Whether its points have fallen below the line."""
        return self.points is not None and self.points < scores.LOW


def standings(firms: Iterable[Contractor], user: User, *, today: date) -> list[Standing]:
    """How these companies stand, in the order given: a few queries for any number of them."""
    rows = {firm.pk: Standing(firm) for firm in firms}
    _people(rows)
    _work(rows, user)
    for row in scores.with_points(Agreement.objects.visible_to(user).filter(contractor__in=rows)):
        kept = rows[row.contractor_id].points
        rows[row.contractor_id].points = row.points if kept is None else min(kept, row.points)
    for row in rows.values():
        row.faults = list(_faults(row, today))
    return list(rows.values())


def _people(rows: dict[int, Standing]) -> None:
    contacts = Contact.objects.filter(contractor__in=rows, active=True).order_by()
    for pk, number in contacts.values_list("contractor").annotate(Count("pk")):
        rows[pk].contacts = number
    visits = PartnerVisit.objects.filter(contact__contractor__in=rows).order_by()
    for pk, at in visits.values_list("contact__contractor").annotate(Max("last_at")):
        rows[pk].last_visit = at
    letters = AuthorisationLetter.objects.filter(contractor__in=rows).order_by()
    for pk, until in letters.values_list("contractor").annotate(Max("valid_to")):
        rows[pk].letter_to = until


def _work(rows: dict[int, Standing], user: User) -> None:
    read = NoticeRead.objects.filter(notice=OuterRef("pk"))
    unread = Notice.objects.visible_to(user).filter(~Exists(read), contractor__in=rows).order_by()
    for pk, number in unread.values_list("contractor").annotate(Count("pk")):
        rows[pk].unread = number
    mine = Ticket.objects.visible_to(user).order_by()
    held = open_tickets().filter(pk__in=mine.values("pk"), handler__worker__contractor__in=rows).order_by()
    totals = held.values_list("handler__worker__contractor").annotate(
        total=Count("pk"), behind=Count("pk", filter=Q(late=True))
    )
    for pk, total, behind in totals:
        rows[pk].open, rows[pk].late = total, behind


def _faults(row: Standing, today: date) -> Iterable[str]:
    if row.contacts < 2:
        yield f"联系人 {row.contacts} 名，应不少于 2 名"
    if row.letter_to is None:
        yield "未登记授权委托书"
    elif row.letter_to < today:
        yield "授权委托书已过期"


def contacts_of(firm: Contractor) -> list[Contact]:
    """The people of a company with `link` (live or None) and `seen` (last visit or None)."""
    live = PartnerLink.objects.filter(revoked_at__isnull=True)
    rows = (
        firm.contacts.select_related("user")
        .prefetch_related(Prefetch("links", live, to_attr="live_links"))
        .annotate(seen=Max("visits__last_at"))
        .order_by("pk")
    )
    found = list(rows)
    for row in found:
        row.link = row.live_links[0] if row.live_links else None
    return found


def held_by(firm: Contractor) -> QuerySet[Ticket]:
    """Tickets that a worker of the company has, with `next_due` of what the company owes, and `late`."""
    lapses = Lapse.objects.live().filter(ticket=OuterRef("pk"))
    rows = Ticket.objects.filter(handler__worker__contractor=firm, status__in=HELD)
    rows = with_next_due(rows, COMPANY_OWES).annotate(late=Exists(lapses))
    return rows.select_related("estate", "fault", "handler").order_by("level", "next_due", "pk")


def notices_of(firm: Contractor) -> QuerySet[Notice]:
    """The letters to a company, newest first, with their receipts."""
    return firm.notices.select_related("ticket", "sent_by").prefetch_related("reads")


def unread_by(user: User, firm: Contractor) -> QuerySet[Notice]:
    """Letters that this person has not opened."""
    mine = NoticeRead.objects.filter(notice=OuterRef("pk"), user=user)
    return notices_of(firm).filter(~Exists(mine))


def slow(user: User) -> QuerySet[Lapse]:
    """Lapses that have not ended, those ripe for a backup first (WA-12)."""
    return (
        Lapse.objects.visible_to(user)
        .live()
        .select_related("ticket__estate", "ticket__fault", "agreement__contractor")
        .annotate(ripe=order_value(Q(stage=Lapse.Stage.RIPE)))
        .order_by("-ripe", "due_at", "pk")
    )


def order_value(condition: Q) -> Any:
    """1 where it holds, else 0."""
    return Case(When(condition, then=Value(1)), default=Value(0))


def disputes(user: User) -> QuerySet[Dispute]:
    """Objections of the user's estates, those that wait first."""
    return (
        Dispute.objects.visible_to(user)
        .select_related("ticket__estate", "contractor", "raised_by", "decided_by")
        .annotate(waits=order_value(Q(state=Dispute.State.OPEN)))
        .order_by("-waits", "-raised_at", "-pk")
    )


def covers(user: User, firm: Contractor) -> bool:
    """Whether the user's scope holds every estate of a company: only then may they see its link."""
    if user.sees_all_estates:
        return True
    mine = set(user.estate_ids())
    signed = set(Agreement.objects.filter(contractor=firm).values_list("estate", flat=True))
    works = set(firm.workers.filter(user__estates__isnull=False).values_list("user__estates", flat=True))
    return not firm.workers.filter(user__all_estates=True).exists() and signed | works <= mine
