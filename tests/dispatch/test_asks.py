"""Whoever gives no answer is reminded, then the next one is asked (DI-04)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from dispatch import asks, assign, proposals
from dispatch.models import Ask, DispatchRule, Proposal
from notices.models import Message
from tests.factories_dispatch import accept, house, registered, worker
from tickets.models import Clock, Ticket, TicketEvent

pytestmark = pytest.mark.django_db
NOW = now()


def after(minutes):
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def place():
    DispatchRule.objects.create(level=2, remind_minutes=10, next_minutes=20, since=NOW - timedelta(days=1))
    return house()


def sent(place):
    ticket = registered(place, at=NOW)
    assign.approve(proposal=proposals.ensure(ticket=ticket, at=NOW), by=place.reviewer, at=NOW)
    return Ticket.objects.get(pk=ticket.pk)


def told(template):
    return list(Message.objects.filter(template=template).values_list("user__full_name", flat=True))


def names(ticket):
    return list(TicketEvent.objects.filter(ticket=ticket).order_by("seq").values_list("name", flat=True))[2:]


@pytest.mark.row("DI-04")
def test_no_answer_is_reminded_once_then_taken_back_with_the_next_one_proposed(place):
    next_one = worker(place.estate, name="李永福", grade=1)
    ticket = sent(place)

    looks = [asks.look(now=after(minute)) for minute in (9, 10, 11, 20, 21)]

    assert [(each.reminded, each.moved_on) for each in looks] == [(0, 0), (1, 0), (0, 0), (0, 1), (0, 0)]
    assert names(ticket) == ["dispatch", "remind_worker", "take_back", "propose"]
    assert (told("DP1"), told("DP2"), told("DP3")) == (["张大勇"], ["张大勇"], ["王建国"])
    again = Ticket.objects.get(pk=ticket.pk)
    assert (again.status, again.handler) == ("in_review", None)
    assert [each["worker"] for each in Proposal.objects.get(decision="open").candidates] == [next_one.pk]


@pytest.mark.row("DI-03", "DI-04")
def test_what_was_taken_back_stands_in_the_queue_by_its_next_limit(client, place):
    worker(place.estate, name="李永福", grade=1)
    ticket = sent(place)
    asks.look(now=after(20))
    client.force_login(place.dispatcher)

    [(row, _)] = client.get(reverse("dispatch_queue")).context["rows"]

    first = Clock.objects.filter(ticket=ticket, stopped_at=None, due_at__isnull=False).earliest("due_at")
    assert (row.due, row.due_words) == (first.due_at, first.get_kind_display())


@pytest.mark.row("DI-04")
def test_nobody_is_asked_twice_in_a_round_and_the_end_of_the_ladder_is_told(place):
    ticket = sent(place)

    asks.look(now=after(20))

    proposal = Proposal.objects.get(decision="open")
    assert (proposal.candidates, [each["reason"] for each in proposal.excluded]) == ([], ["本轮未应答"])
    assert told("DP4") == ["王建国"]
    assert Message.objects.get(template="DP4").body.endswith("请调整排班、委托外单位或与业主改期。")
    assert Ask.objects.get(ticket=ticket).outcome == "no_answer"


@pytest.mark.row("DI-04")
def test_an_answer_in_time_ends_the_asking_without_a_word(place):
    ticket = sent(place)
    accept(ticket, at=after(5))

    look = asks.look(now=after(30))

    assert (look.answered, look.reminded, look.moved_on) == (1, 0, 0)
    assert (told("DP1"), Ask.objects.get().outcome) == ([], "answered")


def test_a_reassigned_ticket_awaits_the_new_workers_answer_from_then_on(place):
    other = worker(place.estate, name="李永福")
    ticket = sent(place)
    assign.reassign(ticket=ticket, worker=other, reason="离得近", by=place.reviewer, at=after(9))

    asks.look(now=after(12))
    asks.look(now=after(19))

    assert told("DP1") == ["李永福"]


@pytest.mark.row("DI-04")
def test_where_the_level_says_so_the_machine_sends_the_next_one_and_a_person_looks_after(place):
    DispatchRule.objects.update(next_by_machine=True)
    next_one = worker(place.estate, name="李永福", grade=1)
    ticket = sent(place)

    asks.look(now=after(20))

    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.status, ticket.handler) == ("dispatched", next_one.user)
    assert Proposal.objects.get(worker=next_one).after == "waiting"
    assert Ask.objects.filter(outcome="").get().worker == next_one


@pytest.mark.row("DI-04", "IN-14")
def test_what_lacks_a_paper_meanwhile_goes_to_the_reviewer_and_stops_nobody_elses_turn(place):
    DispatchRule.objects.update(next_by_machine=True)
    worker(place.estate, name="李永福", grade=1)
    lacking, other = sent(place), sent(place)
    Ticket.objects.filter(pk=lacking.pk).update(destructive=True)

    look = asks.look(now=after(20))

    found = Ticket.objects.in_bulk([lacking.pk, other.pk])
    assert (look.moved_on, found[lacking.pk].status, found[other.pk].status) == (2, "in_review", "dispatched")
    assert told("DP3") == ["王建国"]


def test_the_minutes_are_those_of_the_day_it_was_sent(place):
    sent(place)
    DispatchRule.objects.update(remind_minutes=1, next_minutes=2)

    assert asks.look(now=after(5)).reminded == 0


def test_a_long_wait_is_told_in_hours_and_minutes(place):
    # The watcher stood still over night.
    DispatchRule.objects.update(remind_minutes=492, next_minutes=500)
    sent(place)

    asks.look(now=after(492))
    asks.look(now=after(500))

    body = dict(Message.objects.values_list("template", "body"))
    assert body["DP1"].partition("派给您")[2].startswith("已8小时12分，")
    assert "因张大勇 8小时20分未应答已收回" in body["DP2"]
