"""Which limits hold where several policies ask for different ones (domain.md §8.1)."""

from datetime import date
from typing import Any

import pytest

from tests.house import House
from tickets import policies, settlement
from tickets.models import PolicySet, PolicyVersion

DAY = date(2026, 5, 8)


def rules(calendar: Any = "always", **limits: Any) -> dict:
    """Rules of clocks with the same limit at every level, or one limit for each."""
    return {
        "clocks": {
            key: {
                "label": key,
                "start": ["register"],
                "stop": ["dispatch"],
                "calendar": calendar,
                "limits": limit if isinstance(limit, dict) else dict.fromkeys("1234", limit),
            }
            for key, limit in limits.items()
        }
    }


def version(code: str, asked: dict, *, number: int = 1, nature: str = "internal", **scope: int):
    policy = PolicySet(code=code, name=code, nature=nature, **scope)
    until = date(2026, 6, 30) if nature == "peak" else None
    return PolicyVersion(
        pk=abs(hash(code)), policy=policy, number=number, valid_from=DAY, valid_to=until, rules=asked
    )


def limits(settled: settlement.Settlement, key: str = "dispatch") -> list:
    return [settled.clocks[key]["limits"][level] for level in "1234"]


GROUP = version("GROUP", rules(dispatch=60))


@pytest.mark.row("SL-02")
def test_the_most_particular_scope_leads():
    area, estate = (
        version("AREA", rules(dispatch=90), area_id=1),
        version("ESTATE", rules(dispatch=120), estate_id=1),
    )

    settled = settlement.settle([GROUP, area, estate])

    assert (settled.leader, limits(settled), settled.changes) == (estate, [120] * 4, [])
    assert settled.verdicts[GROUP.pk] == "未采用：有范围更具体的策略"


@pytest.mark.row("SL-02")
def test_of_the_same_scope_the_stricter_limit_counts_and_is_written_down():
    other = version("OTHER", rules(dispatch={"1": 90, "2": 30, "3": None, "4": "none"}))

    settled = settlement.settle([GROUP, other])

    assert limits(settled) == [60, 30, 60, 60]
    assert [(change.rule, change.level, change.before, change.after) for change in settled.changes] == [
        ("equal", "2", 60, 30)
    ]


@pytest.mark.row("SL-02")
def test_nothing_relaxes_the_law():
    floor = version("LAW", rules(dispatch={"1": 30, "2": 90, "3": None, "4": "none"}), nature="floor")

    settled = settlement.settle([GROUP, floor])

    assert limits(settled) == [30, 60, 60, 60]
    assert [change.as_json() for change in settled.changes] == [
        {
            "clock": "dispatch",
            "label": "dispatch",
            "level": "1",
            "before": 60,
            "after": 30,
            "rule": "floor",
            "source": "LAW 第1版",
        }
    ]
    assert GROUP.rules == rules(dispatch=60)


@pytest.mark.row("SL-02")
def test_a_published_promise_goes_before_an_internal_target_of_any_scope():
    estate = version("ESTATE", rules(dispatch=20), estate_id=1)
    promise = version("PROMISE", rules(dispatch=45), nature="promise")

    assert limits(settlement.settle([estate, promise])) == [45] * 4


@pytest.mark.row("SL-02")
def test_peak_mode_relaxes_internal_limits_of_levels_3_and_4_alone():
    peak = version("PEAK", rules(dispatch=240, arrive=240), nature="peak")
    promise = version("PROMISE", rules(arrive=30), nature="promise")
    law = version("LAW", rules(dispatch=200), nature="floor")

    settled = settlement.settle([GROUP, peak, promise, law])

    assert (limits(settled), limits(settled, "arrive")) == ([60, 60, 200, 200], [30] * 4)


def test_a_floor_without_kinds_concerns_every_variant_of_a_clock():
    group = version(
        "GROUP",
        {"clocks": rules(contact=2000)["clocks"] | {"contact:complaint": rules(x=1800)["clocks"]["x"]}},
    )
    law = version("LAW", rules(contact=1440), nature="floor")

    settled = settlement.settle([group, law])

    assert (limits(settled, "contact"), limits(settled, "contact:complaint")) == ([1440] * 4, [1440] * 4)


def test_minutes_take_their_calendar_along():
    group = version("GROUP", rules(dispatch=540, calendar={"3": "working"}))
    law = version("LAW", rules(dispatch={"1": 600, "2": 600, "3": 300, "4": 600}), nature="floor")

    settled = settlement.settle([group, law])

    assert settled.clocks["dispatch"]["calendar"]["3"] == "always"


def test_a_floor_alone_leads_nothing():
    with pytest.raises(settlement.NothingLeads):
        settlement.settle([version("LAW", rules(dispatch=30), nature="floor")])


# -- in the database ---------------------------------------------------------
def put(code: str, asked: dict, **fields: Any) -> PolicyVersion:
    dates = {name: fields.pop(name) for name in ("valid_from", "valid_to") if name in fields}
    policy = PolicySet.objects.create(code=code, name=code, **fields)
    return PolicyVersion.objects.create(policy=policy, number=1, rules=asked, **{"valid_from": DAY} | dates)


@pytest.mark.django_db
@pytest.mark.row("SL-02")
def test_a_ticket_keeps_what_was_settled_when_it_was_accepted():
    house = House.build("front_desk")
    asked = rules(contact=10)
    first = house.register()
    law = put("LAW", asked, nature="floor", area=house.estate.area)

    second, third = house.register(), house.register()
    law.policy.active = False
    law.policy.save()
    last = house.register()

    assert [bool(ticket.policy.settled) for ticket in (first, second, third, last)] == [
        False,
        True,
        True,
        False,
    ]
    assert (second.policy, last.policy) == (third.policy, first.policy)
    assert str(second.policy) == "P-DEFAULT 第1版（合并裁决）"
    contact = second.policy.rules["clocks"]["contact"]["limits"]
    assert contact == dict.fromkeys("1234", 10)
    assert {change["source"] for change in second.policy.settlement["changes"]} == {"LAW 第1版"}


@pytest.mark.django_db
@pytest.mark.row("SL-02")
@pytest.mark.parametrize(
    ("on", "code"),
    [
        (date(2026, 4, 30), "P-DEFAULT"),
        (date(2026, 5, 1), "SPRING"),
        (date(2026, 5, 31), "SPRING"),
        (date(2026, 6, 1), "P-DEFAULT"),
    ],
)
def test_a_version_counts_from_its_first_to_its_last_day(on, code):
    house = House.build("front_desk")
    put(
        "SPRING",
        rules(dispatch=5),
        estate=house.estate,
        valid_from=date(2026, 5, 1),
        valid_to=date(2026, 5, 31),
    )

    assert policies.current(estate_id=house.estate.pk, on=on).policy.code == code


@pytest.mark.django_db
def test_another_area_s_policy_says_nothing_here():
    house = House.build("front_desk")
    other = house.estate.area.__class__.objects.create(code="far", name="远郊")
    put("FAR", rules(dispatch=5), area=other)

    assert policies.current(estate_id=house.estate.pk, on=DAY).policy.code == "P-DEFAULT"


@pytest.mark.django_db
def test_without_any_policy_nothing_is_registered():
    house = House.build("front_desk")
    PolicySet.objects.update(active=False)

    with pytest.raises(policies.NoPolicy):
        policies.current(estate_id=house.estate.pk, on=DAY)
