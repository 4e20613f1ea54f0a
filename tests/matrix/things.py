"""What the words of the matrix stand for: each function makes one thing at a ticket's estate."""

from datetime import date, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.timezone import now

from accounts.models import User
from coordination.models import (
    Counterpart,
    Request,
    RequestEvent,
    RequestFile,
    WeeklyItem,
    WeeklyList,
)
from dispatch.emergency import record
from dispatch.models import Activation, AfterAction, EmergencyPlan
from notices.models import Message
from planning import runs
from planning.models import DayPlan
from reports.models import ReportRun
from tests.house import AT
from tickets.models import (
    CareTask,
    Case,
    Clock,
    Errand,
    Evidence,
    Incident,
    Incoming,
    IncomingFile,
    JointVisit,
    Ticket,
)
from warranty.models import AuthorisationLetter


def letter(firm, by: User) -> int:
    name = default_storage.save(f"matrix/letter-{firm.pk}", ContentFile(b"picture"))
    files = {"original": name, "preview": name, "thumbnail": name, "kind": "photo", "name": "委托书.jpg"}
    days = {"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31)}
    kept = {"content_type": "image/jpeg", "sha256": "0" * 64, "recorded_by": by, "recorded_at": AT}
    return AuthorisationLetter.objects.create(contractor=firm, **files, **days, **kept).pk


def incident(ticket: Ticket, user: User) -> int:
    facts = {"title": "停水", "words": "抢修中", "started_at": AT, "entered_at": AT}
    return Incident.objects.create(estate=ticket.estate, entered_by=user, **facts).pk


def emergencies(ticket: Ticket, user: User) -> tuple[int, int]:
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


def coordination(ticket: Ticket, user: User) -> dict[str, Any]:
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


def late(ticket: Ticket) -> int:
    clock = Clock.objects.get(ticket=ticket, kind="arrive")
    Clock.objects.filter(pk=clock.pk).update(breached_at=AT)
    return clock.pk


def ties(ticket: Ticket, user: User) -> tuple[int, int]:
    case = Case.objects.create(
        estate=ticket.estate, title="漏水", responsible=user, opened_by=user, opened_at=AT
    )
    task = CareTask.objects.get_or_create(
        ticket=ticket, defaults={"estate": ticket.estate, "flags": "高龄独居", "due_at": AT, "created_at": AT}
    )[0]
    return case.pk, task.pk


def in_person(ticket: Ticket, user: User) -> int:
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


def photo(ticket: Ticket):
    name = default_storage.save(f"matrix/{ticket.pk}", ContentFile(b"picture"))
    files = {"original": name, "preview": name, "thumbnail": name}
    kind = {"stage": Evidence.Stage.REPORT, "kind": Evidence.Kind.PHOTO, "content_type": "image/jpeg"}
    size = {"name": "漏水.jpg", "size": 7, "sha256": "0" * 64}
    return Evidence.objects.create(
        ticket=ticket, added_by_name="系统", added_at=AT, **files, **kind, **size
    ).pk


def incoming(ticket: Ticket) -> tuple[Any, Any]:
    """A letter of the estate that waits, and what came with it."""
    name = default_storage.save(f"matrix/letter-{ticket.pk}", ContentFile(b"picture"))
    letter = Incoming.objects.create(
        channel="email", external_id=f"matrix-{ticket.pk}", estate=ticket.estate, text="漏水", received_at=AT
    )
    files = {"original": name, "preview": name, "thumbnail": name, "kind": "photo", "name": "漏水.jpg"}
    kind = {"content_type": "image/jpeg", "size": 7, "sha256": "0" * 64}
    return letter.pk, IncomingFile.objects.create(incoming=letter, added_at=AT, **files, **kind).pk


def run(estate, user: User) -> ReportRun:
    name = default_storage.save("matrix/report", ContentFile(b"workbook"))
    run = ReportRun.objects.create(
        month=date(2026, 5, 1), requested_by=user, requested_at=AT, moved_at=AT, state="done", file=name
    )
    run.estates.add(estate)
    return run


def plan(estate, user: User) -> int:
    """A finished plan without a ticket."""
    plan = DayPlan.objects.create(day=date(2026, 5, 9), requested_by=user, requested_at=AT, moved_at=AT)
    plan.estates.add(estate)
    runs.make(plan_id=plan.pk, now=lambda: AT, optimise=False)
    return plan.pk


def message(ticket: Ticket, user: User) -> Message:
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
