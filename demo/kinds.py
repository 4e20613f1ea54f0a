"""Complaints, questions, services and an accident for the demo town, and the papers of machines."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from accounts.models import User
from demo import names, pictures
from estates.models import Estate, Unit
from knowledge.models import Department, FaultCategory
from tickets import classes, handling, intake, kinds, requirements
from tickets.actors import Actor
from tickets.models import Channel, Kind, Ticket

PAPERS: Mapping[str, Mapping[str, str]] = {
    "device": {"device_model": "通力 N MonoSpace 2.0", "device_name": "2号客梯"},
    "quote": {"price": "180.00", "basis": "公示价目", "agreed_by": "业主本人", "agreed_how": "phone"},
    "estimate": {"cost": "3600.00", "days": "3", "approach": "剔除空鼓后挂网重抹，避开雨天"},
}
# What the desk hears besides repairs, with the answer where it was given already.
MATTERS = json.loads(Path(__file__).with_name("matters.json").read_text(encoding="utf-8"))


def papers(*, ticket: Ticket, step: str, staff: Mapping[str, User], at: datetime) -> None:
    """Fill in what this step waits for, as the desk and the engineer do."""
    if not requirements.missing(ticket, step):
        return
    for sheet in kinds.sheets_before(ticket.kind, step, level=ticket.level):
        by = staff["engineer" if sheet.name == "estimate" else "dispatcher"]
        handling.fill(
            ticket=ticket,
            sheet=sheet,
            facts=PAPERS[sheet.name],
            photos=pictures.examined(pictures.photo(ticket.pk, "铭牌.jpg")) if sheet.photos else (),
            by=Actor.staff(by),
            at=at,
        )


def write(
    *, random: Random, now: datetime, estate: Estate, units: list[Unit], staff: Mapping[str, User]
) -> int:
    """One ticket of every matter above; returns how many."""
    faults = {
        Kind.PLANNED: FaultCategory.objects.filter(code="OT02").first(),
        Kind.MINOR_WORKS: FaultCategory.objects.filter(code="PL01").first(),
    }
    for matter in MATTERS:
        kind, at = matter["kind"], now - timedelta(hours=matter["hours_ago"])
        unit = random.choice(units)
        household = unit.households.select_related("owner").first()
        owner = household.owner if household else None
        taken = intake.Intake(
            estate=estate,
            started_at=at - timedelta(seconds=90),
            channel=random.choice([Channel.PHONE, Channel.FRONT_DESK]),
            kind=kind,
            unit=unit,
            owner=owner,
            reporter_name=owner.name if owner else names.person(random),
            reporter_phone=owner.phone if owner else names.phone(random),
            fault=faults.get(kind),
            description=matter["words"],
            wanted="本周末" if kind in kinds.SENT else "",
            details=matter["details"],
            department=Department.objects.filter(code=matter.get("department")).first(),
        )
        by = Actor.staff(staff["front_desk"])
        ticket = intake.register(intake=taken, by=by, at=at)
        if answer := matter.get("answer"):
            _answer(ticket, answer, by, at + timedelta(hours=2))
        if ticket.severity == "accident":
            _explain(ticket, staff, now)
    return len(MATTERS)


def _answer(ticket: Ticket, answer: str, by: Actor, at: datetime) -> None:
    if kinds.of(ticket.kind).contact_first:
        handling.contact(ticket=ticket, result="已核实情况属实，业主要求答复", by=by, at=at)
    handling.reply(ticket=ticket, answer=answer, means="phone", by=by, at=at)


def _explain(ticket: Ticket, staff: Mapping[str, User], now: datetime) -> None:
    words = classes.Words(
        happened="上午7点40分道闸杆提前落下，砸中驶出车辆前挡风玻璃",
        harm="车主手背划伤，已送社区医院处理；挡风玻璃一块",
        cause="地感线圈接触不良，道闸未识别到车辆",
        responsible="车场维保单位，依据维保合同第六条",
        measures="道闸停用改人工，更换线圈；玻璃由维保单位赔付",
        prevention="每周测试地感并记录，车场班长负责，本月内完成全部道闸排查",
    )
    classes.submit_statement(
        ticket=ticket, words=words, by=Actor.staff(staff["manager"]), at=now - timedelta(hours=3)
    )
