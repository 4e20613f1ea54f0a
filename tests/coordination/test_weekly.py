"""The weekly list: frozen when it is made, decided in the meeting, looked back on a week later."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from coordination import requests, weekly
from coordination.models import Counterpart, Request, WeeklyItem, WeeklyList
from core.templatetags.fangxiu import dated
from notices.models import Message
from tests.house import AT
from tickets import pausing
from tickets.models import Status

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-11")]
MONDAY, NEXT = date(2026, 5, 11), date(2026, 5, 18)
MORNING, WEEK_ON = AT + timedelta(days=3), AT + timedelta(days=10)
DECISION = weekly.Decision("周三前把竣工图送到现场", "开发商 钱工", date(2026, 5, 13))


def decided(house, item: WeeklyItem, decision: weekly.Decision = DECISION) -> WeeklyItem:
    return weekly.decide(item=item, decision=decision, by=house.actor("manager"), at=MORNING)


def this_week() -> WeeklyItem:
    weekly.make_all(on=MONDAY, at=MORNING)
    return WeeklyItem.objects.get()


def test_the_list_freezes_what_hangs_and_is_made_once(house, asked):
    row = asked(ticket=house.register())

    assert [weekly.make_all(on=MONDAY, at=MORNING) for _ in range(2)] == [1, 0]
    requests.answer(request=row, words="给了", files=[], by=house.actor("engineer"), at=MORNING)

    item = WeeklyItem.objects.get()
    facts = item.facts
    assert (item.request, facts["counterpart"], facts["late"], facts["owner"]) == (
        row,
        "开发商（图纸）（云栖置业）",
        "逾期2天",
        "陈立言",
    )
    assert row.ticket.number in facts["about"]


def test_a_ticket_put_aside_for_others_without_a_request_is_listed_too(house):
    waits, other = house.ticket_at(Status.SURVEYING), house.ticket_at(Status.SURVEYING)
    for ticket, code in ((waits, "cross_department"), (other, "weather")):
        pausing.suspend(
            ticket=ticket,
            code=code,
            words="等成本部核价",
            files=[],
            by=house.actor("dispatcher"),
            at=AT,
            proof={"letter": "F-12"},
        )

    item = this_week()

    assert (item.ticket, item.request, item.facts["counterpart"]) == (waits, None, "尚未发起协作单")


def test_where_nothing_hangs_there_is_no_list_unless_asked_for(house):
    assert weekly.make_all(on=MONDAY, at=MORNING) == 0
    row, new = weekly.make(estate=house.estate, on=MONDAY, at=MORNING, by=house.actor("clerk"))
    assert (row.items.count(), new) == (0, True)


def test_those_who_run_the_meeting_are_told(house, asked):
    asked()
    weekly.make_all(on=MONDAY, at=MORNING)

    told = Message.objects.filter(template="X05")
    assert set(told.values_list("user__username", flat=True)) == {"clerk", "supervisor", "manager"}
    assert "1项等待其他部门，其中1项已逾期" in told[0].body


class TestDecisions:
    def test_one_press_makes_a_request_of_a_decision_and_a_second_finds_it(self, house, asked):
        asked(ticket=house.register())
        item = decided(house, this_week())
        facts = {
            "counterpart": Counterpart.objects.get(code="developer"),
            "owner": house.people["clerk"],
            "due_at": MORNING + timedelta(days=2),
            "by": house.actor("manager"),
            "at": MORNING,
        }

        made = [weekly.follow_up(item=item, **facts) for _ in range(2)]

        assert (made[0], Request.objects.count()) == (made[1], 2)
        follow = Request.objects.get(pk=made[0].pk)
        assert (follow.ticket, follow.contact_unit) == (item.ticket, "云栖置业")
        assert "周三前把竣工图送到现场" in follow.asked
        assert "钱工" in follow.asked

    def test_an_engineer_records_no_decision(self, house, asked):
        asked()
        with pytest.raises(PermissionDenied):
            weekly.decide(item=this_week(), decision=DECISION, by=house.actor("engineer"), at=MORNING)

    def test_after_the_minutes_nothing_changes(self, house, asked):
        asked()
        item, by = decided(house, this_week()), house.actor("manager")
        weekly.close(weekly=item.weekly, attendees="开发商、房修", minutes="", by=by, at=MORNING)

        with pytest.raises(weekly.Closed):
            decided(house, item, weekly.Decision("别的", "别人", NEXT))
        assert WeeklyItem.objects.get().decision == DECISION.decision


class TestLookingBack:
    def review(self) -> dict:
        weekly.make_all(on=NEXT, at=WEEK_ON)
        return WeeklyList.objects.get(monday=NEXT).review[0]

    @pytest.mark.parametrize(("days", "outcome"), [(1, "done"), (4, "late"), (None, "open")])
    def test_the_next_list_says_what_was_decided_and_whether_it_happened(self, house, asked, days, outcome):
        row = asked()
        decided(house, this_week())
        if days:
            at = MORNING + timedelta(days=days)
            requests.answer(request=row, words="送到", files=[], by=house.actor("engineer"), at=at)

        found = self.review()

        assert (found["outcome"], found["decision"], found["decider"], found["until"]) == (
            outcome,
            DECISION.decision,
            DECISION.decider,
            dated(date(2026, 5, 13)),
        )

    def test_a_follow_up_counts_instead_of_the_first_request(self, house, asked):
        row, by = asked(), house.actor("engineer")
        item = decided(house, this_week())
        weekly.follow_up(
            item=item,
            counterpart=row.counterpart,
            owner=house.people["engineer"],
            due_at=MORNING + timedelta(days=2),
            by=house.actor("manager"),
            at=MORNING,
        )
        requests.answer(request=row, words="旧的", files=[], by=by, at=MORNING + timedelta(days=1))

        assert self.review()["outcome"] == "open"

    def test_it_stays_as_it_was_when_the_list_was_made(self, house, asked):
        row = asked()
        decided(house, this_week())
        before = self.review()
        requests.answer(request=row, words="迟到", files=[], by=house.actor("engineer"), at=WEEK_ON)

        assert WeeklyList.objects.get(monday=NEXT).review[0] == before
