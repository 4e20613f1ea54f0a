"""Kinds: their fields, their steps, what a step waits for, and the reply (IN-11)."""

import random
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from demo import pictures
from notices.models import Message
from tests.house import AT, House
from tests.tickets.test_machine import arguments, recomputed_clocks, stored_clocks
from tickets import classes, handling, kinds, requirements, workflow
from tickets.models import Clock, Evidence, Kind, Ticket
from tickets.states import Status

pytestmark = pytest.mark.row("IN-11")
LATER = AT + timedelta(minutes=5)
DETAILS = {
    Kind.REPAIR: {},
    Kind.COMPLAINT: {"about": "service", "demand": "请道歉", "harm": "no"},
    Kind.SUGGESTION: {"topic": "green"},
    Kind.CONSULTATION: {"topic": "warranty"},
    Kind.PLANNED: {"item": "空调清洗2台"},
    Kind.MINOR_WORKS: {"scope": "围墙抹灰10平方米"},
}
FILLED = {
    "device": {"device_model": "N100"},
    "quote": {"price": "180.00", "agreed_by": "张伟", "agreed_how": "phone"},
    "estimate": {"cost": "900.00", "days": "2", "approach": "剔除后重抹"},
}


def opened(house: House, kind: str, **changes) -> Ticket:
    """A ticket of this kind, as the front desk registers it."""
    facts = {"kind": kind, "details": DETAILS[kind]} | changes
    if not kinds.of(kind).has_fault:
        facts = {"fault": None, "wanted": ""} | facts
    return house.register(**facts)


def fill(house: House, ticket: Ticket, name: str, by: str = "clerk", photos: int = 0) -> Ticket:
    return handling.fill(
        ticket=ticket,
        sheet=kinds.sheet_named(ticket.kind, name),
        facts=FILLED[name],
        by=house.actor(by),
        at=LATER,
        photos=pictures.examined(pictures.photo(1)) * photos,
    )


def lacking(ticket: Ticket, step: str) -> list[str]:
    return [each.label for each in requirements.missing(Ticket.objects.get(pk=ticket.pk), step)]


def dispatch(house: House, ticket: Ticket) -> Ticket:
    return workflow.step(
        ticket=ticket, name="dispatch", by=house.actor("dispatcher"), at=LATER, handler=house.worker.user
    )


def test_every_step_of_the_machine_belongs_to_some_kind_and_no_kind_has_another():
    machine = {each.name for each in Ticket().get_all_status_transitions()}

    assert set().union(*(policy.steps for policy in kinds.POLICIES.values())) == machine
    assert set(kinds.POLICIES) == set(Kind.values)


def test_every_sheet_waits_for_a_step_that_its_kind_has():
    gates = {
        (kind, step)
        for kind, policy in kinds.POLICIES.items()
        for sheet in policy.sheets
        for step in (sheet.before, sheet.urgent_before)
        if step and step not in policy.steps
    }

    assert gates == set()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(Kind))
def test_a_complete_registration_of_each_kind_is_registered(kind):
    assert opened(House.build("front_desk"), kind).status == Status.REGISTERED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        (Kind.COMPLAINT, ["投诉类别", "业主诉求", "有无人员受伤或重大损失"]),
        (Kind.SUGGESTION, ["建议方面"]),
        (Kind.CONSULTATION, ["咨询事项"]),
        (Kind.PLANNED, ["服务项目"]),
        (Kind.MINOR_WORKS, ["工程范围"]),
    ],
)
def test_what_a_kind_asks_and_nobody_said_makes_it_wait(kind, missing):
    ticket = opened(House.build("front_desk"), kind, details={})

    assert ticket.status == Status.INCOMPLETE
    assert ticket.events.get().payload["missing"] == missing


@pytest.mark.django_db
def test_a_plain_repair_asks_nothing_more_and_keeps_no_row():
    house = House.build("front_desk", "dispatcher")
    ticket = house.register()

    assert dispatch(house, ticket).status == Status.DISPATCHED
    assert requirements.facts_of(ticket) == {}


@pytest.mark.django_db
def test_registering_a_repair_costs_no_query_more_than_its_fault_costs(django_assert_max_num_queries):
    house = House.build("front_desk")
    house.register()

    with django_assert_max_num_queries(16):
        house.register()


@pytest.mark.django_db
def test_equipment_is_not_dispatched_without_model_and_picture():
    house = House.build("front_desk", "dispatcher", "clerk")
    house.fault.needs_device = True
    house.fault.save()
    ticket = house.register()

    with pytest.raises(workflow.NotReady) as refused:
        dispatch(house, ticket)
    assert [each.label for each in refused.value.missing] == ["设备型号", "现场照片"]

    fill(house, ticket, "device")
    assert lacking(ticket, "dispatch") == ["现场照片"]
    fill(house, ticket, "device", photos=1)
    assert dispatch(house, ticket).status == Status.DISPATCHED
    assert Evidence.objects.filter(ticket=ticket, stage="report").count() == 1


@pytest.mark.django_db
def test_where_danger_is_at_hand_people_go_first_and_the_papers_follow():
    house = House.build("front_desk", "dispatcher")
    house.fault.needs_device = True
    house.fault.save()
    ticket = house.register(dangers=["person_at_risk"])

    assert dispatch(house, ticket).status == Status.DISPATCHED
    assert lacking(ticket, "pass_inspection") == ["设备型号", "现场照片"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "sheet", "by", "missing"),
    [
        (Kind.PLANNED, "quote", "dispatcher", ["报价（元）", "确认人", "确认方式"]),
        (Kind.MINOR_WORKS, "estimate", "engineer", ["估算费用（元）", "预计工期（天）", "做法与条件"]),
    ],
)
def test_price_and_estimate_come_before_the_dispatch(kind, sheet, by, missing):
    house = House.build("front_desk", "dispatcher", "engineer")
    ticket = opened(house, kind)

    assert lacking(ticket, "dispatch") == missing
    fill(house, ticket, sheet, by=by)
    assert dispatch(house, ticket).status == Status.DISPATCHED


@pytest.mark.django_db
def test_only_the_engineer_estimates():
    house = House.build("front_desk", "engineer")
    ticket = opened(house, Kind.MINOR_WORKS)

    with pytest.raises(workflow.StepForbidden):
        fill(house, ticket, "estimate", by="front_desk")


@pytest.mark.django_db
def test_a_complaint_is_answered_after_somebody_called_and_then_followed_up():
    house = House.build("front_desk", "supervisor")
    ticket = opened(house, Kind.COMPLAINT)
    by = house.actor("front_desk")

    with pytest.raises(workflow.NotReady):
        handling.reply(ticket=ticket, answer="已处理", means="phone", by=by, at=LATER)
    handling.contact(ticket=ticket, result="保洁员态度不好属实", by=by, at=LATER)
    ticket = handling.reply(ticket=ticket, answer="已批评教育并道歉", means="phone", by=by, at=LATER)

    assert ticket.status == Status.COMPLETED
    stopped = Clock.objects.filter(ticket=ticket, stopped_at=LATER).values_list("kind", flat=True)
    assert set(stopped) == {"contact", "reply"}
    assert "已批评教育并道歉" in Message.objects.get(template="K03").body


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [Kind.SUGGESTION, Kind.CONSULTATION])
def test_a_question_and_a_suggestion_are_closed_by_the_reply(kind):
    house = House.build("front_desk")
    ticket = opened(house, kind)

    ticket = handling.reply(
        ticket=ticket, answer="防水保修五年", means="phone", by=house.actor("front_desk"), at=LATER
    )

    assert (ticket.status, ticket.closed_at) == (Status.CLOSED, LATER)


@pytest.mark.django_db
def test_an_empty_reply_is_no_reply():
    house = House.build("front_desk")
    ticket = opened(house, Kind.CONSULTATION)

    with pytest.raises(workflow.ReasonMissing):
        handling.reply(ticket=ticket, answer=" ", means="phone", by=house.actor("front_desk"), at=LATER)


@pytest.mark.django_db
@pytest.mark.row("SL-03")
def test_contact_is_due_at_once_for_safety_and_in_twelve_hours_for_service():
    house = House.build("front_desk", "manager")
    details = DETAILS[Kind.COMPLAINT]
    safety = opened(
        house,
        Kind.COMPLAINT,
        details=details | {"about": "safety"},
        reporter_phone="13800138001",
        unit=None,
        place=None,
    )
    service = opened(house, Kind.COMPLAINT)

    due = {
        ticket.level: (Clock.objects.get(ticket=ticket, kind="contact").due_at - AT) // timedelta(minutes=1)
        for ticket in (safety, service)
    }
    assert due == {1: 15, 3: 720}
    assert Message.objects.filter(template="K02").values_list("user__username", flat=True).get() == "manager"


@pytest.mark.django_db
def test_kinds_that_are_answered_have_no_clocks_of_work_on_site():
    ticket = opened(House.build("front_desk"), Kind.CONSULTATION)

    assert set(Clock.objects.filter(ticket=ticket, stopped_at=None).values_list("kind", flat=True)) == {
        "reply"
    }


@pytest.mark.django_db
@pytest.mark.row("SL-01")
def test_a_repeated_complaint_goes_up_a_level_and_to_the_supervisor():
    house = House.build("front_desk", "supervisor")
    opened(house, Kind.COMPLAINT)

    again = opened(house, Kind.COMPLAINT, at=AT + timedelta(days=3))

    assert (again.level, again.level_reason) == (2, "投诉默认3级；半年内第2次投诉，升一级")
    assert [m.user.username for m in Message.objects.filter(template="K04")] == ["supervisor"]


@pytest.mark.django_db
@pytest.mark.row("SL-06")
def test_a_complaint_that_reports_an_injury_is_an_accident_at_once():
    house = House.build("front_desk", "director")
    ticket = opened(house, Kind.COMPLAINT, details=DETAILS[Kind.COMPLAINT] | {"harm": "yes"})

    assert ticket.severity == "accident"
    assert classes.rule_for(ticket.estate_id).answer_days == 2


@pytest.mark.django_db
def test_the_database_holds_answered_kinds_to_their_states():
    house = House.build("front_desk")
    ticket = opened(house, Kind.CONSULTATION)

    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(status=Status.DISPATCHED, handler=house.worker.user)


class RandomKinds(TestCase):
    """Whoever tries whatever: no kind ever takes a step that it does not have."""

    @given(seed=st.integers(min_value=0, max_value=2**32))
    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    def test_random_kinds_never_leave_their_table(self, seed):
        dice = random.Random(seed)
        house = House.build("front_desk", "clerk", "dispatcher", "engineer", "manager")
        ticket, now = opened(house, dice.choice(Kind.values)), AT
        for _ in range(25):
            now += timedelta(minutes=dice.randint(1, 200))
            ticket = try_something(house, ticket, dice, now)

        taken = set(ticket.events.values_list("name", flat=True)) - set(workflow.NOTES)
        assert taken - kinds.of(ticket.kind).steps == {"register"}
        assert stored_clocks(ticket) == recomputed_clocks(ticket)


def try_something(house: House, ticket: Ticket, dice: random.Random, now) -> Ticket:
    """A step, a sheet, a call or a reply by somebody; most are refused."""
    every = sorted({each.name for each in ticket.get_all_status_transitions()})
    open_ = [each.name for each in ticket.get_available_status_transitions()]
    actors = [
        house.actor(code) for code in ("front_desk", "clerk", "dispatcher", "engineer", "manager", "worker")
    ]
    by = dice.choice([*actors, house.system(), house.journey_owner(ticket)])
    what = dice.choice(["step", "step", "step", "sheet", "contact"])
    try:
        if what == "contact":
            return workflow.note(ticket=ticket, name="contact_caller", by=by, at=now, reason="已联系")
        if what == "sheet":
            sheet = dice.choice(kinds.of(ticket.kind).sheets)
            facts = FILLED.get(sheet.name, DETAILS[ticket.kind])
            return handling.fill(ticket=ticket, sheet=sheet, facts=facts, by=by, at=now)
        name = dice.choice(open_ if open_ and dice.random() < 0.7 else every)
        by = dice.choice([actor for actor in actors if workflow.may(ticket, name, actor)] or [by])
        return workflow.step(
            ticket=ticket, name=name, by=by, at=now, reason="随机", **arguments(house, ticket, name, now)
        )
    except (workflow.StepTaken, workflow.StepForbidden, workflow.NotReady):
        return ticket
