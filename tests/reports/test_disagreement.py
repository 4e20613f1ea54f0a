"""人机差异: counted, explained, opened, exported, within scope (DI-03)."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now
from python_calamine import CalamineWorkbook

from dispatch import ahead, assign, proposals
from dispatch.models import DispatchRule, Proposal
from reports import disagreement
from reports.disagreement import Choice
from reports.periods import Month
from tests.factories_dispatch import house, registered, staff, worker
from tickets.models import FollowUp

pytestmark = pytest.mark.django_db
NOW = now()
THIS = Month.of(NOW)
REASON = "=HYPERLINK(业主指定李师傅)"


@pytest.fixture
def place():
    """Two approved, one changed, one sent back, one sent first and marked wrong; one far away."""
    place = house()
    place.other = worker(place.estate, name="李永福", grade=1)
    for _ in range(2):
        assign.approve(proposal=_proposal(place), by=place.reviewer, at=NOW)
    changed = _proposal(place)
    assign.change(proposal=changed, worker=place.other, reason=REASON, by=place.reviewer, at=NOW)
    assign.send_back(proposal=_proposal(place), reason="楼栋不清", by=place.reviewer, at=NOW)
    DispatchRule.objects.create(level=2, mode="auto", review_after=True, since=NOW - timedelta(days=1))
    first = _proposal(place)
    ahead.send(proposal=first, at=NOW)
    ahead.review(proposal=first, good=False, reason="应派电工", by=place.reviewer, at=NOW)
    place.changed = Proposal.objects.get(pk=changed.pk)
    far = house()
    assign.approve(proposal=_proposal(far), by=far.reviewer, at=NOW)
    return place


def _proposal(place):
    return proposals.ensure(ticket=registered(place), at=NOW)


def found(place, **fields):
    return disagreement.decided(place.dispatcher, Choice(THIS, **fields))


@pytest.mark.row("DI-03")
@pytest.mark.parametrize("group", ["month", "estate", "trade", "level"])
def test_each_way_to_divide_gives_the_same_numbers(place, group):
    [line] = disagreement.table(found(place), group)

    numbers = {"approved": 2, "changed": 1, "returned": 1, "taken": 0, "ahead": 1, "corrected": 1}
    assert (line.numbers, line.agreed, line.wrong) == (numbers, 50, 100)
    assert disagreement.total(found(place)).numbers == numbers


def test_reviewers_stand_apart_from_the_machine(place):
    lines = disagreement.table(found(place), "reviewer")

    assert sorted((line.label, line.decided, line.numbers["ahead"]) for line in lines) == [
        ("王建国", 4, 0),
        ("系统", 0, 1),
    ]


def test_other_months_levels_and_estates_are_left_out(place):
    assert disagreement.decided(place.dispatcher, Choice(THIS.later(-1))).count() == 0
    assert found(place, level=1).count() == 0
    assert found(place, estate=place.estate.pk).count() == found(place).count()


@pytest.mark.row("DI-03")
def test_the_reasons_and_the_parts_in_which_the_chosen_one_was_worse(place):
    assert sorted(row.after_reason or row.reason for row in disagreement.reasons(found(place))) == [
        REASON,
        "应派电工",
        "楼栋不清",
    ]
    first, chosen = (place.changed.candidates[number]["parts"] for number in (0, 1))
    worse = [
        one["label"] for one, other in zip(first, chosen, strict=True) if other["points"] < one["points"]
    ]
    assert [(part.label, part.worse, part.of) for part in disagreement.parts(found(place))] == [
        (label, 1, 1) for label in worse
    ]


@pytest.mark.row("DI-03")
def test_whether_it_was_better_is_read_from_the_follow_ups(place):
    for proposal in Proposal.objects.visible_to(place.dispatcher).filter(
        decision__in=["approved", "changed"]
    ):
        result = "solved" if proposal.decision == "changed" else "not_solved"
        FollowUp.objects.create(
            ticket=proposal.ticket, round=1, result=result, called_by=place.dispatcher, called_at=NOW
        )

    rows = disagreement.outcomes(found(place))

    assert [(row.label, row.solved, row.asked, row.share) for row in rows] == [
        ("改派他人的", 1, 1, 100),
        ("采纳建议的", 0, 2, 0),
    ]


@pytest.mark.row("DI-03")
def test_every_number_of_the_page_opens_its_tickets(client, place):
    client.force_login(place.dispatcher)

    page = client.get(reverse("disagreement"), {"group": "level"})
    behind = client.get(reverse("disagreement_tickets"), {"group": "level", "line": "2", "figure": "changed"})

    assert f"figure=changed&amp;line={place.changed.ticket.level}" in page.content.decode()
    assert [row.pk for row in behind.context["page_obj"]] == [place.changed.pk]


@pytest.mark.parametrize(
    "query", [{"estate": "999999"}, {"month": "x"}, {"figure": "x"}, {"figure": "changed", "line": "zz"}]
)
def test_what_is_not_there_is_missing_or_empty(client, place, query):
    client.force_login(place.dispatcher)

    response = client.get(reverse("disagreement_tickets"), {"figure": "approved"} | query)

    rows = list(response.context["page_obj"]) if response.status_code == 200 else []
    assert rows == []


@pytest.mark.row("DI-03", "RE-07")
def test_the_export_has_no_formula_and_needs_the_right_to_export(client, place):
    client.force_login(staff("supervisor", place.estate))
    query = {"figure": "changed"}

    xlsx = client.get(reverse("disagreement_export"), query | {"kind": "xlsx"})
    csv = client.get(reverse("disagreement_export"), query | {"kind": "csv"})

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(xlsx.streaming_content))).get_sheet_by_index(0)
    assert [row[12] for row in sheet.to_python()] == ["理由", REASON]
    assert f'"\'{REASON}"' in b"".join(csv.streaming_content).decode("utf-8-sig")
    client.force_login(place.dispatcher)
    assert client.get(reverse("disagreement_export"), query).status_code == 403
