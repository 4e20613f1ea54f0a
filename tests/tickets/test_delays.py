"""Why a limit was missed: owed by one, written once, read by the reports and, if wished, by the owner."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from notices.models import Message
from tests.house import AT, House
from tickets import delays, watch, workflow
from tickets.models import Clock, Status, TicketEvent

pytestmark = [pytest.mark.django_db, pytest.mark.row("SL-05")]
LATE = AT + timedelta(hours=3)


def late_house() -> tuple[House, Clock]:
    """A house whose worker is late for a visit."""
    house = House.build()
    ticket = house.ticket_at(Status.ACCEPTED)
    watch.look(now=LATE)
    return house, Clock.objects.get(ticket=ticket, kind="arrive")


def explain(house: House, clock: Clock, **changes):
    facts = {"cause": "busy", "words": "上一户水管爆裂", "tell_owner": False}
    return delays.explain(clock=clock, by=house.actor("worker"), at=LATE, **facts | changes)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_handler_owes_the_reason_and_nobody_else():
    house, clock = late_house()
    other = House.new_worker("other", house.household, house.fault)

    owed = {
        name: list(delays.owed_by(user, now=LATE).filter(kind="arrive"))
        for name, user in {**house.people, "worker": house.worker.user, "other": other.user}.items()
    }

    assert {name for name, clocks in owed.items() if clocks == [clock]} == {"worker"}


def test_the_desk_owes_the_reason_for_a_late_dispatch():
    house = House.build("front_desk", "dispatcher")
    house.register()
    watch.look(now=LATE)

    kinds = {
        code: {clock.kind for clock in delays.owed_by(house.people[code], now=LATE)}
        for code in ("front_desk", "dispatcher")
    }

    assert kinds == {"front_desk": set(), "dispatcher": {"dispatch", "arrive"}}


def test_a_reason_is_an_event_that_reports_can_count():
    house, clock = late_house()

    explain(house, clock)

    event = TicketEvent.objects.get(name="explain_delay")
    assert (event.reason, event.payload["clock"], event.payload["cause"]) == (
        "上一户水管爆裂",
        "arrive",
        "busy",
    )
    assert list(delays.owed_by(house.worker.user, now=LATE).filter(kind="arrive")) == []


def test_a_second_reason_is_refused():
    house, clock = late_house()
    explain(house, clock)

    with pytest.raises(workflow.StepTaken):
        explain(house, clock, words="还有一个")

    assert TicketEvent.objects.filter(name="explain_delay").count() == 1


@pytest.mark.parametrize(("wished", "told"), [(True, 1), (False, 0)])
def test_the_owner_reads_the_reason_when_that_was_wished(wished, told):
    house, clock = late_house()

    explain(house, clock, tell_owner=wished)

    found = Message.objects.filter(template="N32", body__contains="上一户水管爆裂")
    assert found.count() == told


def test_the_page_says_what_was_late_and_keeps_what_was_typed():
    house, clock = late_house()
    client = signed_in(house.worker.user)
    url = reverse("ticket_explain", args=[clock.ticket.number, clock.pk])

    page = client.get(url)
    refused = client.post(url, {"form_key": str(uuid4()), "words": "路上堵车"})

    assert "到场时限" in page.content.decode()
    assert (refused.status_code, "路上堵车" in refused.content.decode()) == (422, True)


def test_sending_the_page_leads_the_worker_back_to_the_tasks():
    house, clock = late_house()
    Clock.objects.filter(pk=clock.pk).update(breached_at=now())
    client = signed_in(house.worker.user)
    url = reverse("ticket_explain", args=[clock.ticket.number, clock.pk])
    before = client.get(reverse("field_home")).content.decode().count("待说明原因")

    form = {"form_key": str(uuid4()), "cause": "way", "words": "路上堵车"}
    answers = [client.post(url, form), client.post(url, form)]

    clock.refresh_from_db()
    assert {(each.status_code, each.headers["Location"]) for each in answers} == {
        (303, reverse("field_home"))
    }
    assert (before > 0, clock.explained_at is not None) == (True, True)
    assert TicketEvent.objects.filter(name="explain_delay").count() == 1
