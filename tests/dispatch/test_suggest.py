"""The suggestion is pure: no database here."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.suggest import FILTERS, LADDER, Candidate, Job, Need, Skill, refusals, suggest

TODAY = date(2026, 11, 21)
WATER, POWER = Need(1, "水电工"), Need(2, "电工（低压电工证）", needs_certificate=True)
JOB = Job(
    trades=(WATER,),
    estate_id=10,
    area_id=100,
    neighbours=frozenset({101}),
    level=2,
    today=TODAY,
    covered="yes",
)
ZHANG = Candidate(
    worker_id=1,
    name="张强",
    skills=(Skill(1),),
    on_duty=True,
    load=2,
    capacity=6,
    estates=frozenset({10, 11}),
    area_id=100,
    grade=2,
)


def reasons(job, candidate):
    return [each.reason for each in suggest(job, [candidate]).excluded]


@pytest.mark.row("DI-01")
@pytest.mark.parametrize(
    ("job", "changes", "reason"),
    [
        (JOB, {"estates": frozenset({11})}, "不负责本项目"),
        (JOB, {"skills": (Skill(9),)}, "无该工种技能：水电工"),
        (
            JOB,
            {"skills": (Skill(1, "D-1", date(2026, 11, 20)),)},
            "水电工证书已于2026年11月20日过期",
        ),
        (
            replace(JOB, trades=(POWER,)),
            {"skills": (Skill(2),)},
            "电工（低压电工证）须持证上岗，未登记证书",
        ),
        (JOB, {"on_duty": False}, "未当班"),
        (JOB, {"load": 6}, "已满载 6/6"),
        (replace(JOB, declined=frozenset({1})), {}, "本轮已拒单"),
        (replace(JOB, covered="no"), {"employer": "contractor"}, "已过保修期，不派保修单位"),
        (replace(JOB, repeat=True), {"employer": "contractor"}, "二次返修不得直接派施工单位"),
    ],
)
def test_a_hard_filter_says_why_someone_is_out(job, changes, reason):
    assert reasons(job, replace(ZHANG, **changes)) == [reason]


@pytest.mark.row("DI-01")
def test_a_certificate_is_valid_on_its_last_day():
    job = replace(JOB, trades=(POWER,))
    last_day = replace(ZHANG, skills=(Skill(2, "D-1", TODAY),))

    assert reasons(job, last_day) == []


@pytest.mark.row("DI-01")
def test_any_one_of_the_trades_will_do():
    job = replace(JOB, trades=(POWER, WATER))

    assert reasons(job, ZHANG) == []


@pytest.mark.row("DI-01")
def test_every_point_of_a_score_is_explained():
    best = suggest(JOB, [replace(ZHANG, visits_here=2, fixed=9, followed_up=10)]).best

    assert [(part.label, part.points, part.words) for part in best.parts] == [
        ("远近", 21.0, "同片区"),
        ("负荷", 20.0, "手上 2/6 单"),
        ("级别", 6.7, "2级单优先高等级，中级工"),
        ("熟悉", 6.7, "曾到本处 2 次"),
        ("质量", 17.3, "一次修好 9/10"),
    ]
    assert best.score == 71.7


@pytest.mark.row("DI-02")
def test_the_ladder_goes_from_the_estate_to_third_parties():
    crew = [
        replace(ZHANG, worker_id=6, employer="third_party"),
        replace(ZHANG, worker_id=5, employer="contractor"),
        replace(ZHANG, worker_id=4, area_id=999),
        replace(ZHANG, worker_id=3, area_id=101),
        replace(ZHANG, worker_id=2, load=5),
        replace(ZHANG, worker_id=1, today_estates=frozenset({10}), load=5),
    ]

    ranked = suggest(JOB, crew).ranked

    assert [(each.worker_id, each.step) for each in ranked] == list(enumerate(LADDER, start=1))


@pytest.mark.row("DI-02")
def test_a_step_without_anybody_is_named_before_the_next():
    suggestion = suggest(JOB, [replace(ZHANG, area_id=101)])

    assert suggestion.walked == "同项目 0 人 → 同片区 0 人 → 相邻片区 1 人可派。"


@pytest.mark.row("DI-02")
def test_when_nobody_is_found_the_filters_are_counted():
    crew = [replace(ZHANG, load=6), replace(ZHANG, load=7), replace(ZHANG, skills=())]

    assert suggest(JOB, crew).walked == "没有可派人选：无该工种技能 1 人，已满载 2 人。"


def test_an_estate_without_workers_is_said_so():
    assert suggest(JOB, []).walked == "没有可派人选：本项目还没有维修人员。"


def test_of_two_equals_the_one_with_less_in_hand_goes_first():
    light, heavy = replace(ZHANG, worker_id=2, load=1), replace(ZHANG, worker_id=1, load=3)

    assert [each.worker_id for each in suggest(JOB, [heavy, light]).ranked] == [2, 1]


ids = st.integers(1, 3)
skills = st.builds(
    Skill,
    trade_id=ids,
    certificate=st.sampled_from(["", "D-1"]),
    expires_on=st.none() | st.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days)),
)
jobs = st.builds(
    Job,
    trades=st.lists(
        st.builds(Need, trade_id=ids, name=st.just("水电工"), needs_certificate=st.booleans()), max_size=3
    ).map(lambda needs: tuple({need.trade_id: need for need in needs}.values())),
    estate_id=ids,
    area_id=ids,
    neighbours=st.frozensets(ids),
    level=st.integers(1, 4),
    today=st.just(TODAY),
    covered=st.sampled_from(["yes", "no", "unknown"]),
    repeat=st.booleans(),
    declined=st.frozensets(st.integers(1, 8)),
)
candidates = st.builds(
    Candidate,
    worker_id=st.integers(1, 8),
    name=st.just("张强"),
    skills=st.lists(skills, max_size=3, unique_by=lambda skill: skill.trade_id).map(tuple),
    on_duty=st.booleans(),
    load=st.integers(0, 8),
    capacity=st.integers(0, 8),
    estates=st.none() | st.frozensets(ids),
    area_id=ids,
    grade=st.integers(1, 3),
    employer=st.sampled_from(["own", "contractor", "third_party"]),
    today_estates=st.frozensets(ids),
    visits_here=st.integers(0, 5),
    fixed=st.integers(0, 9),
    followed_up=st.integers(9, 20),
)
crews = st.lists(candidates, max_size=8, unique_by=lambda each: each.worker_id)


def allowed(job: Job, who: Candidate) -> bool:
    """The hard filters written a second time, plainly, as a person would check them."""
    usable = [
        need
        for need in job.trades
        for skill in who.skills
        if skill.trade_id == need.trade_id
        and not (skill.expires_on and skill.expires_on < job.today)
        and (skill.certificate or not need.needs_certificate)
    ]
    return (
        (who.estates is None or job.estate_id in who.estates)
        and (usable != [] or job.trades == ())
        and not (who.employer == "contractor" and (job.covered == "no" or job.repeat))
        and who.worker_id not in job.declined
        and who.on_duty
        and who.load < who.capacity
    )


@pytest.mark.row("DI-01")
@given(jobs, crews)
def test_no_suggestion_breaks_a_hard_filter_and_nobody_is_lost(job, crew):
    suggestion = suggest(job, crew)

    assert {each.worker_id for each in suggestion.ranked} == {
        each.worker_id for each in crew if allowed(job, each)
    }
    assert len(suggestion.ranked) + len(suggestion.excluded) == len(crew)


@pytest.mark.row("DI-01")
@given(jobs, candidates, st.integers(1, 8))
def test_more_load_never_raises_a_score(job, candidate, more):
    before = suggest(job, [candidate]).best
    after = suggest(job, [replace(candidate, load=candidate.load + more)]).best

    assert after is None or (before is not None and after.score <= before.score)


@given(jobs, crews)
def test_the_order_of_the_workers_does_not_change_the_ranking(job, crew):
    assert suggest(job, crew).ranked == suggest(job, crew[::-1]).ranked


@given(jobs, candidates)
def test_every_refusal_is_one_of_the_named_filters(job, candidate):
    assert {each.code for each in refusals(job, candidate)} <= set(FILTERS)
