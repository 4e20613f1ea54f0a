"""The demo's companies outside: agreements, contacts, letters, a slow one, an objection."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from accounts.models import User
from core import store
from core.db import joined
from demo import pictures
from dispatch.models import Worker
from estates.models import Estate
from partners import craft, disputes, letters, watch
from partners.models import PartnerVisit
from tickets.actors import Actor
from tickets.models import Status, Ticket
from warranty.models import Agreement, AuthorisationLetter, Contact, Contractor

# Company, in which order it answers, its contacts beside the demo user: name, duty, phone.
CONTACTS = {
    "contractor": (0, [("钱学文", "项目保修负责人", "13920030001")]),
    "third_party": (1, [("冯立军", "运维主管", "13920030003")]),
}


@joined
def sign_up(*, estates: list[Estate], staff: dict[str, User]) -> None:
    """Papers for the companies of the demo; without them nothing is sent to a contractor."""
    for username, (order, others) in CONTACTS.items():
        firm = Worker.objects.get(user=staff[username]).contractor
        _sign(firm, order, estates)
        user = staff[username]
        people = [(user.full_name, "驻场工长", user.phone, user), *((*row, None) for row in others)]
        for name, duty, phone, account in people:
            Contact.objects.create(contractor=firm, name=name, duty=duty, phone=phone, user=account)
        firm.craftsmen.create(name="罗师傅", phone=f"1392004{order:04}")


@joined
def add(*, now: datetime, staff: dict[str, User]) -> int:
    """What passes between us and the companies that have work in hand; returns how many letters."""
    seen = now - timedelta(hours=3)
    contact = Contact.objects.select_related("contractor", "user").get(user=staff["contractor"])
    PartnerVisit.objects.create(contact=contact, day=seen.date(), first_at=seen, last_at=seen)
    _authorise(contact.contractor, staff["supervisor"], now)
    _talk([contact, Contact.objects.get(user=staff["third_party"])], staff["engineer"], now)
    watch.look(now=now)
    return contact.contractor.notices.count()


def _sign(firm: Contractor, order: int, estates: list[Estate]) -> None:
    for estate in estates:
        row = Agreement.objects.create(
            contractor=firm,
            number=f"BX-{estate.code}-{firm.pk:02}",
            estate=estate,
            valid_from=date(2020, 1, 1),
            valid_to=date(2030, 12, 31),
            backup_order=order,
        )
        trades = firm.workers.values_list("skills__trade", flat=True)
        row.trades.set({pk for pk in trades if pk})


def _authorise(firm: Contractor, by: User, now: datetime) -> None:
    """The company's 授权委托书; the other company still owes its own."""
    [(upload, info)] = pictures.examined(pictures.photo(11, "授权委托书.jpg", mended=True))
    AuthorisationLetter.objects.create(
        contractor=firm,
        valid_from=now.date() - timedelta(days=200),
        valid_to=now.date() + timedelta(days=165),
        kind=info.kind,
        content_type=info.content_type,
        name=info.name,
        recorded_by=by,
        recorded_at=now,
        **vars(store.keep(upload, info, at=now)),
    )


def _in_hand(contacts: Sequence[Contact]) -> tuple[Contact, Ticket] | None:
    """The newest ticket on its way to the owner that one of them holds; which company has any is chance."""
    for contact in contacts:
        held = Ticket.objects.filter(handler=contact.user, status__in=[Status.ACCEPTED, Status.SCHEDULED])
        if ticket := held.order_by("-pk").first():
            return contact, ticket
    return None


def _talk(contacts: Sequence[Contact], engineer: User, now: datetime) -> None:
    """A ticket of one of the companies gets a name, a letter that was read, and an objection."""
    found = _in_hand(contacts)
    if found is None:
        return
    contact, ticket = found
    by, firm = Actor.staff(contact.user), contact.contractor
    goes = firm.craftsmen.get()
    craft.send(ticket=ticket, contractor=firm, name=goes.name, phone=goes.phone, by=by, at=now)
    notice = letters.send(
        ticket=ticket,
        contractor=firm,
        kind="reminder",
        words="业主催促，请当日内电话约定上门时间",
        due_at=now + timedelta(hours=8),
        by=Actor.staff(engineer),
        at=now,
    )
    letters.read(notice=notice, contact=contact, ip="203.0.113.8", at=now)
    disputes.raise_(
        ticket=ticket,
        contact=contact,
        words="现场为业主自行改装所致，不属施工质量问题，请核实责任。",
        photos=[],
        by=by,
        at=now,
    )
