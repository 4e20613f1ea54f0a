"""Levels by category and rules, with the reason written."""

import pytest

from tickets.levels import Assessment, Danger, assess

pytestmark = pytest.mark.row("SL-01")


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({}, Assessment(3, "故障分类默认3级")),
        ({"care": ["高龄独居"]}, Assessment(2, "故障分类默认3级；高龄独居，升一级")),
        ({"repeat": True}, Assessment(2, "故障分类默认3级；重复报修，升一级")),
        (
            {"care": ["残障"], "repeat": True},
            Assessment(1, "故障分类默认3级；残障，升一级；重复报修，升一级"),
        ),
        ({"dangers": [Danger.RUNNING_WATER]}, Assessment(1, "正在流水，定为1级")),
        (
            {"dangers": [Danger.POWER_THREAT, Danger.PERSON_AT_RISK], "care": ["VIP"]},
            Assessment(1, "威胁用电、人身风险，定为1级"),
        ),
    ],
    ids=["default", "care", "repeat", "care-and-repeat", "danger", "two-dangers"],
)
def test_the_level_and_its_reason(facts, found):
    assert assess(**{"default": 3, "dangers": [], "care": []} | facts) == found


def test_nothing_is_more_urgent_than_level_one():
    assert assess(default=1, dangers=[], care=["VIP"], repeat=True) == Assessment(1, "故障分类默认1级")
