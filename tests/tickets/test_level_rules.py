"""Rules that raise levels, and who may lower one, through every door (SL-01)."""

from datetime import date, timedelta

import pytest
from django.test import Client

from tests.house import AT, House
from tickets import level_rules, levels, workflow
from tickets.models import LevelRule, Ticket
from tickets.presets import load_class_rules
from warranty.models import Season

pytestmark = [pytest.mark.row("SL-01"), pytest.mark.django_db]


@pytest.fixture
def house():
    house = House.build("front_desk", "clerk", "engineer", "supervisor", "manager")
    load_class_rules()
    level_rules.forget()
    yield house
    level_rules.forget()


def heating(house: House) -> None:
    house.fault.code = "HV03"
    house.fault.save()
    Season.objects.create(kind="heating", starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 31))


def test_heating_goes_up_one_level_in_the_heating_season_alone(house):
    heating(house)

    now, summer = house.register(), house.register(at=AT + timedelta(days=60))

    assert (now.level, now.level_reason) == (1, "故障分类默认2级；供暖季内采暖故障，升一级")
    assert (summer.level, summer.level_reason) == (2, "故障分类默认2级")


def test_a_rule_that_is_switched_off_raises_nothing(house):
    heating(house)
    LevelRule.objects.update(active=False)
    level_rules.forget()

    assert house.register().level == 2


@pytest.mark.parametrize("code", ["clerk", "engineer"])
def test_who_may_raise_may_not_lower(house, code):
    ticket = house.register()
    by = house.actor(code)
    levels.change(ticket=ticket, level=1, reason="影响楼下", by=by, at=AT)

    with pytest.raises(workflow.StepForbidden):
        levels.change(ticket=ticket, level=3, reason="不急", by=by, at=AT)
    with pytest.raises(workflow.StepForbidden):
        workflow.note(ticket=ticket, name="change_level", by=by, at=AT, reason="不急", level=4)
    assert Ticket.objects.get(pk=ticket.pk).level == 1


def test_lowering_needs_words_whoever_does_it(house):
    ticket = house.register()

    with pytest.raises(workflow.ReasonMissing):
        levels.change(ticket=ticket, level=4, reason="  ", by=house.actor("manager"), at=AT)


def test_the_history_of_levels_says_who_and_why(house):
    ticket = house.register()
    levels.change(ticket=ticket, level=1, reason="影响楼下", by=house.actor("clerk"), at=AT)
    levels.change(ticket=ticket, level=3, reason="已止水", by=house.actor("supervisor"), at=AT)

    found = [(change.before, change.level, change.why) for change in levels.history(ticket)]
    assert found == [(None, 2, "登记"), (2, 1, "影响楼下"), (1, 3, "已止水")]


def test_the_page_refuses_at_the_field_and_shows_the_history(house):
    ticket = house.register()
    client = Client()
    client.force_login(house.people["clerk"])
    url = f"/desk/t/{ticket.number}/level/"

    answer = client.post(
        url, {"level": 4, "reason": "不急", "form_key": "00000000-0000-4000-8000-000000000001"}
    )

    assert answer.status_code == 422
    assert "您只能提高级别" in answer.content.decode()
    assert "级别变更记录" in client.get(url).content.decode()
