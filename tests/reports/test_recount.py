"""Random histories, counted a second time by plain loops over plain rows (RE-08's spirit)."""

from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports import queries
from reports.catalogue import FIGURES
from reports.periods import Month, Period
from tests.factories_estates import EstateFactory
from tests.reports.rows import at, clock, event, rated, ticket
from tickets.models import Acceptance, Clock, Status, Ticket, TicketEvent

pytestmark = [pytest.mark.django_db, pytest.mark.row("RE-01")]
START = at("10-20 00:00")
OUT = {Status.CANCELLED, Status.TRANSFERRED}
KINDS = ["dispatch", "contact", "arrive", "complete", "follow_up"]
TIMED = {"dispatch": "dispatch", "contact": "response", "arrive": "arrive", "complete": "complete"}
TIMED |= {"follow_up": "follow-up"}

hours = st.integers(0, 60 * 24).map(lambda number: timedelta(hours=number))
clocks = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "round": st.sampled_from([1, 1, 2]),
        "due": hours,
        "stopped": st.none() | hours,
        "paused": st.none() | hours,
    }
)
histories = st.fixed_dictionaries(
    {
        "estate": st.integers(0, 1),
        "registered": hours,
        "status": st.sampled_from([Status.REGISTERED] * 4 + sorted(OUT)),
        "closed": st.none() | hours,
        "repeat": st.booleans(),
        "clocks": st.lists(clocks, max_size=4, unique_by=lambda each: (each["kind"], each["round"])),
        "backs": st.lists(
            st.sampled_from(["fail_inspection", "refuse_acceptance", "fail_follow_up"]), max_size=1
        ),
        "ratings": st.lists(st.tuples(hours, st.none() | st.integers(1, 5)), max_size=2),
    }
)


def write(estates, history, earlier):
    repeat_of = earlier[-1] if history["repeat"] and earlier else None
    closed = START + history["closed"] if history["closed"] is not None else None
    row = ticket(
        estates[history["estate"]],
        START + history["registered"],
        status=history["status"],
        closed_at=closed,
        repeat_of=repeat_of,
    )
    for each in history["clocks"]:
        stopped = START + each["stopped"] if each["stopped"] is not None else None
        paused = START + each["paused"] if each["paused"] is not None and stopped is None else None
        clock(row, each["kind"], START + each["due"], stopped, paused_at=paused, round=each["round"])
    for name in history["backs"]:
        event(row, name, START, round_=2 if name == "fail_follow_up" else 1)
    for round_, (offset, stars) in enumerate(history["ratings"], 1):
        rated(row, START + offset, stars, round_=round_)
    return row


class Recount:
    """The figures of one estate, one ticket after the other."""

    def __init__(self, estate, period):
        self.start, self.end = period.start, period.cutoff
        self.found = defaultdict(lambda: [0, 0])
        for row in Ticket.objects.filter(estate=estate):
            self.ticket(row)

    def within(self, moment):
        return moment is not None and self.start <= moment < self.end

    def add(self, slug, hit):
        self.found[slug][0] += hit
        self.found[slug][1] += 1

    def ticket(self, row):
        if row.status in OUT:
            if self.within(row.registered_at):
                self.add("left-out", 1)
            return
        if self.within(row.registered_at):
            self.add("repeats" if row.repeat_of_id else "received", 1)
        if self.within(row.closed_at):
            self.add("closed", 1)
        events = list(TicketEvent.objects.filter(ticket=row))
        self.clocks(row, list(Clock.objects.filter(ticket=row)), events)
        self.acceptances(row, events)

    def clocks(self, row, rows, events):
        signed = {(each.round): each.at for each in events if each.name == "pass_acceptance"}
        verdicts = defaultdict(list)
        overdue = False
        for each in rows:
            waits = each.stopped_at is None and each.paused_at is not None and each.paused_at <= each.due_at
            if self.within(each.due_at) and not waits:
                met = each.stopped_at is not None and each.stopped_at <= each.due_at
                verdicts[TIMED[each.kind]].append(met)
                if each.kind == "complete":
                    at_ = signed.get(each.round)
                    verdicts["signed"].append(at_ is not None and at_ <= each.due_at)
            if each.kind == "complete" and each.due_at < self.end and not waits:
                overdue |= each.stopped_at is None or each.stopped_at >= self.end
        for slug, met in verdicts.items():
            self.add(slug, all(met))
        if row.registered_at < self.end and (row.closed_at is None or row.closed_at >= self.end):
            self.add("open", 1)
            self.add("overdue-share", overdue)
            if overdue:
                self.add("overdue", 1)

    def acceptances(self, row, events):
        first = [each.at for each in events if each.name == "pass_acceptance" and each.round == 1]
        if first and self.within(first[0]):
            self.add("completed", 1)
            back = any(each.name.startswith(("fail", "refuse")) for each in events)
            again = [
                each
                for each in Ticket.objects.filter(repeat_of=row)
                if each.status not in OUT and each.registered_at < first[0] + timedelta(days=90)
            ]
            self.add("first-fix", not back and not again)
        stars = [
            each.stars
            for each in Acceptance.objects.filter(ticket=row).order_by("round")
            if each.stars is not None and self.within(each.signed_at)
        ]
        if stars:
            self.add("satisfied", stars[-1] >= 4)
            self.found["stars"][0] += stars[-1]
            self.found["stars"][1] += 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    written=st.lists(histories, max_size=6),
    now=st.sampled_from([at("11-15 12:00"), at("2027-03-01 00:00")]),
)
def test_the_figures_agree_with_a_slow_recount(written, now):
    period = Period(Month(2026, 11), now)
    with transaction.atomic():
        estates = [EstateFactory(), EstateFactory()]
        earlier = []
        for history in written:
            earlier.append(write(estates, history, earlier))
        sheet = queries.monthly(estates, period)
        for estate in estates:
            again = Recount(estate, period).found
            for figure in FIGURES:
                found, expected = sheet.of(figure, estate), again[figure.slug]
                assert list(found) == (expected if found.denominator is not None else [expected[0], None]), (
                    figure.slug
                )
        transaction.set_rollback(True)
