"""What an editor of a policy is told before its rules can be used."""

import pytest

from tickets import policy_check
from tickets.presets import shipped

CONTACT = {
    "label": "首联",
    "start": ["dispatch"],
    "stop": ["contact"],
    "limits": {"1": 15, "2": 30, "3": 30, "4": "none"},
}


def of(**changes) -> list[str]:
    return policy_check.problems({"clocks": {"contact": CONTACT | changes}})


@pytest.mark.row("SL-02")
def test_every_shipped_policy_can_be_used():
    assert {each["code"]: policy_check.problems(each["rules"]) for each in shipped()} == {
        code: [] for code in ("P-DEFAULT", "P-FLOOR", "P-S1", "P-S2", "P-S3", "P-S4", "P-S5")
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"only": {"kind": ["repair"], "port": ["service"]}}, []),
        ({"only": {"colour": ["red"]}}, ["only 中没有“colour”"]),
        ({"only": {"kind": ["party"]}}, ["only 的 kind 中没有：party"]),
        ({"only": {"kind": []}}, ["only 的 kind 应为列表"]),
        ({"escalate": [{"at": 100, "to": "supervisor"}, {"at": 200, "to": "director"}]}, []),
        ({"escalate": [{"at": 200, "to": "manager"}, {"at": 100, "to": "director"}]}, ["escalate 应为"]),
        ({"limits": {"1": 15}}, ["limits 应写明"]),
        ({"limits": {"1": "soon", "2": None, "3": "none", "4": 5}}, ["1 级时限应为"]),
        ({"rests": "yes"}, ["rests 只能是"]),
        ({"since": "yesterday"}, ["since 只能是"]),
        ({"lead_minutes": 0}, ["lead_minutes 应为"]),
    ],
)
def test_each_mistake_is_named(changes, said):
    found = [sentence.removeprefix("时钟“contact”：") for sentence in of(**changes)]

    assert [sentence[: len(start)] for sentence, start in zip(found, said, strict=True)] == said


def test_two_rules_of_one_clock_must_not_fit_the_same_ticket():
    complaint = CONTACT | {"only": {"kind": ["complaint"]}}
    apart = {"contact": CONTACT, "contact:complaint": complaint}
    overlapping = apart | {"contact:safety": complaint}

    assert policy_check.problems({"clocks": apart}) == []
    assert policy_check.problems({"clocks": overlapping}) == [
        "时钟“contact:complaint”与“contact:safety”适用的工单重叠，请用 only 区分。"
    ]
