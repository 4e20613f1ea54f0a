"""The table of states and steps, pinned; random histories never leave it (design.md)."""

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from demo import pictures
from tests.house import AT, House
from tickets import clock_store, workflow
from tickets.models import Channel, Clock, Kind, Port, Ticket
from tickets.states import HOLDABLE, PAUSABLE, WITH_WORKER, Status

EARLY = ("incomplete", "registered", "in_review", "dispatched", "deferred")
EDGES = {
    ("incomplete", "complete_details", "registered"),
    ("registered", "submit_review", "in_review"),
    ("registered", "return_for_information", "incomplete"),
    ("in_review", "return_for_information", "incomplete"),
    ("registered", "dispatch", "dispatched"),
    ("in_review", "dispatch", "dispatched"),
    ("dispatched", "reassign", "dispatched"),
    ("accepted", "reassign", "dispatched"),
    ("scheduled", "reassign", "dispatched"),
    ("dispatched", "accept", "accepted"),
    ("dispatched", "decline", "in_review"),
    ("dispatched", "take_back", "in_review"),
    ("accepted", "schedule", "scheduled"),
    ("scheduled", "reschedule", "scheduled"),
    ("scheduled", "no_access", "accepted"),
    ("accepted", "arrive", "surveying"),
    ("scheduled", "arrive", "surveying"),
    ("surveying", "submit_plan", "owner_consent"),
    ("surveying", "submit_plan_for_review", "plan_review"),
    ("plan_review", "approve_plan", "owner_consent"),
    ("plan_review", "reject_plan", "surveying"),
    ("owner_consent", "consent", "repairing"),
    ("owner_consent", "refuse_plan", "surveying"),
    ("repairing", "finish", "pre_inspection"),
    ("pre_inspection", "pass_inspection", "owner_acceptance"),
    ("pre_inspection", "fail_inspection", "repairing"),
    ("owner_acceptance", "pass_acceptance", "completed"),
    ("owner_acceptance", "refuse_acceptance", "repairing"),
    ("registered", "reply", "completed"),
    ("registered", "reply", "closed"),
    ("completed", "close", "closed"),
    ("completed", "fail_follow_up", "registered"),
    ("closed", "archive", "archived"),
    ("registered", "defer", "deferred"),
    ("in_review", "defer", "deferred"),
    ("deferred", "undefer", "registered"),
    *((state, "activate_backup", "dispatched") for state in (*WITH_WORKER, "owner_consent")),
    *((state, "suspend", "suspended") for state in (*HOLDABLE, *PAUSABLE)),
    *((state, "cancel", "cancelled") for state in EARLY),
    *((state, "merge", "merged") for state in ("incomplete", "registered", "in_review")),
    *((state, "transfer", "transferred") for state in ("incomplete", "registered", "in_review")),
}  # fmt: skip


def test_the_machine_has_exactly_these_steps():
    steps = {
        (each.source, each.name, target)
        for each in Ticket().get_all_status_transitions()
        for target in getattr(each.target, "allowed_states", [each.target])
    }

    fixed = {edge for edge in steps if edge[1] != "resume"}
    assert fixed == EDGES


def test_suspended_work_can_only_resume():
    steps = {each.name for each in Ticket().get_all_status_transitions() if each.source == Status.SUSPENDED}

    assert steps == {"resume"}


class RandomWalks(TestCase):
    """Random steps by random people: never outside the table, clocks always as recomputed."""

    @pytest.mark.row("SL-03")
    @given(seed=st.integers(min_value=0, max_value=2**32))
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    def test_random_walks_stay_inside_the_table(self, seed):
        dice = random.Random(seed)
        house = House.build()
        doors = {"channel": dice.choice(Channel.values), "port": dice.choice(Port.values)}
        kind = dice.choice([Kind.REPAIR, Kind.REPAIR, Kind.CONSULTATION])
        missing = {"reporter_phone": ""} if dice.random() < 0.2 else {}
        ticket, now = house.register(kind=kind, **doors, **missing), AT
        for _ in range(30):
            now += timedelta(minutes=dice.randint(1, 300))
            take = try_note if dice.random() < 0.3 else try_step
            ticket = take(house, ticket, dice, now)

        events = list(ticket.events.order_by("seq").values_list("from_status", "name", "to_status"))
        moved = {edge for edge in events if edge[0] and edge[1] not in {*workflow.NOTES, "resume"}}
        assert moved - EDGES == set()
        assert stored_clocks(ticket) == recomputed_clocks(ticket)


def try_note(house: House, ticket: Ticket, dice: random.Random, now) -> Ticket:
    """Let somebody note something at which a clock may start, stop or change its limit."""
    name = dice.choice(
        ["contact", "contain", "acknowledge", "relay_received", "contact_caller", "change_level"]
    )
    level = dice.randint(1, 4)
    changed = {"payload": {"level": level}, "level": level} if name == "change_level" else {}
    by = house.actor(dice.choice(["front_desk", "dispatcher", "engineer", "worker"]))
    try:
        return workflow.note(ticket=ticket, name=name, by=by, at=now, reason="随机", **changed)
    except (workflow.StepTaken, workflow.StepForbidden):
        return ticket


def try_step(house: House, ticket: Ticket, dice: random.Random, now) -> Ticket:
    """Let somebody try some step of the whole machine; most tries are refused."""
    names = sorted({each.name for each in ticket.get_all_status_transitions()})
    possible = [each.name for each in ticket.get_available_status_transitions()]
    name = dice.choice(possible if possible and dice.random() < 0.8 else names)
    actors = [
        house.actor(code) for code in ("front_desk", "clerk", "dispatcher", "engineer", "manager", "worker")
    ]
    actors += [house.journey_owner(ticket), house.system()]
    able = [actor for actor in actors if workflow.may(ticket, name, actor)]
    by = dice.choice(able if able and dice.random() < 0.8 else actors)
    try:
        return workflow.step(
            ticket=ticket,
            name=name,
            by=by,
            at=now,
            reason="随机",
            payload={},
            **arguments(house, ticket, name, now),
        )
    except (workflow.StepTaken, workflow.StepForbidden):
        return ticket


def arguments(house: House, ticket: Ticket, name: str, now) -> dict:
    """What the transition takes besides the time."""
    if name in {"dispatch", "reassign", "activate_backup"}:
        return {"handler": house.worker.user}
    if name == "defer":
        return {"until": (now + timedelta(days=3)).date()}
    if name == "merge":
        return {"into": house.register(at=now)}
    return {}


FIELDS = [
    "kind",
    "round",
    "rule",
    "started_at",
    "due_at",
    "stopped_at",
    "paused_at",
    "paused_seconds",
    "limit_minutes",
    "looks",
]


def stored_clocks(ticket: Ticket) -> list[tuple]:
    return sorted(Clock.objects.filter(ticket=ticket).values_list(*FIELDS), key=lambda row: row[:2])


def recomputed_clocks(ticket: Ticket) -> list[tuple]:
    readings = clock_store.compute(Ticket.objects.get(pk=ticket.pk), clock_store.facts_of(ticket))
    rows = [tuple(getattr(reading, field) for field in FIELDS) for reading in readings]
    return sorted(rows, key=lambda row: row[:2])


@pytest.mark.django_db
@pytest.mark.row("SL-03")
def test_after_a_whole_journey_stored_clocks_are_the_recomputed_ones():
    ticket = House.build().ticket_at(Status.CLOSED)

    assert stored_clocks(ticket) == recomputed_clocks(ticket)


def test_demo_photos_are_photos():
    ((_, info),) = pictures.examined(pictures.photo(1))

    assert info.kind == "photo"
