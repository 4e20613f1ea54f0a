"""Asking another department, reminding it, writing its answer down, ending it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.timezone import localtime, now

from coordination import requests
from coordination.models import Counterpart, Request, RequestEvent, RequestFile
from coordination.thread import Moved
from core import store
from notices.models import Message
from tests.factories_files import upload
from tests.house import AT
from tickets import evidence, workflow
from tickets.models import Clock, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-11")]
State = Request.State


def thread(row: Request) -> list[str]:
    return list(row.events.values_list("name", flat=True))


def trace(ticket: Ticket) -> list[str]:
    names = ("coordinate", "coordinate_answer", "coordinate_change", "coordinate_end", "suspend", "resume")
    return list(ticket.events.filter(name__in=names).order_by("seq").values_list("name", flat=True))


def stored(row: Request) -> Request:
    return Request.objects.get(pk=row.pk)


class TestAsking:
    def test_the_counterparts_usual_limit_is_the_deadline_and_the_first_promise(self, asked, later):
        row = stored(asked())

        assert (row.due_at, row.promised_at, row.next_look_at) == (later(24), later(24), later(12))
        assert (row.state, thread(row)) == (State.OPEN, ["asked"])

    def test_working_days_skip_the_weekend(self, asked):
        # AT is a Friday, nine in the morning.
        row = asked(counterpart=Counterpart.objects.get(code="design"))

        assert row.due_at == AT + timedelta(days=4, hours=9)

    def test_the_counterpart_is_written_to_by_mail_and_says_what_until_when(self, house, asked):
        ticket = house.register()
        asked(ticket=ticket)

        told = Message.objects.get(template="N17")
        assert (told.channel, told.address) == ("email", "drawings@example.com")
        assert all(words in told.body for words in ("云栖置业", ticket.number, "竣工图", "陈立言"))

    def test_the_deadline_is_a_date_to_whoever_reads_the_letter_another_day(self, asked):
        due = localtime(asked(at=now()).due_at)

        assert f"{due.month}月{due.day}日 {due:%H:%M}" in Message.objects.get(template="N17").body

    def test_without_an_address_the_mobile_gets_an_sms(self, asked):
        asked(contact=requests.Contact(phone="13900139001"))
        asked(contact=requests.Contact(phone="01062345678"))

        assert list(Message.objects.filter(template="N17").values_list("channel", "address")) == [
            ("sms", "13900139001")
        ]

    def test_somebody_else_who_runs_after_it_is_told(self, house, asked):
        asked(owner=house.people["clerk"])

        assert list(Message.objects.filter(template="X03").values_list("user__username", flat=True)) == [
            "clerk"
        ]

    def test_the_ticket_keeps_a_trace(self, house, asked):
        ticket = house.register()
        row = asked(ticket=ticket)

        event = ticket.events.get(name="coordinate")
        assert event.payload == {"coordination": row.pk, "coordination_number": row.number}
        assert "提供3栋给排水竣工图" in event.reason

    def test_a_ticket_that_is_over_takes_none(self, house, asking):
        ticket = house.ticket_at(Status.CLOSED)
        workflow.step(ticket=ticket, name="archive", by=house.actor("manager"), at=AT)

        with pytest.raises(workflow.StepTaken):
            requests.ask(asking=asking(ticket=ticket), by=house.actor("engineer"), at=AT)
        assert Request.objects.count() == 0

    @pytest.mark.parametrize("who", ["front_desk", "housekeeper"])
    def test_whoever_only_sees_may_not_ask(self, house, asking, who):
        with pytest.raises(PermissionDenied):
            requests.ask(asking=asking(), by=house.actor(who), at=AT)


class TestPausing:
    @pytest.mark.row("SL-04")
    def test_the_request_is_the_proof_and_its_answer_brings_the_ticket_back(self, house, asked, later):
        ticket = house.ticket_at(Status.SURVEYING)
        row = asked(ticket=ticket, pause=True)
        aside = Ticket.objects.get(pk=ticket.pk)
        paused = Clock.objects.filter(ticket=ticket, paused_at__isnull=False).exists()

        requests.answer(request=row, words="图纸已发", files=[], by=house.actor("clerk"), at=later(20))

        back = Ticket.objects.get(pk=ticket.pk)
        assert (aside.status, paused, back.status) == (Status.SUSPENDED, True, Status.SURVEYING)
        assert trace(ticket) == ["coordinate", "suspend", "coordinate_answer", "resume"]
        assert not Clock.objects.filter(ticket=ticket, paused_at__isnull=False).exists()
        suspended = ticket.events.get(name="suspend").payload
        assert (suspended["pause"], suspended["coordination"]) == ("cross_department", row.pk)

    def test_cancelling_brings_it_back_as_well(self, house, asked, later):
        ticket = house.ticket_at(Status.SURVEYING)
        row = asked(ticket=ticket, pause=True)

        requests.end(request=row, done=False, words="自查已解决", by=house.actor("engineer"), at=later(2))

        assert Ticket.objects.get(pk=ticket.pk).status == Status.SURVEYING

    def test_a_ticket_put_aside_for_something_else_since_stays_aside(self, house, asked, later):
        ticket = house.ticket_at(Status.SURVEYING)
        row = asked(ticket=ticket, pause=True)
        by = house.actor("dispatcher")
        workflow.step(ticket=ticket, name="resume", by=by, at=later(1))
        payload = {"pause": "stop_order"}
        workflow.step(ticket=ticket, name="suspend", by=by, at=later(2), reason="停工令", payload=payload)

        requests.answer(request=row, words="图纸已发", files=[], by=house.actor("engineer"), at=later(3))

        assert Ticket.objects.get(pk=ticket.pk).status == Status.SUSPENDED

    def test_whoever_may_not_suspend_cannot_by_this_way(self, house, asking):
        ticket = house.ticket_at(Status.SURVEYING)

        with pytest.raises(PermissionDenied):
            requests.ask(asking=asking(ticket=ticket, pause=True), by=house.actor("clerk"), at=AT)


class TestAnswering:
    def test_papers_are_kept_and_survive_the_nightly_look_for_orphans(self, house, asked, later):
        row = asked()
        files = store.examined([upload(b"%PDF-1.4 drawing", "竣工图.pdf")], kinds=store.EVERYTHING)

        requests.answer(request=row, words="见附件", files=files, by=house.actor("clerk"), at=later(30))

        kept = RequestFile.objects.get(event__request=row)
        assert (kept.kind, kept.event.name) == ("pdf", "answered")
        # Files of tests before this one may lie about; this one has its row.
        evidence.purge_orphans(older_than=now() + timedelta(minutes=1))
        assert default_storage.exists(kept.original)
        assert stored(row).is_late(later(30)) is True

    def test_the_owner_hears_of_an_answer_somebody_else_took(self, house, asked, later):
        row = asked()
        requests.answer(request=row, words="明天送到", files=[], by=house.actor("clerk"), at=later(1))

        told = Message.objects.get(template="X04")
        assert (told.user, "明天送到" in told.body) == (house.people["engineer"], True)

    def test_a_second_answer_meets_the_first(self, house, asked, later):
        row = asked()
        requests.answer(request=row, words="一", files=[], by=house.actor("clerk"), at=later(1))

        with pytest.raises(Moved) as caught:
            requests.answer(request=row, words="二", files=[], by=house.actor("engineer"), at=later(1))
        assert (caught.value.last.words, thread(row)) == ("一", ["asked", "answered"])


class TestEnding:
    def test_an_answer_that_does_not_do_is_owed_again(self, house, asked, later):
        row, by = asked(), house.actor("engineer")
        requests.answer(request=row, words="只有建筑图", files=[], by=by, at=later(5))

        requests.reopen(request=row, due_at=later(48), reason="缺给排水图", by=by, at=later(6))
        again = stored(row)
        assert (again.state, again.due_at, again.promised_at, again.answered_at) == (
            State.OPEN,
            later(48),
            later(24),
            None,
        )

        requests.answer(request=row, words="补齐", files=[], by=by, at=later(30))
        requests.end(request=row, done=True, words="图纸可用", by=by, at=later(31))
        assert (stored(row).state, thread(row)) == (
            State.DONE,
            ["asked", "answered", "reopened", "answered", "done"],
        )

    def test_nothing_is_done_before_it_was_answered(self, house, asked):
        with pytest.raises(Moved):
            requests.end(request=asked(), done=True, words="", by=house.actor("engineer"), at=AT)


def test_a_moved_deadline_keeps_the_first_promise_and_says_why(house, asked, later):
    row, ticket_owner = asked(ticket=house.register()), house.people["supervisor"]

    requests.change(
        request=row,
        owner=ticket_owner,
        due_at=later(72),
        reason="对方档案室周一开门",
        by=house.actor("engineer"),
        at=later(1),
    )

    row = stored(row)
    assert (row.due_at, row.promised_at, row.owner) == (later(72), later(24), ticket_owner)
    event = row.events.get(name="changed")
    assert ([label for label, _ in event.facts], event.words) == (["期限", "负责人"], "对方档案室周一开门")
    assert trace(row.ticket) == ["coordinate", "coordinate_change"]


def test_a_reminder_by_hand_says_how_and_what_they_said(house, asked, later):
    row = asked()
    by = house.actor("clerk")
    requests.remind(request=row, means="电话", words="答应今晚发", send=False, by=by, at=later(2))
    requests.remind(request=row, means="系统发送督办", words="", send=True, by=by, at=later(3))

    assert [dict(event.facts)["方式"] for event in row.events.filter(name="reminded")] == [
        "电话",
        "系统发送督办",
    ]
    assert Message.objects.filter(template="N17").count() == 2


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_keeps_the_thread_as_it_was(asked, change):
    event = RequestEvent.objects.filter(request=asked())

    with pytest.raises(IntegrityError), transaction.atomic():
        event.update(words="别的") if change == "update" else event.delete()
