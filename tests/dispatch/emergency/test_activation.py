"""Who starts, moves and ends an emergency, and what is refused (DI-09)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.timezone import now

from dispatch import facts, queries
from dispatch.emergency import activation as verbs
from dispatch.emergency import equipment, progress, reach, record
from dispatch.models import Activation, AfterAction, Order, SquadMember, Supply
from notices.models import Message
from tests.dispatch.emergency.storms import MORNING, NOON, Storm, minute
from tests.factories_estates import EstateFactory
from tests.house import AT, House
from tickets import board
from tickets.models import Status

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-09")]
HOUR = timedelta(hours=1)


def test_only_who_may_command_starts_one_and_only_for_their_estates():
    storm = Storm.build()
    stranger = House.person("manager", EstateFactory(), username="stranger")

    for who in (storm.house.people["dispatcher"], storm.house.people["director"], stranger):
        with pytest.raises(PermissionDenied):
            storm.start(by=who)
    with pytest.raises(verbs.BadStart):
        storm.start(commander=storm.house.people["dispatcher"])

    assert Activation.objects.count() == 0


def test_an_estate_has_one_emergency_at_a_time_and_drills_beside_it():
    storm = Storm.build()
    storm.start()

    with pytest.raises(verbs.BadStart, match="已有“台风暴雨”在进行"):
        storm.start(at=NOON + HOUR)
    storm.start(at=NOON + HOUR, drill=True)

    assert Activation.objects.count() == 2


@pytest.mark.parametrize("until", [NOON, NOON - HOUR, NOON + timedelta(days=31)])
def test_the_end_lies_ahead_and_within_a_month(until):
    storm = Storm.build()

    with pytest.raises(verbs.BadStart):
        storm.start(until=until)


def test_what_is_over_takes_no_more_orders():
    storm = Storm.build()
    activation = storm.start()
    manager = storm.house.people["manager"]
    verbs.end(activation=activation, reason="风停了", by=manager, at=NOON + HOUR)

    for act in (
        lambda: verbs.order(activation=activation, words="巡查", by=manager, at=NOON + 2 * HOUR),
        lambda: verbs.end(activation=activation, reason="再结束", by=manager, at=NOON + 2 * HOUR),
        lambda: verbs.move_end(
            activation=activation, until=MORNING, reason="", by=manager, at=NOON + 2 * HOUR
        ),
    ):
        with pytest.raises(verbs.AlreadyOver):
            act()


def test_the_preview_says_what_the_start_then_does():
    storm = Storm.build()
    storm.ticket(3, reporter_phone="13800138001")
    storm.ticket(4, status=Status.DISPATCHED, reporter_phone="13800138001")
    storm.ticket(2)
    storm.ticket(3, status=Status.SURVEYING)
    storm.disaster()

    seen = reach.preview(plan=storm.plan, estates=[storm.house.estate.pk])
    activation = storm.start()
    moved = minute(NOON)

    assert (seen.paused, seen.owners, seen.staying) == (2, 1, 3)
    assert dict(seen.stays) == {"灾害类故障，插队优先": 1, "1–2级工单": 1, "师傅已在现场": 1}
    assert (moved, activation.planned, Message.objects.filter(template="E01").count()) == (2, 2, 1)


def test_the_squad_is_called_and_supplies_and_checks_come_from_the_plan():
    storm = Storm.build()
    activation = storm.start()

    member, supply, check = activation.squad.get(), activation.supplies.get(), activation.checks.get()

    assert (member.user, member.role, member.presence) == (storm.house.worker.user, "排水抢险", "called")
    assert (supply.name, supply.needed, supply.short) == ("沙袋", 300, 300)
    assert check.text == "挡水板到位"
    assert Message.objects.get(template="E05").user == storm.house.worker.user


def test_presence_supplies_and_checks_are_kept_and_stand_in_the_log():
    storm = Storm.build()
    activation = storm.start()
    manager = storm.house.people["manager"]
    member, supply, check = activation.squad.get(), activation.supplies.get(), activation.checks.get()

    member.presence = SquadMember.Presence.PRESENT
    equipment.keep_member(member=member, by=manager, at=NOON + HOUR)
    supply.on_site, supply.used = 280, 120
    equipment.keep_supply(supply=supply, by=manager, at=NOON + HOUR)
    equipment.tick(check=check, done=True, by=manager, at=NOON + HOUR)
    verbs.order(activation=activation, words="1号车库加派水泵", by=manager, at=NOON + 2 * HOUR)

    seen = progress.progress(activation, manager)
    assert (seen.present, seen.short, seen.checks) == (1, 1, {"all": 1, "done": 1})
    assert Supply.objects.get().left == 160
    assert list(Order.objects.order_by("at", "pk").values_list("label", "words"))[1:] == [
        ("队伍", "排水抢险 马永康：到岗"),
        ("物资", "沙袋：到位280个，已用120个"),
        ("指令", "1号车库加派水泵"),
    ]


def test_where_the_squad_works_is_shown_until_the_end():
    storm = Storm.build()
    activation = storm.start()
    ticket = storm.ticket(2, status=Status.SURVEYING)
    manager = storm.house.people["manager"]

    during = progress.progress(activation, manager).squad
    activation = verbs.end(activation=activation, reason="雨停", by=manager, at=NOON + 5 * HOUR)
    after = progress.progress(activation, manager).squad

    site = f"{ticket.estate.name} {ticket.place_label}"
    assert ([place for _, place in during], [place for _, place in after]) == ([site], [""])


def test_the_page_of_progress_counts_disasters_by_level_state_and_building():
    storm = Storm.build()
    activation = storm.start()
    storm.disaster(at=NOON + HOUR)
    storm.ticket(3, at=NOON + HOUR)

    seen = progress.progress(activation, storm.house.people["director"])

    assert [(level, total) for level, _, total in seen.table.rows] == [(1, 1)]
    assert (seen.table.total, seen.table.done, seen.table.sums[0]) == (1, 0, 1)
    assert [number for _, number in seen.buildings] == [1]
    assert [ticket.fault for ticket in seen.waiting] == [storm.flood]


def test_the_record_is_written_submitted_sent_back_and_approved():
    storm = Storm.build()
    activation = storm.start()
    supervisor, manager = storm.house.people["supervisor"], storm.house.people["manager"]
    verbs.end(activation=activation, reason="风停了", by=supervisor, at=NOON + HOUR)
    row = AfterAction.objects.get()
    words = {"course": "一天", "good": "快", "poor": "沙袋不足", "measures": "增购"}

    with pytest.raises(PermissionDenied):
        record.decide(row=row, approved=True, answer="", by=supervisor, at=MORNING)
    with pytest.raises(record.NotSo):
        record.decide(row=row, approved=True, answer="", by=manager, at=MORNING)
    record.write(row=row, words=words, submit=True, by=supervisor, at=MORNING)
    record.decide(row=row, approved=False, answer="补充经过", by=manager, at=MORNING)
    record.write(row=row, words=words | {"course": "一天一夜"}, submit=True, by=supervisor, at=MORNING)
    record.decide(row=row, approved=True, answer="", by=manager, at=MORNING + HOUR)

    row.refresh_from_db()
    assert (row.state, row.course, row.approved_by, row.approved_at) == (
        "approved",
        "一天一夜",
        manager,
        MORNING + HOUR,
    )
    with pytest.raises(record.NotSo):
        record.write(row=row, words=words, submit=False, by=supervisor, at=MORNING)


def test_figures_are_frozen_at_the_end():
    storm = Storm.build()
    storm.ticket(3)
    activation = storm.start()
    minute(NOON)
    storm.disaster(at=NOON + HOUR)
    verbs.end(activation=activation, reason="风停了", by=storm.house.people["manager"], at=NOON + 2 * HOUR)
    minute(NOON + 2 * HOUR)
    storm.disaster(at=NOON + 3 * HOUR)

    figures = AfterAction.objects.get().figures

    assert (figures["tickets"], figures["levels"]["1"], figures["paused"], figures["excepted"]) == (
        1,
        1,
        1,
        0,
    )
    assert (sum(figures["owners"].values()), figures["complaints"], figures["squad"]) == (2, 0, 1)


def test_disasters_go_first_in_the_queue_on_the_board_and_to_the_squad():
    storm = Storm.build()
    at = now()
    late = storm.ticket(2, at=at - 5 * HOUR)
    flood = storm.disaster(at=at - HOUR)
    other = storm.house.new_worker("other", storm.house.household, storm.house.fault)
    storm.start(at=at - 2 * HOUR, until=at + HOUR)
    dispatcher = storm.house.people["dispatcher"]

    queue = list(queries.waiting(dispatcher))
    column = board.columns(board.tickets_of(dispatcher, board.Choice()), board.Choice(), now=at)[0]
    best = facts.suggestion_for(flood, at=at)
    plain = facts.suggestion_for(late, at=at)

    assert queue == [flood, late]
    assert [(card.number, card.first) for card in column.cards] == [
        (flood.number, "应急优先：台风暴雨"),
        (late.number, ""),
    ]
    assert (best.best.name, best.best.parts[-1].words) == ("马永康", "台风暴雨应急小组成员")
    assert plain.best.worker_id == other.pk


def test_the_flag_of_the_review_says_why_it_goes_first():
    storm = Storm.build()
    flood = storm.disaster(at=AT)
    storm.start()

    flags = queries.brief(flood, storm.house.people["dispatcher"], at=NOON).flags

    assert ("应急", "应急优先：台风暴雨，插队处理") in flags
