"""Which rule holds, and that nothing leaves without a person unless a rule says so."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.timezone import localdate, now

from dispatch import ahead, asks, assign, handing, modes, proposals, queries
from dispatch.models import DispatchRule, Proposal
from tests.factories_dispatch import house, registered, sign, staff, worker
from tests.factories_estates import EstateFactory
from tickets import upkeep, workflow
from tickets.actors import Actor
from tickets.models import Kind, Ticket, TicketEvent

pytestmark = pytest.mark.django_db
NOW = now()
BEFORE = NOW - timedelta(days=1)
ROOT = Path(__file__).resolve().parents[2]


def rule(level=2, **fields):
    fields = {"since": BEFORE} | fields
    return DispatchRule.objects.create(level=level, **fields)


@pytest.mark.row("DI-04")
def test_without_a_row_a_person_decides():
    found = modes.rule_for(estate_id=1, level=1, at=NOW)

    assert (found.mode, found.review_after, found.next_by_machine) == ("assign", False, False)


@pytest.mark.row("DI-04")
def test_an_estates_rule_goes_before_the_general_one_and_the_newest_that_holds_before_older_ones():
    estate = EstateFactory()
    rule(mode="pick", since=BEFORE)
    rule(estate=estate, mode="assign", remind_minutes=1, since=BEFORE)
    rule(estate=estate, mode="grab", since=NOW - timedelta(hours=1))
    rule(estate=estate, mode="auto", since=NOW + timedelta(hours=1))

    assert modes.rule_for(estate_id=estate.pk, level=2, at=NOW).mode == "grab"
    assert modes.rule_for(estate_id=estate.pk + 1, level=2, at=NOW).mode == "pick"
    assert modes.rule_for(estate_id=estate.pk, level=3, at=NOW).mode == "assign"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"remind_minutes": 30, "next_minutes": 30}, "换人须晚于提醒。"),
        (
            {"mode": "grab", "review_after": True},
            "抢单、领单由师傅自己取单，不能先派后审，也不能由系统换人派出。",
        ),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(fields, words):
    with pytest.raises(ValidationError) as refused:
        DispatchRule(level=1, **fields).full_clean()

    assert refused.value.messages == [words]


# -- nothing leaves without a person -----------------------------------------


def dispatches(ticket):
    return TicketEvent.objects.filter(ticket=ticket, name="dispatch").count()


@pytest.mark.row("DI-03")
@pytest.mark.parametrize("mode", ["assign", "grab", "pick"])
def test_the_machine_sends_nothing_where_no_rule_says_so(mode):
    place = house()
    rule(mode=mode)
    ticket = registered(place)

    proposal = handing.hand_out(ticket=ticket, at=NOW)

    with pytest.raises(workflow.StepForbidden):
        ahead.send(proposal=proposal, at=NOW)
    with pytest.raises(workflow.StepForbidden):
        workflow.step(ticket=ticket, name="dispatch", by=Actor.system(), at=NOW, handler=place.worker.user)
    assert dispatches(ticket) == 0


@pytest.mark.row("DI-03")
def test_a_worker_sends_nothing_to_themselves_that_is_not_offered():
    place = house()
    ticket = registered(place)
    proposals.ensure(ticket=ticket, at=NOW)
    by = Actor.staff(place.worker.user)

    with pytest.raises(workflow.StepForbidden):
        workflow.step(ticket=ticket, name="dispatch", by=by, at=NOW, handler=place.worker.user)


@pytest.mark.row("DI-03")
def test_only_one_function_of_the_house_dispatches():
    """`assign.send`, which asks every hard filter; whoever calls it stands in the second list."""
    steps, senders = set(), set()
    for path in ROOT.glob("[a-z]*/**/*.py"):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(("tests/", "bench/")) or "/migrations/" in name:
            continue
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            named = {each.arg: getattr(each.value, "value", None) for each in call.keywords}
            if named.get("name") == "dispatch" and "handler" in named:
                steps.add(name)
            if ast.unparse(call.func) in ("assign.send", "send") and "overrule" in ast.unparse(call):
                senders.add(name)

    assert (steps, senders) == ({"dispatch/assign.py"}, {"dispatch/ahead.py", "dispatch/pool.py"})


# -- the machine first, a person after ---------------------------------------


@pytest.mark.row("DI-03", "DI-04")
def test_by_rule_the_machine_sends_at_once_and_the_ticket_waits_for_its_review():
    place = house()
    rule(mode="auto", review_after=True)
    ticket = registered(place)

    proposal = handing.hand_out(ticket=ticket, at=NOW)

    ticket, proposal = Ticket.objects.get(pk=ticket.pk), Proposal.objects.get(pk=proposal.pk)
    assert (ticket.status, ticket.handler) == ("dispatched", place.worker.user)
    assert (proposal.decision, proposal.after, proposal.decided_by) == ("ahead", "waiting", None)
    assert TicketEvent.objects.get(ticket=ticket, name="dispatch").actor_kind == "system"


def test_running_twice_sends_once():
    place = house()
    rule(mode="auto")
    ticket = registered(place)
    handing.hand_out(ticket=ticket, at=NOW)

    with pytest.raises(workflow.StepTaken):
        handing.hand_out(ticket=ticket, at=NOW)
    assert dispatches(ticket) == 1


@pytest.fixture
def sent_first():
    """A level-2 ticket that the front desk sent by one press."""
    place = house()
    rule(review_after=True)
    desk = Actor.staff(staff("front_desk", place.estate, name="周前台"))
    ticket = ahead.send_first(ticket=registered(place), by=desk, at=NOW)
    return place, ticket, Proposal.objects.get(ticket=ticket)


@pytest.mark.row("DI-03")
def test_the_front_desk_sends_an_urgent_ticket_by_one_press(sent_first):
    _, ticket, proposal = sent_first

    event = TicketEvent.objects.get(ticket=ticket, name="dispatch")
    assert (event.actor_name, event.actor_kind) == ("派单助手（周前台一键先派）", "system")
    assert (proposal.after, proposal.decided_by.full_name) == ("waiting", "周前台")


def test_the_press_is_refused_where_the_level_has_no_such_rule():
    place = house()
    desk = Actor.staff(staff("front_desk", place.estate))

    with pytest.raises(ahead.NotAllowed):
        ahead.send_first(ticket=registered(place), by=desk, at=NOW)


@pytest.mark.row("DI-03")
@pytest.mark.row("IN-11")
def test_a_complaint_is_answered_and_never_sent():
    place = house()
    rule(level=1, review_after=True)
    desk = Actor.staff(staff("front_desk", place.estate))
    details = {"about": "safety", "demand": "请清理", "harm": "no"}
    complaint = registered(place, kind=Kind.COMPLAINT, details=details, fault=None, wanted="")

    assert ahead.may_send_first(complaint, desk, at=NOW) is False
    with pytest.raises(ahead.NotAllowed):
        ahead.send_first(ticket=complaint, by=desk, at=NOW)


def test_a_worker_may_not_press(sent_first):
    place, _, _ = sent_first

    with pytest.raises(ahead.NotAllowed):
        ahead.send_first(ticket=registered(place), by=Actor.staff(place.worker.user), at=NOW)


@pytest.mark.row("DI-03")
@pytest.mark.parametrize(("good", "reason", "after"), [(True, "", "confirmed"), (False, "应派电工", "wrong")])
def test_a_person_confirms_or_marks_wrong_what_was_sent_first(sent_first, good, reason, after):
    place, ticket, proposal = sent_first

    ahead.review(proposal=proposal, good=good, reason=reason, by=place.reviewer, at=NOW)

    proposal.refresh_from_db()
    assert (proposal.after, proposal.after_by, proposal.after_reason) == (after, place.dispatcher, reason)
    assert Ticket.objects.get(pk=ticket.pk).status == "dispatched"
    with pytest.raises(workflow.StepTaken):
        ahead.review(proposal=proposal, good=True, by=place.reviewer, at=NOW)


def test_marking_wrong_needs_words(sent_first):
    place, _, proposal = sent_first

    with pytest.raises(workflow.ReasonMissing):
        ahead.review(proposal=proposal, good=False, reason=" ", by=place.reviewer, at=NOW)


@pytest.mark.row("DI-03")
def test_sending_somebody_else_afterwards_counts_as_a_correction(sent_first):
    place, ticket, proposal = sent_first
    other = worker(place.estate, name="李永福")

    assign.reassign(ticket=ticket, worker=other, reason="离得更近", by=place.reviewer, at=NOW)

    proposal.refresh_from_db()
    assert (proposal.after, proposal.after_reason) == ("corrected", "离得更近")


@pytest.mark.row("DI-03", "DI-04")
def test_what_was_sent_first_and_came_back_is_reviewed_like_any_other(client, sent_first):
    place, ticket, _ = sent_first
    asks.look(now=NOW + timedelta(hours=1))
    client.force_login(place.dispatcher)

    review = client.get(reverse("dispatch_review", args=[ticket.number]))
    after = client.get(reverse("dispatch_after", args=[ticket.number]))

    assert (review.status_code, review.context["deciding"]) == (200, True)
    assert reverse("dispatch_review", args=[ticket.number]) in after.content.decode()


@pytest.mark.row("DI-03", "DI-04")
def test_a_ticket_that_the_machine_sent_to_one_after_the_other_is_listed_once(sent_first):
    place, ticket, _ = sent_first
    DispatchRule.objects.update(next_by_machine=True)
    worker(place.estate, name="李永福", grade=1)

    asks.look(now=NOW + timedelta(hours=1))

    assert ticket.proposals.filter(after="waiting").count() == 2
    assert [each.pk for each in queries.after(place.dispatcher)] == [ticket.pk]


# -- 二次返修 ------------------------------------------------------------------


@pytest.mark.row("DI-06")
def test_no_door_sends_a_contractor_to_a_second_repair():
    place = house()
    rule(mode="auto")
    first = registered(place)
    ticket = registered(place, repeat_of=first)
    Ticket.objects.filter(pk=ticket.pk).update(covered="yes")
    contractor = sign(worker(place.estate, name="宏基建筑", role="contractor", employer="contractor"))
    place.worker.on_duty = False
    place.worker.save()

    proposal = handing.hand_out(ticket=ticket, at=NOW)

    assert proposal.candidates == []
    assert "二次返修不得直接派施工单位" in [each["reason"] for each in proposal.excluded]
    with pytest.raises(assign.NotEligible, match="二次返修不得直接派施工单位"):
        assign.change(proposal=proposal, worker=contractor, reason="熟悉", by=place.reviewer, at=NOW)


@pytest.mark.row("DI-04", "IN-11")
@pytest.mark.parametrize("mode", ["auto", "pick"])
def test_what_lacks_its_quote_is_proposed_but_goes_to_nobody_by_itself(mode):
    place = house()
    rule(mode=mode)
    ticket = registered(place, kind="planned", details={"item": "空调清洗2台"})
    rule(level=ticket.level, mode=mode, since=NOW)

    proposal = handing.hand_out(ticket=ticket, at=NOW)

    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.status, proposal.decision, proposal.offered_at) == ("in_review", "open", None)
    assert [each["name"] for each in proposal.candidates] == ["张大勇"]


@pytest.mark.row("DI-04", "SL-10")
def test_what_comes_back_from_a_deferral_is_offered_anew():
    place = house()
    ticket = registered(place)
    rule(level=ticket.level, mode="pick", since=NOW - timedelta(hours=1))
    handing.hand_out(ticket=ticket, at=NOW)
    day = localdate(NOW) + timedelta(days=1)
    put_off = {"ticket": ticket, "name": "defer", "by": place.reviewer, "at": NOW, "reason": "等配件"}
    workflow.step(**put_off, until=day, payload={"until": day.isoformat()})
    back = NOW + timedelta(days=1)
    upkeep.undefer_due(today=day, at=back)

    proposal = handing.hand_out(ticket=ticket, at=back)

    assert Proposal.objects.get(pk=proposal.pk).offered_at == back
    assert TicketEvent.objects.filter(ticket=ticket, name="offer").count() == 2
