"""A contractor under warranty and its backup in the tests' house, and tickets that they have."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import User
from dispatch import assign, proposals
from partners import access, presets
from tests.house import AT, House
from tickets import responsibility
from tickets.actors import Actor
from tickets.models import Ticket
from warranty.models import Agreement, Contact, Contractor


@dataclass
class Companies:
    """`first` answers for the house under warranty with two contacts, `second` stands in."""

    house: House
    first: Contact
    other: Contact
    second: Contact

    @classmethod
    def build(cls, house: House | None = None) -> "Companies":
        """The house with both companies; their contacts have accounts and no link yet."""
        house = house or House.build()
        presets.load()
        first = cls.sign(house.estate, "宏基建设", house.fault, phones=("13811110001", "13811110002"))
        second = cls.sign(
            house.estate,
            "安捷维保",
            house.fault,
            kind=Contractor.Kind.THIRD_PARTY,
            backup_order=1,
            phones=("13822220001", "13822220002"),
        )
        return cls(house, first[0], first[1], second[0])

    @staticmethod
    def sign(estate, name: str, fault, *, phones=(), kind: str = "contractor", **terms) -> list[Contact]:
        """A company with an agreement for this estate and fault, and a contact for each phone."""
        firm = Contractor.objects.create(name=name, kind=kind)
        agreement = Agreement.objects.create(
            contractor=firm,
            number=f"BX-{firm.pk}",
            estate=estate,
            valid_from=date(2020, 1, 1),
            valid_to=date(2040, 1, 1),
            **terms,
        )
        agreement.trades.set(fault.trades.all())
        people = [Contact.objects.create(contractor=firm, name=f"{name}{n}", phone=n) for n in phones]
        for contact in people:
            access.account_of(contact)
        return [Contact.objects.select_related("user", "contractor").get(pk=row.pk) for row in people]

    @property
    def agreement(self) -> Agreement:
        return self.first.contractor.agreements.get()

    def given(self, contact: Contact | None = None, *, at: datetime = AT) -> Ticket:
        """A ticket that a reviewer sent to this contact's company (the first one)."""
        contact = contact or self.first
        ticket = self.house.register(at=at)
        proposal = proposals.ensure(ticket=ticket, at=at)
        by = self.house.actor("dispatcher")
        responsibility.confirm(
            ticket=ticket,
            party="contractor",
            trade=self.house.fault.trades.get(),
            reason="施工接头未拧紧",
            by=self.house.actor("engineer"),
            at=at,
        )
        assign.change(proposal=proposal, worker=contact.user.worker, reason="保修期内", by=by, at=at)
        return Ticket.objects.get(pk=ticket.pk)

    def user(self, code: str) -> User:
        """That role's person."""
        return self.house.people[code]


def acting(contact: Contact) -> Actor:
    """The contact as an actor, with rights as they are now."""
    return Actor.staff(User.objects.get(pk=contact.user_id))


def hours(number: float) -> timedelta:
    """So many hours."""
    return timedelta(hours=number)
