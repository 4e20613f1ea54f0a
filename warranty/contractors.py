"""Which company answers for a place and a trade, who stands in, and by when (WA-06, WA-12)."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import QuerySet

from accounts.models import User
from estates.models import Building
from warranty.models import Agreement, CompletionLimit, Contact, Contractor

# What holds where neither agreement nor table says anything: the longest of domain.md §2.1.
USUAL_DAYS = 7


def with_agreement(*, estate_id: int, trade_ids: Collection[int], on: date) -> frozenset[int]:
    """Keys of the active companies with an agreement for this estate and any of the trades on this day."""
    found = Agreement.objects.in_force(on).filter(estate=estate_id).for_trades(trade_ids)
    return frozenset(found.order_by().values_list("contractor", flat=True))


def agreements_for(
    *, estate_id: int, trade_ids: Collection[int], on: date, building: Building | None = None
) -> QuerySet[Agreement]:
    """The agreements in force for a place (building × trade), first choice first (WA-06).

    Without a building only those for the whole estate count.
    """
    return (
        Agreement.objects.in_force(on)
        .filter(estate=estate_id)
        .for_trades(trade_ids)
        .for_building(building.pk if building else None, building.batch_id if building else None)
        .select_related("contractor")
        .order_by("backup_order", "pk")
    )


def responsible_for(
    *, estate_id: int, trade_ids: Collection[int], on: date, building: Building | None = None
) -> Agreement | None:
    """The agreement of the contractor who answers under warranty first, or None (WA-06)."""
    found = agreements_for(estate_id=estate_id, trade_ids=trade_ids, on=on, building=building)
    return found.filter(contractor__kind=Contractor.Kind.CONTRACTOR).first()


def backups_for(
    *,
    estate_id: int,
    trade_ids: Collection[int],
    on: date,
    building: Building | None = None,
    besides: Iterable[int] = (),
) -> list[Contractor]:
    """Who may stand in, in the order of their agreements, without the companies in `besides` (WA-12)."""
    found: dict[int, Contractor] = {}
    left_out = set(besides)
    for row in agreements_for(estate_id=estate_id, trade_ids=trade_ids, on=on, building=building):
        if row.contractor_id not in left_out:
            found.setdefault(row.contractor_id, row.contractor)
    return list(found.values())


def complete_days(*, agreement: Agreement, trade_ids: Collection[int]) -> int:
    """Calendar days until the work must be done: the agreement's, else the strictest of the trades'."""
    if agreement.complete_days:
        return agreement.complete_days
    rows = CompletionLimit.objects.filter(trade__in=trade_ids, estate__in=[agreement.estate_id])
    own = dict(rows.values_list("trade", "days"))
    usual = CompletionLimit.objects.filter(trade__in=trade_ids, estate=None)
    days = dict(usual.values_list("trade", "days")) | own
    return min(days.values(), default=USUAL_DAYS)


def company_of(user: User) -> int | None:
    """The key of the company that this user acts for as a contact; asked once in a request."""
    known = user.__dict__
    if "_company_id" not in known:
        may = user.has_perm("warranty.act_for_company")
        contact = contact_of(user.pk) if may else None
        known["_company_id"] = contact.contractor_id if contact else None
    return known["_company_id"]


def employs(company_id: int, user_id: int) -> bool:
    """Whether this user is a worker of the company."""
    return Contractor.objects.filter(pk=company_id, workers__user=user_id).exists()


def works_for_a_company(user_id: int) -> bool:
    """Whether this user is a worker of any company outside."""
    return Contractor.objects.filter(workers__user=user_id).exists()


def contact_of(user_id: int) -> Contact | None:
    """The person of a company behind an account, while person and company are active."""
    return (
        Contact.objects.filter(user=user_id, active=True, contractor__active=True)
        .select_related("contractor")
        .first()
    )
