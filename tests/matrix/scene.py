"""The people and things of the permission matrix: one estate with everybody in it, and one far away."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils.timezone import localdate, now

from accounts.models import User
from channels import qr
from channels.models import Alarm, Device, ImportJob, RelayDuty
from coordination import presets as counterparts
from coordination.models import (
    Counterpart,
    Request,
    RequestEvent,
    RequestFile,
    WeeklyItem,
    WeeklyList,
)
from core import schedules
from core.models import ServiceRun
from demo.journeys import Cast, Journey
from dispatch.emergency import record
from dispatch.models import Activation, AfterAction, EmergencyPlan
from estates.models import CareFlag
from knowledge.models import Department, Script
from notices.models import Message
from partners import access
from partners.models import Dispute, Notice, PartnerLink, ScoreEntry
from planning import runs
from planning.models import DayPlan
from reports.models import ReportRun
from tests import factories_estates as estates
from tests.house import AT, House
from tests.matrix import people_of
from tests.partners.companies import Companies
from tickets import classes, intake, links, workflow
from tickets.actors import Actor
from tickets.models import (
    CareTask,
    Case,
    ClassRule,
    Clock,
    Errand,
    Evidence,
    Incident,
    Incoming,
    IncomingFile,
    JointVisit,
    Kind,
    LevelRule,
    OwnerLink,
    PhoneReveal,
    PolicySet,
    Status,
    Ticket,
    WorkDay,
)
from tickets.presets import load_policies
from warranty.models import AuthorisationLetter, CompletionLimit, CoverageTerm, Season

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

    def request(self, **request: Any) -> Any:
        response = self.handler(self._base_environ(**request))
        self.cookies.update(response.cookies)
        return response


@dataclass
class Scene:
    """Clients by person, and for each word of the table what it stands for, here and far away."""

    clients: dict[str, Client] = field(default_factory=dict)
    here: dict[str, Any] = field(default_factory=dict)
    far: dict[str, Any] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    objects: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    def let_in(self, who: str, ticket: Ticket) -> None:
        """Give the owner's session the grant of this ticket, as its link does."""
        client = self.clients[who]
        session = client.session
        session[links.SESSION_KEY] = ticket.pk
        session[links.PROVEN_KEY] = who == "owner"
        session["owner_link"] = OwnerLink.objects.get(
            ticket=ticket, token_sha256=links.digest(str(ticket.pk))
        ).pk
        session.save()


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
    _rows(scene, house, people, far_home, far_ticket)
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
        words["photo"] = _photo(ticket)
        words["incoming"], words["incoming_file"] = _incoming(ticket)
        words["incident"] = _incident(ticket, user)
        words |= _coordination(ticket, user)
        words["case"], words["care"] = _ties(ticket, user)
        words["joint"] = _in_person(ticket, user)
        words["user"] = ticket.handler_id
        words["run"] = _run(ticket.estate, user).pk
        words["plan"] = _plan(ticket.estate, user)
        words["import"] = ImportJob.objects.create(
            name="旧单.xlsx", sha256="0" * 64, requested_by=user, requested_at=AT, moved_at=AT, state="ready"
        ).pk
        words["message"] = _message(ticket, user).pk
        words["late"] = _late(ticket)
        words["emergency"], words["emergency_over"] = _emergencies(ticket, user)
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
        words["firm_letter"] = _letter(firm, by)
        agreement = firm.agreements.get()
        ScoreEntry.objects.create(agreement=agreement, contractor=firm, points=-2, reason="逾期", at=AT)
        CompletionLimit.objects.create(
            estate_id=ticket.estate_id, trade=house.fault.trades.get(), days=agreement.pk
        )
    scene.tickets["firm_ticket"] = ours
    OwnerLink.objects.create(ticket=ours, token_sha256=links.digest(str(ours.pk)), created_at=AT)


def _letter(firm, by: User) -> int:
    name = default_storage.save(f"matrix/letter-{firm.pk}", ContentFile(b"picture"))
    files = {"original": name, "preview": name, "thumbnail": name, "kind": "photo", "name": "委托书.jpg"}
    days = {"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31)}
    kept = {"content_type": "image/jpeg", "sha256": "0" * 64, "recorded_by": by, "recorded_at": AT}
    return AuthorisationLetter.objects.create(contractor=firm, **files, **days, **kept).pk


def _incident(ticket: Ticket, user: User) -> int:
    facts = {"title": "停水", "words": "抢修中", "started_at": AT, "entered_at": AT}
    return Incident.objects.create(estate=ticket.estate, entered_by=user, **facts).pk


def _emergencies(ticket: Ticket, user: User) -> tuple[int, int]:
    """One that goes on, and one that is over and has its record to be written."""
    plan = EmergencyPlan.objects.get_or_create(code="storm", defaults={"name": "台风", "words": "关窗"})[0]
    facts = {"plan": plan, "reason": "预警", "words": "关窗", "commander": user, "started_by": user}
    times = {"started_at": AT, "ends_at": now() + timedelta(days=1)}
    going = Activation.objects.create(**facts, **times, drill=True)
    over = Activation.objects.create(**facts, **times, drill=True, state="ended", ended_at=now())
    for row in (going, over):
        row.estates.add(ticket.estate)
    AfterAction.objects.create(activation=over, figures=record.figures(over), frozen_at=now())
    return going.pk, over.pk


def _coordination(ticket: Ticket, user: User) -> dict[str, Any]:
    """A request to another department with a paper in its thread, and a weekly list with it."""
    name = default_storage.save(f"matrix/paper-{ticket.pk}", ContentFile(b"picture"))
    times = {"asked_at": AT, "due_at": AT, "promised_at": AT}
    who = {"owner": user, "asked_by": user, "counterpart": Counterpart.objects.first()}
    row = Request.objects.create(estate=ticket.estate, ticket=ticket, asked="图纸", **who, **times)
    event = RequestEvent.objects.create(request=row, name="asked", at=AT, actor=user, actor_name="某人")
    files = {"original": name, "preview": name, "thumbnail": name, "kind": "photo", "name": "图纸.jpg"}
    kind = {"content_type": "image/jpeg", "size": 7, "sha256": "0" * 64}
    paper = RequestFile.objects.create(event=event, added_at=AT, **files, **kind)
    week = WeeklyList.objects.create(estate=ticket.estate, monday=date(2026, 5, 4), made_at=AT)
    facts = dict.fromkeys(
        ("number", "counterpart", "about", "asked", "owner", "since", "due", "late", "last"), "图"
    )
    item = WeeklyItem.objects.create(weekly=week, place=1, request=row, ticket=ticket, facts=facts)
    return {"coordination": row.pk, "coordination_file": paper.pk, "week": week.pk, "week_item": item.pk}


def _late(ticket: Ticket) -> int:
    clock = Clock.objects.get(ticket=ticket, kind="arrive")
    Clock.objects.filter(pk=clock.pk).update(breached_at=AT)
    return clock.pk


def _ties(ticket: Ticket, user: User) -> tuple[int, int]:
    case = Case.objects.create(
        estate=ticket.estate, title="漏水", responsible=user, opened_by=user, opened_at=AT
    )
    task = CareTask.objects.get_or_create(
        ticket=ticket, defaults={"estate": ticket.estate, "flags": "高龄独居", "due_at": AT, "created_at": AT}
    )[0]
    return case.pk, task.pk


def _in_person(ticket: Ticket, user: User) -> int:
    """A door that stayed closed, and a joint visit to come."""
    Errand.objects.create(
        ticket=ticket,
        estate=ticket.estate,
        kind="closed_door",
        round=1,
        why="已3次上门无人",
        due_at=AT,
        created_at=AT,
    )
    both = {"housekeeper": user, "engineer": user, "arranged_by": user}
    return JointVisit.objects.create(ticket=ticket, starts_at=AT, why="渗漏来源", arranged_at=AT, **both).pk


def _photo(ticket: Ticket):
    name = default_storage.save(f"matrix/{ticket.pk}", ContentFile(b"picture"))
    files = {"original": name, "preview": name, "thumbnail": name}
    kind = {"stage": Evidence.Stage.REPORT, "kind": Evidence.Kind.PHOTO, "content_type": "image/jpeg"}
    size = {"name": "漏水.jpg", "size": 7, "sha256": "0" * 64}
    return Evidence.objects.create(
        ticket=ticket, added_by_name="系统", added_at=AT, **files, **kind, **size
    ).pk


def _incoming(ticket: Ticket) -> tuple[Any, Any]:
    """A letter of the estate that waits, and what came with it."""
    name = default_storage.save(f"matrix/letter-{ticket.pk}", ContentFile(b"picture"))
    letter = Incoming.objects.create(
        channel="email", external_id=f"matrix-{ticket.pk}", estate=ticket.estate, text="漏水", received_at=AT
    )
    files = {"original": name, "preview": name, "thumbnail": name, "kind": "photo", "name": "漏水.jpg"}
    kind = {"content_type": "image/jpeg", "size": 7, "sha256": "0" * 64}
    return letter.pk, IncomingFile.objects.create(incoming=letter, added_at=AT, **files, **kind).pk


def _run(estate, user: User) -> ReportRun:
    name = default_storage.save("matrix/report", ContentFile(b"workbook"))
    run = ReportRun.objects.create(
        month=date(2026, 5, 1), requested_by=user, requested_at=AT, moved_at=AT, state="done", file=name
    )
    run.estates.add(estate)
    return run


def _plan(estate, user: User) -> int:
    """A finished plan without a ticket."""
    plan = DayPlan.objects.create(day=date(2026, 5, 9), requested_by=user, requested_at=AT, moved_at=AT)
    plan.estates.add(estate)
    runs.make(plan_id=plan.pk, now=lambda: AT, optimise=False)
    return plan.pk


def _message(ticket: Ticket, user: User) -> Message:
    return Message.objects.create(
        key=f"matrix-{ticket.pk}",
        template="matrix",
        channel="app",
        user=user,
        ticket=ticket,
        title="标题",
        body="正文",
        created_at=AT,
        next_try_at=AT,
    )


def _rows(scene: Scene, house: House, people, home, far_ticket: Ticket) -> None:
    """One row of every table of the admin here, and one far away where rows have a place."""
    near = house.estate
    for estate, household in ((near, house.household), (home.unit.estate, home)):
        building = household.unit.building
        place = estates.PublicPlaceFactory(building=building)
        estates.EquipmentFactory(place=place)
        estates.HintFactory(estate=estate)
        device = Device.objects.create(
            code=f"D-{estate.pk}", name="水浸探头", estate=estate, place=place, fault=house.fault
        )
        RelayDuty.objects.create(estate=estate, port="property")
        Alarm.objects.create(device=device, kind="leak", said_at=AT, first_at=AT, last_at=AT)
        (scene.here if estate == near else scene.far)["device"] = device.pk
        CareFlag.objects.create(owner=household.owner, kind=CareFlag.Kind.ELDERLY_ALONE)
        CoverageTerm.objects.create(estate=estate, component="MEP", name="给排水", promised=24)
        Season.objects.create(estate=estate, kind="heating", starts_on="2026-11-15", ends_on="2027-03-15")
        ClassRule.objects.create(estate=estate)
        PolicySet.objects.create(code=f"P-{estate.pk}", name="本项目", estate=estate, active=False)
    load_policies()
    LevelRule.objects.create(name="供暖季", fault_prefixes="HV")
    Department.objects.create(code="cleaning", name="保洁")
    schedules.sync(at=now())
    ServiceRun.objects.create(name="supervisor", beat_at=now())
    Script.objects.create(code="S001", title="话术", body="先关水阀")
    WorkDay.objects.create(day="2099-01-01", working=False)
    _objects(scene, near, people, far_ticket)


def _objects(scene: Scene, near, people, far_ticket: Ticket) -> None:
    from django.contrib import admin

    for model in admin.site._registry:
        paths = PLACES.get(model._meta.label)
        rows = apps.get_model(model._meta.label)._base_manager.order_by("pk")
        if paths is None:
            scene.objects[model._meta.label_lower] = (rows.first(), None)
            continue
        own = rows.filter(**{paths: near.pk}).first()
        far = rows.filter(**{paths: far_ticket.estate_id}).first()
        scene.objects[model._meta.label_lower] = (own, far)


# Where a row's estate is written; tables that are not here belong to no estate.
PLACES = {
    "accounts.User": "estates",
    "estates.Estate": "pk",
    "estates.Batch": "estate",
    "estates.Building": "estate",
    "estates.Unit": "estate",
    "estates.PublicPlace": "estate",
    "estates.Equipment": "estate",
    "estates.Owner": "households__unit__estate",
    "estates.Household": "unit__estate",
    "estates.CareFlag": "owner__households__unit__estate",
    "estates.Hint": "estate",
    "notices.Message": "ticket__estate",
    "warranty.CoverageTerm": "estate",
    "warranty.Season": "estate",
    "warranty.Contractor": "agreements__estate",
    "warranty.Agreement": "estate",
    "warranty.CompletionLimit": "estate",
    "partners.ScoreEntry": "agreement__estate",
    "tickets.ClassRule": "estate",
    "tickets.PolicySet": "estate",
    "tickets.Report": "estate",
    "tickets.PhoneReveal": "ticket__estate",
    "tickets.Ticket": "estate",
    "dispatch.DispatchRule": "estate",
    "dispatch.ScoreWeights": "estate",
    "dispatch.Worker": "user__estates",
    "dispatch.Skill": "worker__user__estates",
    "dispatch.Proposal": "ticket__estate",
    "dispatch.Visit": "ticket__estate",
    "dispatch.Certificate": "skill__worker__user__estates",
    "dispatch.RosterCell": "worker__user__estates",
    "dispatch.Leave": "worker__user__estates",
    "dispatch.Exam": "worker__user__estates",
    "dispatch.Training": "attendances__worker__user__estates",
    "planning.DayPlan": "estates",
    "reports.ReportRun": "estates",
    "channels.Device": "estate",
    "channels.RelayDuty": "estate",
    "channels.Alarm": "device__estate",
}
