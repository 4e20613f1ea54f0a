"""What is read of a day: tickets, people, hours, bars, limits."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from dispatch import assign, proposals, visits
from dispatch.models import Leave, RosterCell, ShiftKind, Worker
from planning import facts
from tests.factories_dispatch import TradeFactory, accept, registered, worker
from tests.factories_estates import EstateFactory
from tests.planning.conftest import AT, DAY
from tickets import responsibility, workflow
from tickets.actors import Actor
from tickets.calendars import SHANGHAI
from tickets.models import Ticket
from warranty.models import Agreement, Contractor

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-10")]


def problem(place, day: date = DAY):
    return facts.problem_for(day, [place.estate], at=AT)


def sent(ticket: Ticket, who: Worker, by: Actor) -> Ticket:
    proposal = proposals.ensure(ticket=ticket, at=AT)
    assign.change(proposal=proposal, worker=who, reason="指定", by=by, at=AT)
    return Ticket.objects.get(pk=ticket.pk)


def test_a_waiting_ticket_is_a_job_with_the_hours_of_its_owner(place):
    ticket = registered(place, at=AT, wanted="明天上午")

    found, later = problem(place)

    [job] = found.jobs
    assert (job.key, job.minutes, job.windows, job.level) == (ticket.pk, 60, ((480, 705),), 2)
    assert [need.name for need in job.needs] == ["水电工"]
    # Two hours after the call yesterday: late before the day begins.
    assert job.due == (16 + 2 - 24) * 60
    assert (later, {each.name for each in found.workers}) == ({}, {"张大勇", "朱志强"})


def test_whose_owner_wished_a_later_day_is_not_asked_for(place):
    ticket = registered(place, at=AT, wanted="后天下午")

    found, later = problem(place)

    assert (found.jobs, later) == ((), {ticket.pk: "业主希望后天（5月9日）"})


def test_a_ticket_in_hands_stays_there_and_a_booked_one_is_an_appointment(place):
    one = sent(registered(place, at=AT), place.worker, place.reviewer)
    two = accept(sent(registered(place, at=AT), place.worker, place.reviewer), at=AT)
    start = datetime.combine(DAY, time(14), SHANGHAI)
    by = Actor.staff(place.worker.user)
    visits.book(ticket=two, start=start, end=start + timedelta(hours=2), by=by, at=AT)

    found, _ = problem(place)

    assert [(job.key, job.only) for job in found.jobs] == [(one.pk, place.worker.pk)]
    [mine] = [each for each in found.workers if each.key == place.worker.pk]
    [booked] = mine.appointments
    assert (booked.number, booked.start, booked.end) == (two.number, 14 * 60, 16 * 60)


def test_an_appointment_elsewhere_is_not_named(place):
    other = EstateFactory()
    both = worker(place.estate, other, name="两头跑")
    foreign = registered(place, at=AT)
    Ticket.objects.filter(pk=foreign.pk).update(estate=other)
    mine = accept(sent(Ticket.objects.get(pk=foreign.pk), both, Actor.staff(root())), at=AT)
    start = datetime.combine(DAY, time(9), SHANGHAI)
    visits.book(ticket=mine, start=start, end=start + timedelta(hours=1), by=Actor.staff(both.user), at=AT)

    found, _ = problem(place)

    [booked] = [each for person in found.workers for each in person.appointments]
    assert (booked.key, booked.number, booked.label, booked.start) == (0, "其他项目", "已有预约", 540)


def root() -> User:
    return User.objects.create_superuser("root", password="correct-horse", full_name="管理员")


def test_whoever_declined_this_round_is_barred(place):
    ticket = sent(registered(place, at=AT), place.worker, place.reviewer)
    workflow.step(
        ticket=ticket, name="decline", by=Actor.staff(place.worker.user), at=AT, reason="手上有急活"
    )

    [job] = problem(place)[0].jobs

    assert job.barred == frozenset({place.worker.pk})


@pytest.mark.row("DI-10", "DI-13")
@pytest.mark.parametrize(
    ("covered", "trades", "ruled", "barred"),
    [
        ("yes", True, "contractor", False),
        ("yes", False, "contractor", True),
        ("no", True, "contractor", True),
        ("yes", True, "", True),
        ("yes", True, "owner_use", True),
    ],
    ids=["covered and agreed", "no agreement for the trade", "out of warranty", "no ruling", "not its fault"],
)
def test_a_contractor_goes_under_warranty_by_agreement_and_by_the_engineers_word(
    place, covered, trades, ruled, barred
):
    firm = Contractor.objects.create(name="宏基建筑", kind="contractor")
    dates = {"valid_from": DAY, "valid_to": DAY}
    agreement = Agreement.objects.create(contractor=firm, number="BX-1", estate=place.estate, **dates)
    agreement.trades.set(place.fault.trades.all() if trades else [TradeFactory(code="mason")])
    outside = worker(place.estate, name="宏基", employer=Worker.Employer.CONTRACTOR, contractor=firm)
    ticket = registered(place, at=AT)
    Ticket.objects.filter(pk=ticket.pk).update(covered=covered)
    if ruled:
        facts = {"party": ruled, "trade": place.fault.trades.get(), "reason": "接头未拧紧", "at": AT}
        responsibility.confirm(ticket=ticket, by=Actor.staff(root()), **facts)

    [job] = problem(place)[0].jobs

    assert job.barred == (frozenset({outside.pk}) if barred else frozenset())


def test_capacity_less_the_reserve_is_what_ordinary_tickets_may_use(place):
    Worker.objects.filter(pk=place.worker.pk).update(capacity=4, reserve=1)
    sent(registered(place, at=AT), place.worker, place.reviewer)

    [mine] = [each for each in problem(place)[0].workers if each.key == place.worker.pk]

    assert (mine.free, mine.ordinary) == (3, 2)


class TestHours:
    def shift(self, place, letter: str) -> dict[int, tuple[int, int]]:
        hours = {
            "Z": ("08:00", "16:00"),
            "N": ("20:00", "08:00"),
            "M": ("14:00", "22:00"),
            "B": ("18:00", "08:00"),
        }
        start, end = hours.get(letter, (None, None))
        facts_of = {"name": letter, "starts_at": start, "ends_at": end, "standby": letter == "B"}
        kind = ShiftKind.objects.get_or_create(letter=letter, defaults=facts_of)[0]
        by = place.dispatcher
        RosterCell.objects.update_or_create(
            worker=place.worker, day=DAY, defaults={"kind": kind, "changed_by": by, "changed_at": AT}
        )
        return facts.shifts_on([Worker.objects.get(pk=place.worker.pk)], DAY)

    @pytest.mark.parametrize(("letter", "hours"), [("Z", (480, 960)), ("M", (840, 1200))])
    def test_the_roster_says_from_when_to_when(self, place, letter, hours):
        assert self.shift(place, letter) == {place.worker.pk: hours}

    @pytest.mark.parametrize("letter", ["X", "N", "B"])
    def test_rest_night_and_standby_are_not_planned(self, place, letter):
        assert self.shift(place, letter) == {}

    def test_without_a_roster_the_usual_hours_hold_for_those_on_duty(self, place):
        Worker.objects.filter(user__full_name="朱志强").update(on_duty=False)
        people = list(Worker.objects.all())

        assert facts.shifts_on(people, DAY) == {place.worker.pk: (480, 1080)}

    @pytest.mark.parametrize(
        ("away", "back", "hours"),
        [(0, 12, (720, 1080)), (12, 24, (480, 720)), (0, 24, None)],
        ids=["morning", "afternoon", "whole day"],
    )
    def test_leave_takes_its_part_of_the_day(self, place, away, back, hours):
        start = facts.midnight(DAY)
        Leave.objects.create(
            worker=place.worker,
            span=DateTimeTZRange(start + timedelta(hours=away), start + timedelta(hours=back)),
            state=Leave.State.APPROVED,
            reason="家事",
            asked_at=AT,
            decided_by=place.dispatcher,
            decided_at=AT,
        )

        found = facts.shifts_on([place.worker], DAY)

        assert found == ({place.worker.pk: hours} if hours else {})


def test_the_questions_to_the_database_do_not_grow_with_the_day(place, django_assert_max_num_queries):
    for _ in range(5):
        registered(place, at=AT)

    with django_assert_max_num_queries(22):
        problem(place)
