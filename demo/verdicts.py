"""What reviewers made of proposals lately: sent back, or sent first and judged afterwards (DI-03)."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.timezone import localtime

from demo.journeys import NobodyFits
from demo.months import Months
from dispatch import ahead, assign, proposals
from dispatch.models import Proposal
from tickets import intake, workflow
from tickets.actors import Actor
from tickets.models import Status, Ticket

# What was called about, in too few words; what the reviewer asked for; what the desk heard then.
ASKED = [
    (
        "WS01",
        "漏水",
        "请问清是哪个房间、还在不在流、总阀关了没有",
        "主卧卫生间水管接头滴水，总阀已关，楼下没有漏",
    ),
    (
        "EL04",
        "没电",
        "请问清是一个插座还是整个房间，空开跳了没有",
        "次卧两个插座都没电，空开没跳，其他房间正常",
    ),
    ("DW03", "门坏了", "请补一张照片，看清是合页还是门扇变形", "主卧房门关不严，合页松动，已加微信发来照片"),
]
# Urgent ones that went before anybody looked, and what was found afterwards: "" where the machine was right.
FIRST = [
    ("WS01", "厨房水管爆裂，水已经流到客厅", ""),
    ("EL02", "插座打火，有焦味", "业主家在用大功率设备，应派会电路检测的高级工，到场后又换了人"),
    ("WS01", "卫生间角阀断裂喷水", ""),
    ("EL02", "空开一合就跳，厨房有焦味", ""),
    ("WS01", "水管漏水，楼下顶面已经湿了", "首选师傅还在东湖嘉苑施工，二十分钟赶不到，应派同小区的人"),
]
MORNING = 10


def add(months: Months) -> None:
    """One a day in the days before yesterday, so that each has come to its end."""
    days = iter(_mornings(months))
    for each in ASKED:
        with suppress(NobodyFits, assign.NotEligible, workflow.NotReady):
            _asked_again(months, next(days), *each)
    for each in FIRST:
        with suppress(NobodyFits, assign.NotEligible, workflow.NotReady):
            _sent_first(months, next(days), *each)


def _mornings(months: Months) -> Iterator[datetime]:
    """At ten in the morning, of one day after the other backwards."""
    day = localtime(months.now).replace(hour=MORNING, minute=0, second=0, microsecond=0)
    for ago in range(3, 3 + len(ASKED) + len(FIRST)):
        yield day - timedelta(days=ago)


def _call(months: Months, at: datetime, code: str, words: str) -> intake.Intake:
    faults = [fault for fault in months.faults if fault.code == code]
    return replace(months.call(at, faults=faults), description=words, dangers=[])


def _asked_again(months: Months, at: datetime, code: str, words: str, asked: str, heard: str) -> None:
    call = _call(months, at, code, words)
    desk, dispatcher = Actor.staff(months.staff["front_desk"]), Actor.staff(months.staff["dispatcher"])
    ticket = intake.register(intake=call, by=desk, at=at)
    proposal = proposals.ensure(ticket=ticket, at=at + timedelta(minutes=1))
    ticket = assign.send_back(proposal=proposal, reason=asked, by=dispatcher, at=at + timedelta(minutes=4))
    answered = at + timedelta(minutes=11)
    ticket = intake.complete(ticket=ticket, intake=replace(call, description=heard), by=desk, at=answered)
    _to_the_end(months, ticket, answered)


def _sent_first(months: Months, at: datetime, code: str, words: str, fault_found: str) -> None:
    call = _call(months, at, code, words)
    desk, dispatcher = Actor.staff(months.staff["front_desk"]), Actor.staff(months.staff["dispatcher"])
    ticket = intake.register(intake=call, by=desk, at=at)
    sent = at + timedelta(minutes=2)
    ticket = ahead.send_first(ticket=ticket, by=desk, at=sent)
    proposal = Proposal.objects.get(ticket=ticket)
    looked = sent + timedelta(minutes=6)
    ahead.review(proposal=proposal, good=not fault_found, reason=fault_found, by=dispatcher, at=looked)
    _to_the_end(months, Ticket.objects.get(pk=ticket.pk), looked)


def _to_the_end(months: Months, ticket: Ticket, at: datetime) -> None:
    months.journey(ticket, at).to(Status.CLOSED)
