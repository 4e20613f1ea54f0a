"""The demo town comes from the services: its clocks, history and scope hold like any other's."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils.timezone import localtime, now

from channels.models import Device, ImportJob, RelayDuty
from coordination.models import Request, WeeklyList
from dispatch import roster_book, roster_week
from dispatch.models import (
    Activation,
    Certificate,
    Exam,
    Leave,
    Proposal,
    RosterCell,
    Training,
    Visit,
    Worker,
)
from dispatch.rosters import monday_of
from estates.models import Building, Equipment, Estate, Unit
from notices.models import Message
from partners import backups
from partners.models import Dispute, Lapse, ScoreEntry
from planning.models import DayPlan, Placement
from reports.models import ReportRun
from reports.periods import Month
from tests.snapshots import built_once
from tests.tickets.test_machine import recomputed_clocks, stored_clocks
from tickets import pages, requirements
from tickets.models import Clock, Incoming, JointVisit, Ruling, Status, Ticket, TicketEvent
from warranty.models import Agreement, AuthorisationLetter, Contractor

# One process has them all (tests/conftest.py), so that the town is built once.
pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def town():
    built_once("town", _town)


def _town() -> None:
    call_command("load_presets", verbosity=0)
    call_command("load_demo", tickets=4, seed=3)


def test_the_town_has_people_dwellings_and_tickets_in_the_states_aside(town):
    aside = {Status.CANCELLED, Status.TRANSFERRED, Status.DEFERRED, Status.MERGED, Status.INCOMPLETE}

    found = set(Ticket.objects.values_list("status", flat=True))
    assert (Estate.objects.count(), Unit.objects.count() > 2500, Worker.objects.count()) == (4, True, 14)
    assert aside - found == set()
    assert {Status.OWNER_CONSENT, Status.PRE_INSPECTION, Status.OWNER_ACCEPTANCE} - found == set()
    differing = [
        ticket.number for ticket in Ticket.objects.all() if stored_clocks(ticket) != recomputed_clocks(ticket)
    ]
    assert differing == []
    assert Message.objects.filter(state="new").count() == 0
    firms = Contractor.objects.order_by("kind").values_list("kind", "contacts__user__username")
    assert {row for row in firms if row[1]} == {
        ("contractor", "contractor"),
        ("third_party", "third_party"),
    }
    assert Agreement.objects.count() == 8
    assert AuthorisationLetter.objects.values_list("contractor__kind", flat=True).get() == "contractor"


def test_some_stand_where_the_reviewer_the_engineer_or_the_owner_sent_them_back(town):
    sent_back = {
        ("return_for_information", Status.INCOMPLETE),
        ("fail_inspection", Status.REPAIRING),
        ("refuse_acceptance", Status.REPAIRING),
    }

    events = TicketEvent.objects.filter(name__in=dict(sent_back)).select_related("ticket")
    standing = [event for event in events if (pages.aside(event.ticket) or {}).get("why") == event.reason]
    assert {(event.name, event.ticket.status) for event in standing} == sent_back


@pytest.mark.row("DI-03")
def test_people_and_machine_differ_for_more_than_one_reason(town):
    found = Proposal.objects.exclude(decision="open")

    assert {"approved", "changed", "returned", "ahead"} - set(
        found.values_list("decision", flat=True)
    ) == set()
    assert {"confirmed", "wrong"} - set(found.values_list("after", flat=True)) == set()
    assert len(set(found.filter(decision="changed").values_list("reason", flat=True))) > 3


@pytest.mark.row("DI-13")
def test_no_company_stands_as_a_proposal_without_the_engineers_word(town):
    waiting = Proposal.objects.filter(decision="open").select_related("ticket")
    first = {row.ticket: row.candidates[0]["step"] for row in waiting if row.candidates}

    companies = {ticket.pk for ticket, step in first.items() if step == "contractor"}
    assert companies - set(requirements.rulings_of(first)) == set()


def test_nobody_comes_by_night_or_tomorrow_was_there_already(town):
    windows = Visit.objects.values_list("window", flat=True)
    hours = {localtime(window.lower).hour for window in windows}

    assert hours - set(range(8, 20)) == set()
    assert not TicketEvent.objects.filter(at__gt=now()).exists()


@pytest.mark.row("IN-16")
def test_the_old_register_came_in_and_lies_in_the_dwellings_history(town):
    job = ImportJob.objects.get()

    assert (job.state, job.new, job.wrong) == (ImportJob.State.DONE, 48, 0)
    assert Ticket.objects.filter(past__job=job, status=Status.ARCHIVED).count() == 48
    assert not Clock.objects.filter(ticket__past__job=job).exists()


@pytest.mark.row("IN-07")
@pytest.mark.row("IN-13")
def test_lifts_and_pumps_have_plates_machines_watch_them_and_ports_have_receivers(town):
    buildings = Building.objects.count()

    assert Equipment.objects.count() == buildings * 4 + Estate.objects.count()
    assert set(Device.objects.values_list("name", "equipment__name")) == {
        ("地下车库水浸探头", "集水井潜污泵"),
        ("1号电梯监测终端", "1号客梯"),
    }
    assert RelayDuty.objects.filter(receivers__username="clerk").count() == 3 * Estate.objects.count()


@pytest.mark.row("RE-02")
def test_the_workbook_of_last_month_can_be_downloaded(town, client):
    runs = ReportRun.objects.order_by("requested_by__username")

    month = Month.of(now()).later(-1).first
    told = [(run.requested_by.username, run.month, run.state) for run in runs]
    assert told == [("manager", month, "done"), ("supervisor", month, "done")]
    client.force_login(runs[0].requested_by)
    answer = client.get(reverse("report_download", args=[runs[0].pk]))
    assert (answer.status_code, len(b"".join(answer.streaming_content))) == (200, runs[0].size)


@pytest.mark.row("DI-10")
def test_a_plan_for_tomorrow_waits_for_the_dispatcher(town):
    plan = DayPlan.objects.get()

    planned = {job for route in plan.content["routes"] for job, _ in route["stops"]}
    assert (plan.state, len(planned) >= 8) == (DayPlan.State.DONE, True)
    assert Placement.objects.count() == 0


@pytest.mark.row("DI-08")
def test_the_people_have_rosters_leave_certificates_and_trainings(town):
    states = set(Leave.objects.values_list("state", flat=True))
    planned = RosterCell.objects.filter(kind__isnull=False)

    assert (planned.values("worker").distinct().count(), states >= {"asked", "approved", "refused"}) == (
        9,
        True,
    )
    assert (
        Training.objects.count(),
        Exam.objects.count(),
        Certificate.objects.exclude(original="").count(),
    ) == (
        3,
        2,
        1,
    )


@pytest.mark.row("DI-08", "DI-10")
def test_no_trade_is_away_at_the_weekend(town):
    days = roster_book.days_of(monday_of(localtime().date()))[5:]

    lacking, bare = roster_week.gaps(list(Estate.objects.all()), days)

    by_day = [f"{gap.day:%A} {gap.words}" for gap in lacking if not gap.words.startswith("夜间")]
    assert (by_day, bare) == ([], [])


@pytest.mark.row("DI-11")
def test_other_departments_owe_answers_and_a_weekly_list_says_so(town):
    assert Request.objects.overdue(at=now()).exists()
    assert [row["outcome"] for row in WeeklyList.objects.latest("monday").review] == ["done", "open"]


@pytest.mark.row("DI-09")
def test_the_storm_that_is_over_left_a_record_that_says_something(town):
    storm = Activation.objects.get(plan__code="storm", state=Activation.State.ENDED)
    figures = storm.record.figures

    assert (figures["tickets"] >= 7, figures["done"] >= 5, figures["excepted"]) == (True, True, 1)
    assert (figures["paused"] >= 5, sum(figures["owners"].values()) >= 5) == (True, True)
    assert 0 < figures["minutes_to_dispatch"] < figures["minutes_to_arrive"] < 60
    assert (storm.record.state, storm.held.filter(state="paused").count()) == ("approved", 0)
    assert set(storm.held.values_list("ticket__status", flat=True)) <= {Status.ARCHIVED, Status.IN_REVIEW}


@pytest.mark.row("DI-09")
def test_the_drill_waits_for_the_manager_to_approve_it(town):
    assert Activation.objects.get(drill=True).record.state == "submitted"


@pytest.mark.row("DI-13")
def test_housekeeper_and_engineer_have_looked_together_and_the_engineer_has_ruled(town):
    states = set(JointVisit.objects.values_list("state", flat=True))

    assert (states, Ruling.objects.exclude(covered="").count()) == ({"planned", "held"}, 1)


@pytest.mark.parametrize("username", ["worker", "contractor", "third_party"])
def test_everybody_with_a_phone_has_work_in_hand(town, username):
    states = set(Ticket.objects.filter(handler__username=username).values_list("status", flat=True))

    assert states >= {Status.DISPATCHED, Status.SCHEDULED, Status.SURVEYING, Status.REPAIRING}


@pytest.mark.row("DI-12")
def test_a_slow_company_stands_at_each_stage_and_somebody_can_stand_in(town):
    lapses = Lapse.objects.live().filter(need="arrive", agreement__contractor__kind="contractor")

    assert set(lapses.values_list("stage", flat=True)) == {"reminded", "ordered", "ripe"}
    assert ScoreEntry.objects.filter(points__lt=0).count() >= 2
    ripe = lapses.get(stage="ripe").ticket
    assert [row.contractor.kind for row in backups.stand_ins(ripe, at=now()) if not row.why_not] == [
        "third_party"
    ]


@pytest.mark.row("DI-13")
def test_a_company_has_a_letter_and_an_objection(town):
    assert Dispute.objects.get().contractor.notices.filter(kind="reminder").exists()


def test_it_never_mixes_with_data_that_is_there(town):
    before = Ticket.objects.count()

    call_command("load_demo", tickets=4)

    assert Ticket.objects.count() == before


def test_people_have_read_what_came_before_their_shift(town):
    inbox = Message.objects.filter(channel="app")

    old = inbox.filter(created_at__lt=now() - timedelta(hours=9))
    assert (old.exists(), old.filter(read_at=None).exists(), inbox.filter(read_at=None).exists()) == (
        True,
        False,
        True,
    )


@pytest.mark.row("IN-01")
def test_messages_wait_and_others_have_become_tickets_with_their_pictures(town):
    taken = Incoming.objects.filter(state=Incoming.State.TAKEN).order_by("received_at")

    assert [(row.channel, row.ticket.report.channel, row.ticket.evidence.count()) for row in taken] == [
        ("email", "email", 1),
        ("wechat", "wechat", 1),
    ]
    assert Incoming.objects.filter(state=Incoming.State.NEW).count() == 4
