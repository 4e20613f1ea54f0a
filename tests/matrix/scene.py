"""The people and things of the permission matrix: one estate with everybody in it, and one far away."""

from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from itertools import product
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils.timezone import localdate, now

from accounts.models import User
from channels import qr
from channels.models import ImportJob
from coordination import presets as counterparts
from demo.journeys import Cast, Journey
from partners import access
from partners.models import Dispute, Notice, PartnerLink, ScoreEntry
from tests import factories_estates as estates
from tests.clients import read
from tests.house import AT, House
from tests.matrix import admin_rows, people_of, things
from tests.partners.companies import Companies
from tickets import classes, intake, links, workflow
from tickets.actors import Actor
from tickets.models import (
    Kind,
    OwnerLink,
    PhoneReveal,
    Status,
    Ticket,
)
from warranty.models import CompletionLimit

STATES = [
    Status.INCOMPLETE,
    Status.IN_REVIEW,
    Status.SCHEDULED,
    Status.OWNER_CONSENT,
    Status.PRE_INSPECTION,
    Status.OWNER_ACCEPTANCE,
    Status.COMPLETED,
    Status.CLOSED,
]
# The owner's own session; the others sign in.
BY_LINK = ("link", "owner")
BY_PHONE = "phone"


class Visitor(Client):
    """A client that keeps no templates and contexts: over thousands of pages that is half the time."""

    def __reduce__(self) -> Any:
        """Its session is all it knows: a scene can be kept and put back."""
        return _visitor, (self.cookies,)

    def request(self, **request: Any) -> Any:
        response = self.handler(self._base_environ(**request))
        self.cookies.update(response.cookies)
        return read(response)


def _visitor(cookies: SimpleCookie) -> Visitor:
    visitor = Visitor()
    visitor.cookies = cookies
    return visitor


@dataclass
class Scene:
    """Clients by person, and for each word of the table what it stands for, here and far away."""

    clients: dict[str, Client] = field(default_factory=dict)
    here: dict[str, Any] = field(default_factory=dict)
    far: dict[str, Any] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    objects: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    # Of the owner, proven and not, for each ticket.
    sessions: dict[tuple[str, int], str] = field(default_factory=dict)

    def let_in(self, who: str, ticket: Ticket) -> None:
        """Give the owner the session that the link of this ticket opens."""
        self.clients[who].cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who, ticket.pk]


def build() -> Scene:
    """Everybody, a ticket in each state that a page asks for, and one row of every table."""
    house = House.build()
    scene = Scene()
    far_home = estates.HouseholdFactory()
    firms = Companies.build(house)
    people = _people(house, firms, far_home.unit.estate)
    for name, user in people.items():
        scene.clients[name] = Visitor()
        if user:
            scene.clients[name].force_login(user)
    _sign_in_by_phone(scene.clients[BY_PHONE])
    far_ticket = _far_ticket(house, far_home, people["stranger"])
    for status in STATES:
        scene.tickets[status] = house.ticket_at(status)
        scene.here[status] = scene.tickets[status].number
        scene.far[status] = far_ticket.number
    _kinds(scene, house, far_ticket)
    for ticket in [*scene.tickets.values(), far_ticket]:
        OwnerLink.objects.create(ticket=ticket, token_sha256=links.digest(str(ticket.pk)), created_at=AT)
    _words(scene, house, people, far_home, far_ticket)
    _firms(scene, house, firms, far_ticket)
    _rows(scene, house, far_home, far_ticket)
    _sessions_by_link(scene)
    return scene


def _people(house: House, firms: Companies, far) -> dict[str, User | None]:
    near = house.estate
    people: dict[str, User | None] = {"anonymous": None, **dict.fromkeys(BY_LINK), BY_PHONE: None}
    people |= house.people | {"worker": house.worker.user}
    people["idle"] = house.new_worker("idle", house.household, house.fault).user
    for code in ("contractor", "third_party", "sysadmin"):
        people[code] = house.person(code, near)
    people["partner"] = firms.first.user
    people["stranger"] = house.person("dispatcher", far, username="stranger")
    people["root"] = User.objects.create_superuser("root", password="correct-horse", full_name="超级管理员")
    return people


def _sign_in_by_phone(client: Client) -> None:
    """As after the code of an SMS, with the phone that every ticket here is reported with."""
    session = client.session
    session[links.PHONE_KEY] = "13800138000"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


def _sessions_by_link(scene: Scene) -> None:
    """As the link of each ticket opens them, before and after the digits of the phone."""
    for who, ticket in product(BY_LINK, scene.tickets.values()):
        link = OwnerLink.objects.get(ticket=ticket, token_sha256=links.digest(str(ticket.pk)))
        session = Client().session
        session[links.SESSION_KEY] = ticket.pk
        session[links.PROVEN_KEY] = who == "owner"
        session["owner_link"] = link.pk
        session.save()
        scene.sessions[who, ticket.pk] = session.session_key


def _far_ticket(house: House, home, stranger: User) -> Ticket:
    taken = house.intake(
        estate=home.unit.estate, unit=home.unit, owner=home.owner, reporter_phone="13900139000"
    )
    ticket = intake.register(intake=taken, by=Actor.system(), at=AT)
    worker = house.new_worker("far-worker", home, house.fault)
    cast = Cast(stranger, stranger, worker, stranger, stranger)
    return Journey(ticket=ticket, cast=cast, now=AT).to(Status.SCHEDULED)


def _kinds(scene: Scene, house: House, far_ticket: Ticket) -> None:
    """A ticket for each page that kinds and classes have of their own."""
    complaint = {"about": "service", "demand": "道歉", "harm": "no"}
    found = {
        "planned": house.register(kind=Kind.PLANNED, details={"item": "空调清洗"}),
        "complaint": house.register(kind=Kind.COMPLAINT, details=complaint, fault=None, wanted=""),
        "important": house.register(),
        "accident": house.register(),
        "explained": house.register(),
    }
    by, words = Actor.system(), classes.Words("经过", "无", "原因", "责任", "措施", "防范")
    classes.raise_important(ticket=found["important"], by=by, at=AT, reason="一天未解决")
    classes.ask_overrun(ticket=found["important"], at=AT)
    for name in ("accident", "explained"):
        classes.raise_accident(ticket=found[name], by=by, at=AT, reason="有人受伤")
    classes.submit_statement(ticket=found["explained"], words=words, by=house.actor("manager"), at=AT)
    for name, ticket in found.items():
        scene.tickets[name], scene.here[name], scene.far[name] = ticket, ticket.number, far_ticket.number


def _words(scene: Scene, house: House, people, home, far_ticket: Ticket) -> None:
    scheduled = scene.tickets[Status.SCHEDULED]
    scene.here["closed_pk"], scene.far["closed_pk"] = scene.tickets[Status.CLOSED].pk, far_ticket.pk
    scene.here |= {"unit": house.household.unit_id, "fault": house.fault.pk, "token": str(scheduled.pk)}
    scene.far |= {"unit": home.unit_id, "fault": 10**9, "token": "1" * 43}
    scene.here["place_code"], scene.far["place_code"] = qr.code_for(house.estate), "e0.x"
    counterparts.load()
    scene.here["month"] = scene.far["month"] = f"{localdate():%Y-%m}"
    for words, ticket, user in (
        (scene.here, scheduled, people["manager"]),
        (scene.far, far_ticket, people["stranger"]),
    ):
        words["photo"] = things.photo(ticket)
        words["incoming"], words["incoming_file"] = things.incoming(ticket)
        words["incident"] = things.incident(ticket, user)
        words |= things.coordination(ticket, user)
        words["case"], words["care"] = things.ties(ticket, user)
        words["joint"] = things.in_person(ticket, user)
        words["user"] = ticket.handler_id
        words["run"] = things.run(ticket.estate, user).pk
        words["plan"] = things.plan(ticket.estate, user)
        words["import"] = ImportJob.objects.create(
            name="旧单.xlsx", sha256="0" * 64, requested_by=user, requested_at=AT, moved_at=AT, state="ready"
        ).pk
        words["message"] = things.message(ticket, user).pk
        words["late"] = things.late(ticket)
        words["emergency"], words["emergency_over"] = things.emergencies(ticket, user)
        words |= people_of.of(ticket, user)
        PhoneReveal.objects.create(ticket=ticket, user=ticket.handler, reason="contact", at=now())


def _firms(scene: Scene, house: House, firms: Companies, far_ticket: Ticket) -> None:
    """A contractor here that has a ticket, a letter, an objection and a link; another one far away."""
    by = house.people["manager"]
    ours = firms.given()
    workflow.step(ticket=ours, name="accept", by=Actor.staff(firms.first.user), at=AT)
    far = firms.sign(far_ticket.estate, "外地总包", house.fault, phones=("13833330001", "13833330002"))[0]
    for words, contact, ticket in ((scene.here, firms.first, ours), (scene.far, far, far_ticket)):
        firm = contact.contractor
        words["firm"], words["contact"] = firm.pk, contact.pk
        words["firm_ticket"], token = ticket.number, f"{contact.pk:0>43}"
        # A link is its own key: nobody can hold one that is far away.
        words["link"] = token if ticket == ours else "1" * 43
        PartnerLink.objects.create(
            contact=contact,
            token_sha256=access.digest(token),
            created_at=AT,
            created_by=by,
            expires_at=now() + timedelta(days=1),
        )
        words["notice"] = Notice.objects.create(
            contractor=firm, ticket=ticket, kind="order", words="逾期", due_at=AT, sent_at=AT
        ).pk
        words["dispute"] = Dispute.objects.create(
            ticket=ticket, contractor=firm, raised_by=contact.user, raised_at=AT, words="不属保修"
        ).pk
        words["firm_letter"] = things.letter(firm, by)
        agreement = firm.agreements.get()
        ScoreEntry.objects.create(agreement=agreement, contractor=firm, points=-2, reason="逾期", at=AT)
        CompletionLimit.objects.create(
            estate_id=ticket.estate_id, trade=house.fault.trades.get(), days=agreement.pk
        )
    scene.tickets["firm_ticket"] = ours
    OwnerLink.objects.create(ticket=ours, token_sha256=links.digest(str(ours.pk)), created_at=AT)


def _rows(scene: Scene, house: House, home, far_ticket: Ticket) -> None:
    """One row of every table of the admin here, and one far away where rows have a place."""
    for words, household in ((scene.here, house.household), (scene.far, home)):
        words["device"] = admin_rows.of_estate(household, house.fault).pk
    admin_rows.of_no_estate()
    scene.objects = admin_rows.of_every_table(house.estate.pk, far_ticket.estate_id)
