"""Limits of agreements: reminder, order with points, ripe; nothing is given to another by itself (WA-12)."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from demo.journeys import Journey
from notices.models import Message
from partners import scores, watch
from partners.models import Lapse, Notice, ScoreEntry, ScoreRule
from tests.factories_dispatch import TradeFactory
from tests.house import AT
from tests.partners.companies import Companies, acting, hours
from tickets import workflow
from tickets.models import Ticket
from warranty.models import Agreement, CompletionLimit

pytestmark = [pytest.mark.django_db, pytest.mark.row("WA-12")]


@pytest.fixture
def companies():
    return Companies.build()


def stages() -> list[tuple[str, str, str]]:
    return [(row.need, row.stage, row.end) for row in Lapse.objects.order_by("pk")]


def points(companies) -> int:
    return scores.with_points(Agreement.objects.filter(pk=companies.agreement.pk))[0].points


def test_within_its_limits_nothing_is_said(companies):
    companies.given()

    assert watch.look(now=AT + hours(3.9)) == 0
    assert (stages(), Notice.objects.count()) == ([], 0)


def test_no_acceptance_leads_to_a_reminder_an_order_with_points_and_then_waits_for_a_person(companies):
    ticket = companies.given()

    watch.look(now=AT + hours(4))
    assert stages() == [("accept", "reminded", "")]
    watch.look(now=AT + hours(27.9))
    assert (stages(), points(companies)) == ([("accept", "reminded", "")], 100)
    watch.look(now=AT + hours(28))
    assert (stages(), points(companies)) == ([("accept", "ordered", "")], 98)
    watch.look(now=AT + hours(52))
    watch.look(now=AT + hours(53))

    assert stages() == [("accept", "ripe", "")]
    assert list(Notice.objects.order_by("pk").values_list("kind", flat=True)) == ["reminder", "order"]
    assert Ticket.objects.get(pk=ticket.pk).handler == companies.first.user
    told = Message.objects.filter(template="P04").values_list("user__username", flat=True)
    assert set(told) == {"dispatcher", "supervisor", "manager"}


def test_a_letter_goes_to_every_contact_and_stands_in_the_history(companies):
    ticket = companies.given()

    watch.look(now=AT + hours(4))

    letters = Message.objects.filter(template="N12").values_list("channel", "address")
    assert sorted(letters) == [("app", ""), ("app", ""), ("sms", "13811110001"), ("sms", "13811110002")]
    event = ticket.events.get(name="contractor_notice")
    assert (event.actor_kind, event.payload["company"]) == ("system", "宏基建设")


def test_running_twice_says_everything_once(companies):
    companies.given()

    assert [watch.look(now=AT + hours(4)) for _ in range(3)] == [1, 0, 0]
    assert Notice.objects.count() == 1


def test_what_was_done_in_the_end_is_over_and_costs_nothing_more(companies):
    ticket = companies.given()
    watch.look(now=AT + hours(4))

    workflow.step(ticket=ticket, name="accept", by=acting(companies.first), at=AT + hours(5))
    watch.look(now=AT + hours(6))

    assert (stages(), points(companies)) == ([("accept", "reminded", "kept")], 100)


def test_a_window_agreed_with_the_owner_goes_before_the_hours_to_arrive(companies):
    ticket = companies.given()
    journey = Journey(ticket=ticket, cast=companies.house.cast(), now=AT)
    journey.to("scheduled")
    window = journey.ticket.visits.get().window

    watch.look(now=window.upper - hours(0.1))
    assert stages() == []
    watch.look(now=window.upper + hours(0.1))
    assert stages() == [("arrive", "reminded", "")]


def test_the_days_to_complete_are_those_of_the_trade_and_time_put_aside_moves_them(companies):
    CompletionLimit.objects.create(trade=companies.house.fault.trades.get(), days=3)
    ticket = companies.given()
    Journey(ticket=ticket, cast=companies.house.cast(), now=AT).to("repairing")
    by = companies.house.actor("engineer")
    workflow.step(ticket=ticket, name="suspend", by=by, at=AT + hours(30), reason="等料")
    workflow.step(ticket=ticket, name="resume", by=by, at=AT + hours(40), reason="")

    watch.look(now=AT + hours(75))
    assert stages() == []
    watch.look(now=AT + hours(82.5))
    assert stages() == [("complete", "reminded", "")]


def test_points_follow_the_rules_as_they_are_set(companies):
    ScoreRule.objects.filter(code="accept").update(points=7)
    companies.given()
    watch.look(now=AT + hours(4))
    watch.look(now=AT + hours(28))
    assert points(companies) == 93

    row = ScoreEntry.objects.get()
    assert (row.points, row.code, row.by, row.lapse.need) == (-7, "accept", None, "accept")
    ScoreRule.objects.filter(code="accept").update(active=False)
    companies.given()
    watch.look(now=AT + hours(4))
    watch.look(now=AT + hours(28))
    assert points(companies) == 93


def test_a_pass_asks_no_more_of_the_database_for_ten_tickets_than_for_one(
    companies, django_assert_num_queries
):
    companies.given()
    with CaptureQueriesContext(connection) as one:
        watch.look(now=AT + hours(1))
    for _ in range(9):
        companies.given()

    with django_assert_num_queries(len(one)):
        watch.look(now=AT + hours(1))


def test_of_two_agreements_of_a_company_the_one_for_the_trade_counts(companies):
    other = TradeFactory()
    strict = Agreement.objects.create(
        contractor=companies.first.contractor,
        number="BX-2",
        estate=companies.house.estate,
        valid_from=date(2020, 1, 1),
        valid_to=date(2040, 1, 1),
        accept_hours=1,
        backup_order=0,
    )
    strict.trades.set([other])
    companies.given()

    assert [watch.look(now=AT + hours(number)) for number in (2, 4)] == [0, 1]
    assert Lapse.objects.get().agreement != strict


def test_a_company_without_an_agreement_is_left_alone(companies):
    companies.given()
    Agreement.objects.update(valid_to="2020-02-01")

    assert watch.look(now=AT + hours(100)) == 0
