"""Each figure on small sets counted by hand."""

from datetime import timedelta

import pytest

from accounts.models import User
from estates.models import Estate
from reports import queries
from reports.catalogue import BY_SLUG, FIGURES
from reports.periods import Month, Period
from tests.factories_estates import EstateFactory
from tests.house import AT, House
from tests.reports.rows import at, clock, event, rated, ticket
from tickets import followup, workflow
from tickets.models import FollowUp, Kind, Status

pytestmark = [pytest.mark.django_db, pytest.mark.row("RE-01")]
NOVEMBER = Period(Month(2026, 11), at("2027-02-01 00:00"))
MINUTE = timedelta(minutes=1)
TIMED = [("response", "contact"), ("dispatch", "dispatch"), ("arrive", "arrive"), ("complete", "complete")]
TIMED += [("follow-up", "follow_up")]


@pytest.fixture
def estate():
    return EstateFactory(code="A")


def measure(slug, *estates, period=NOVEMBER):
    found = queries.measures(BY_SLUG[slug], estates or Estate.objects.all(), period)
    return queries.total(found.values()) if found else None


@pytest.mark.parametrize(("slug", "kind"), TIMED)
def test_stopping_at_the_limit_is_in_time_and_a_minute_later_is_not(estate, slug, kind):
    due = at("11-10 12:00")
    for stopped in (due - MINUTE, due, due + MINUTE, None):
        clock(ticket(estate, at("11-10 09:00")), kind, due, stopped)

    assert measure(slug) == (2, 4)


@pytest.mark.parametrize(("slug", "kind"), TIMED)
def test_a_limit_counts_in_the_month_of_shanghai_in_which_it_falls_due(estate, slug, kind):
    for due in ("10-31 23:59", "11-01 00:00", "11-30 23:59", "12-01 00:00"):
        clock(ticket(estate, at("10-31 20:00")), kind, at(due), at(due))

    months = [Period(Month(2026, number), NOVEMBER.at) for number in (10, 11, 12)]

    assert [measure(slug, period=month) for month in months] == [(1, 1), (2, 2), (1, 1)]


def test_what_is_not_due_yet_counts_neither_way(estate):
    period = Period(Month(2026, 11), at("11-15 12:00"))
    clock(ticket(estate, at("11-15 11:00")), "contact", at("11-15 11:30"), None)
    clock(ticket(estate, at("11-15 11:00")), "contact", at("11-15 12:00"), None)
    clock(ticket(estate, at("11-15 11:00")), "contact", at("11-15 12:30"), at("11-15 11:10"))

    assert measure("response", period=period) == (0, 1)


def test_a_paused_clock_is_not_due_unless_its_limit_had_passed_before(estate):
    due = at("11-10 12:00")
    clock(ticket(estate, at("11-10 09:00")), "complete", due, None, paused_at=due - MINUTE)
    clock(ticket(estate, at("11-10 09:00")), "complete", due, None, paused_at=due + MINUTE)

    assert measure("complete") == (0, 1)


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.TRANSFERRED])
def test_cancelled_and_transferred_tickets_count_nowhere_but_among_the_left_out(estate, status):
    row = ticket(estate, at("11-10 09:00"), status=status)
    for _, kind in TIMED:
        clock(row, kind, at("11-10 12:00"), at("11-10 10:00"))
    rated(row, at("11-10 11:00"), 5)

    found = {figure.slug: measure(figure.slug) for figure in FIGURES}

    assert {slug: value for slug, value in found.items() if value} == {"left-out": (1, None)}


def test_a_merged_ticket_counts_nowhere_but_among_the_left_out(estate):
    target = ticket(estate, at("10-10 09:00"))
    row = ticket(estate, at("11-10 09:00"), status=Status.MERGED, merged_into=target)
    clock(row, "contact", at("11-10 12:00"), at("11-10 10:00"))

    assert [measure(slug) for slug in ("response", "received", "left-out")] == [None, None, (1, None)]


def test_consultations_and_complaints_are_no_repairs(estate):
    for kind in (Kind.CONSULTATION, Kind.COMPLAINT):
        clock(ticket(estate, at("11-10 09:00"), kind=kind), "contact", at("11-10 12:00"), None)

    assert [measure("response"), measure("received")] == [None, None]


def test_a_ticket_with_two_rounds_due_counts_once_and_only_if_both_were_in_time(estate):
    due = at("11-10 12:00")
    both, one = ticket(estate, at("11-10 09:00")), ticket(estate, at("11-10 09:00"))
    for row, late in ((both, -MINUTE), (one, MINUTE)):
        clock(row, "complete", due, due)
        clock(row, "complete", due + timedelta(days=2), due + timedelta(days=2) + late, round=2)

    assert measure("complete") == (1, 2)


def test_the_owners_signature_has_the_same_limit_and_its_own_figure(estate):
    due = at("11-10 12:00")
    for signed in (due, due + MINUTE, None):
        row = ticket(estate, at("11-10 09:00"))
        clock(row, "complete", due, due - MINUTE)
        if signed:
            rated(row, signed, 5)

    assert [measure("complete"), measure("signed")] == [(3, 3), (1, 3)]


def test_unrated_tickets_count_neither_as_satisfied_nor_as_dissatisfied(estate):
    for stars in (5, 4, 3, None):
        rated(ticket(estate, at("11-10 09:00")), at("11-12 09:00"), stars)

    assert [measure("satisfied"), measure("stars")] == [(2, 3), (12, 3)]


def test_of_two_ratings_in_a_month_the_last_one_counts(estate):
    row = ticket(estate, at("11-01 09:00"))
    rated(row, at("11-02 09:00"), 5)
    rated(row, at("11-09 09:00"), 2, round_=2)

    assert [measure("satisfied"), measure("stars")] == [(0, 1), (2, 1)]


def test_a_rating_belongs_to_the_month_of_the_signature(estate):
    rated(ticket(estate, at("10-20 09:00")), at("11-01 00:00"), 5)
    rated(ticket(estate, at("11-20 09:00")), at("12-01 00:00"), 1)

    assert measure("stars") == (5, 1)


@pytest.mark.row("FU-02")
@pytest.mark.parametrize("name", ["fail_inspection", "refuse_acceptance", "fail_follow_up"])
def test_a_repair_that_had_to_be_done_again_is_no_first_time_fix(estate, name):
    for back in (None, name):
        row = ticket(estate, at("11-01 09:00"))
        if back:
            event(row, back, at("11-01 12:00"), round_=2 if back == "fail_follow_up" else 1)
        rated(row, at("11-02 09:00"), 5)

    assert measure("first-fix") == (1, 2)


@pytest.mark.parametrize(("days", "fixed"), [(89, 0), (90, 1)])
def test_a_repeat_within_ninety_days_spoils_the_first_time_fix(estate, days, fixed):
    row = ticket(estate, at("11-01 09:00"))
    rated(row, at("11-02 09:00"), 5)
    ticket(estate, at("11-02 09:00") + timedelta(days=days), repeat_of=row)

    assert measure("first-fix") == (fixed, 1)


def test_a_cancelled_repeat_spoils_nothing(estate):
    row = ticket(estate, at("11-01 09:00"))
    rated(row, at("11-02 09:00"), 5)
    ticket(estate, at("11-05 09:00"), repeat_of=row, status=Status.CANCELLED)

    assert measure("first-fix") == (1, 1)


def test_a_second_acceptance_after_rework_is_no_second_completion(estate):
    row = ticket(estate, at("10-01 09:00"))
    rated(row, at("10-30 09:00"), 5)
    rated(row, at("11-03 09:00"), 5, round_=2)

    assert [measure("completed"), measure("first-fix")] == [None, None]


def test_repeats_are_no_new_reports(estate):
    first = ticket(estate, at("11-01 00:00"))
    ticket(estate, at("11-30 23:59"), repeat_of=first)
    ticket(estate, at("10-31 23:59"))
    ticket(estate, at("12-01 00:00"))

    assert [measure("received"), measure("repeats")] == [(1, None), (1, None)]


def test_open_and_overdue_are_those_of_the_cut_off(estate):
    closed = {"status": Status.CLOSED}
    ticket(estate, at("11-20 09:00"), closed_at=at("11-30 23:59"), **closed)
    after = ticket(estate, at("11-20 09:00"), closed_at=at("12-01 00:00"), **closed)
    clock(after, "complete", at("11-25 09:00"), at("12-01 00:00"))
    waiting = ticket(estate, at("09-20 09:00"))
    clock(waiting, "complete", at("09-25 09:00"), None)
    paused = ticket(estate, at("11-20 09:00"))
    clock(paused, "complete", at("11-25 09:00"), None, paused_at=at("11-24 09:00"))
    not_due = ticket(estate, at("11-30 09:00"))
    clock(not_due, "complete", at("12-01 00:00"), None)
    ticket(estate, at("12-01 00:00"))

    found = {slug: measure(slug) for slug in ("open", "overdue", "overdue-share", "closed")}

    assert found == {
        "open": (4, None),
        "overdue": (2, None),
        "overdue-share": (2, 4),
        "closed": (1, None),
    }


def test_three_calls_in_vain_of_one_round_are_a_failed_follow_up(estate):
    caller = User.objects.create_user("caller", full_name="回访员")
    tries = {"三次": [1, 1, 1], "两次": [1, 1], "两轮": [1, 1, 2]}
    for rounds in tries.values():
        row = ticket(estate, at("11-01 09:00"))
        for day, round_ in enumerate(rounds, 5):
            FollowUp.objects.create(
                ticket=row,
                round=round_,
                result=FollowUp.Result.NO_ANSWER,
                called_by=caller,
                called_at=at(f"11-{day:02} 09:00"),
            )

    assert measure("unreached") == (1, None)


def test_totals_are_total_over_total_and_not_the_mean_of_means():
    small, large, empty = EstateFactory(code="S"), EstateFactory(code="L"), EstateFactory(code="Z")
    due = at("11-10 12:00")
    clock(ticket(small, at("11-10 09:00")), "contact", due, None)
    for _ in range(9):
        clock(ticket(large, at("11-10 09:00")), "contact", due, due)

    sheet = queries.monthly([small, large, empty], NOVEMBER)
    figure = BY_SLUG["response"]

    assert [sheet.of(figure, each) for each in (small, large, empty)] == [(0, 1), (9, 9), (0, 0)]
    assert sheet.total(figure) == (9, 10)
    assert sheet.of(figure, empty).value is None


def test_every_number_is_as_long_as_the_list_behind_it(estate):
    for number in range(3):
        row = ticket(estate, at("11-02 09:00"))
        for _, kind in TIMED:
            clock(row, kind, at("11-03 09:00"), at("11-03 08:00") + number * timedelta(hours=1))
        rated(row, at("11-04 09:00"), 3 + number)

    sheet = queries.monthly([estate], NOVEMBER)

    for figure in FIGURES:
        found = sheet.total(figure)
        expected = found.numerator if found.denominator is None else found.denominator
        assert queries.tickets_behind(figure, [estate], NOVEMBER).count() == expected, figure.slug


def test_every_figure_says_how_it_is_counted():
    for figure in FIGURES:
        assert figure.formula.endswith("。"), figure.slug
        assert figure.rows.__doc__, figure.slug


def test_the_walks_through_the_services_give_the_figures_of_a_month():
    house = House.build("front_desk", "dispatcher", "engineer", "manager")
    house.journey(at=AT).to(Status.CLOSED)
    failing = house.journey(at=AT + timedelta(days=1))
    failing.stars = 3
    failing.to(Status.COMPLETED)
    answers = followup.Answers(result=FollowUp.Result.NOT_SOLVED, note="又漏了")
    followup.record(
        ticket=failing.ticket,
        answers=answers,
        by=house.actor("front_desk"),
        at=failing.now + timedelta(hours=1),
    )
    dropped = house.register(at=AT + timedelta(days=2))
    workflow.step(
        ticket=dropped, name="cancel", by=house.actor("dispatcher"), at=AT + timedelta(days=2), reason="撤销"
    )

    period = Period(Month(2026, 5), at("2026-06-10 00:00"))
    sheet = queries.monthly([house.estate], period)

    assert {figure.slug: tuple(sheet.total(figure)) for figure in FIGURES} == {
        # The second round was never dispatched: its limits passed.
        "response": (2, 2),
        "dispatch": (1, 2),
        "arrive": (1, 2),
        "complete": (1, 2),
        "signed": (1, 2),
        "first-fix": (1, 2),
        "follow-up": (2, 2),
        "satisfied": (1, 2),
        "stars": (8, 2),
        "received": (2, None),
        "repeats": (0, None),
        "left-out": (1, None),
        "completed": (2, None),
        "closed": (1, None),
        "open": (1, None),
        "overdue": (1, None),
        "overdue-share": (1, 1),
        "unreached": (0, None),
    }
