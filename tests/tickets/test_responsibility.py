"""The engineer's word before a contractor is sent, joint visits, the manager's own visit (DI-06, DI-13)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import localtime, now
from django_q.models import OrmQ

from demo import pictures
from dispatch import assign, proposals, tasks
from dispatch.models import Worker
from notices.models import Message
from tests.factories_dispatch import sign
from tests.house import AT, House
from tests.partners.companies import Companies
from tickets import errands, joint, responsibility, workflow
from tickets.actors import Actor
from tickets.forms.responsibility import RulingForm
from tickets.models import Errand, JointVisit, Ruling, Status, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return House.build()


def photos():
    return pictures.examined(pictures.photo(1))


def picture_file():
    """A photo as a form sends it."""
    return pictures.photo(3)


def contractor(house: House) -> Worker:
    """A worker of a contractor under warranty who can mend the fault."""
    worker = house.new_worker("builder", house.household, house.fault)
    Worker.objects.filter(pk=worker.pk).update(employer="contractor")
    sign(Worker.objects.select_related("user").get(pk=worker.pk))
    return Worker.objects.select_related("user").get(pk=worker.pk)


def send(house: House, ticket: Ticket, worker: Worker) -> Ticket:
    """The reviewer chooses this worker."""
    proposal = proposals.ensure(ticket=ticket, at=AT)
    by = house.actor("dispatcher")
    return assign.change(proposal=proposal, worker=worker, reason="保修单位负责", by=by, at=AT)


def rule(house: House, ticket: Ticket, party: str = "contractor", **more) -> Ruling:
    trade = house.fault.trades.get()
    facts = {"party": party, "trade": trade, "reason": "打开检修口，接头未拧紧", "at": AT}
    return responsibility.confirm(ticket=ticket, by=house.actor("engineer"), **facts | more)


def refused(house: House, ticket: Ticket, worker: Worker) -> str:
    """What the reviewer is told who chooses this worker all the same."""
    with pytest.raises(assign.NotEligible) as refusal:
        send(house, ticket, worker)
    return str(refusal.value)


# -- before a contractor sees it ----------------------------------------------


@pytest.mark.row("DI-13")
def test_a_contractor_is_sent_only_after_the_engineer_has_named_trade_and_responsibility(house):
    ticket, builder = house.register(), contractor(house)
    before = refused(house, ticket, builder)

    rule(house, ticket)
    sent = send(house, ticket, builder)

    assert before == f"不能派给{builder.user.full_name}：待工程师确认工种与责任。"
    assert (sent.status, sent.handler) == (Status.DISPATCHED, builder.user)


@pytest.mark.row("DI-13")
def test_the_machine_itself_refuses_whatever_door_it_comes_through(house):
    ticket, builder = house.ticket_at(Status.ACCEPTED), contractor(house)
    values = {"reason": "换人", "handler": builder.user}

    with pytest.raises(workflow.NotReady) as refusal:
        workflow.step(ticket=ticket, name="reassign", by=house.actor("dispatcher"), at=AT, **values)

    assert [each.label for each in refusal.value.missing] == ["工程师确认专业与责任（派保修单位）"]
    assert Ticket.objects.get(pk=ticket.pk).handler == house.worker.user


@pytest.mark.row("DI-13")
def test_own_workers_wait_for_nobody(house):
    assert send(house, house.register(), house.worker).status == Status.DISPATCHED


@pytest.mark.row("DI-13")
@pytest.mark.parametrize(
    ("party", "words"),
    [
        ("owner_use", "责任已确认为业主使用不当，不属保修单位"),
        ("pm", "责任已确认为物业维护不当，不属保修单位"),
    ],
)
def test_what_is_not_the_contractors_fault_is_not_sent_to_one(house, party, words):
    ticket, builder = house.register(), contractor(house)
    rule(house, ticket, party)

    assert refused(house, ticket, builder) == f"不能派给{builder.user.full_name}：{words}。"


@pytest.mark.row("DI-13")
def test_a_dispute_puts_it_back_to_the_engineer_and_is_recorded(house):
    ticket, builder = house.register(), contractor(house)
    ruling = rule(house, ticket)
    sent = send(house, ticket, builder)

    responsibility.dispute(
        ticket=sent, words="是业主自行改管所致", company="恒安防水公司", by=Actor.staff(builder.user), at=AT
    )

    ruling.refresh_from_db()
    waiting = responsibility.waiting(house.people["engineer"])
    event = TicketEvent.objects.get(name="dispute_ruling")
    assert (ruling.disputed_by, ruling.dispute) == ("恒安防水公司", "是业主自行改管所致")
    assert [each.pk for each in waiting] == [ticket.pk]
    assert (event.reason, event.payload["company"]) == ("是业主自行改管所致", "恒安防水公司")
    assert house.people["engineer"] in {each.user for each in Message.objects.filter(template="W65")}


def test_who_never_had_the_ticket_may_not_dispute_it(house):
    ticket, builder = house.register(), contractor(house)
    rule(house, ticket)

    with pytest.raises(workflow.StepForbidden):
        responsibility.dispute(ticket=ticket, words="不认可", by=Actor.staff(builder.user), at=AT)


@pytest.mark.row("WA-02")
def test_the_engineers_override_stands_beside_the_machines_verdict(house):
    ticket = house.register()
    machine = Ticket.objects.values_list("covered", "verdict").get(pk=ticket.pk)

    rule(house, ticket, covered="yes")

    ticket = Ticket.objects.get(pk=ticket.pk)
    event = TicketEvent.objects.get(ticket=ticket, name="rule")
    assert (ticket.covered, ticket.verdict) == machine
    assert (machine[0], responsibility.covered_of(ticket)) == ("unknown", "yes")
    assert (event.payload["machine"], event.payload["covered"]) == ("待判定", "保修期内")


@pytest.mark.row("WA-02")
def test_an_override_without_a_reason_is_refused(house):
    with pytest.raises(workflow.ReasonMissing):
        rule(house, house.register(), covered="no", reason=" ")

    assert Ruling.objects.count() == 0


@pytest.mark.row("DI-13")
def test_the_engineer_rules_on_a_page_with_the_verdict_beside_it(client, house):
    ticket = house.register()
    client.force_login(house.people["engineer"])
    url = reverse("ticket_responsibility", args=[ticket.number])
    trade = house.fault.trades.get()

    listed = client.get(reverse("desk_responsibility")).content.decode()
    shown = client.get(url).content.decode()
    empty = client.post(url, {"form_key": str(uuid4())})
    words = {"party": "design", "trade": trade.pk, "reason": "图纸缺阀门"}
    unjudged = client.post(url, words | {"form_key": str(uuid4())})
    done = client.post(url, words | {"form_key": str(uuid4()), "covered": "yes"})

    assert (url in listed, "系统的保修判断" in shown) == (True, True)
    assert sorted(empty.context["form"].errors) == ["party", "reason", "trade"]
    assert (unjudged.status_code, unjudged.context["form"].errors) == (
        422,
        {"covered": ["系统判断不了是否在保修期内，派保修单位前请在这里判定。"]},
    )
    assert (done.status_code, Ruling.objects.get().party) == (303, "design")
    assert url not in client.get(reverse("desk_responsibility")).content.decode()


@pytest.mark.row("DI-13", "WA-02")
@pytest.mark.parametrize(
    ("machine", "party", "errors"),
    [
        ("unknown", "contractor", ["covered"]),
        ("unknown", "supplier", ["covered"]),
        ("unknown", "owner_use", []),
        ("unknown", "pm", []),
        ("yes", "contractor", []),
        ("no", "contractor", []),
    ],
)
def test_who_is_sent_under_warranty_is_judged_where_the_machine_could_not(house, machine, party, errors):
    ticket = house.register()
    ticket.covered = machine
    facts = {"party": party, "trade": house.fault.trades.get().pk, "reason": "接头未拧紧"}

    form = RulingForm(facts | {"form_key": str(uuid4())}, ticket=ticket)

    assert list(form.errors) == errors


@pytest.fixture
def only_a_company(client):
    """A covered ticket in review, our own workers off duty: only a company could go."""
    companies = Companies.build()
    house = companies.house
    Worker.objects.filter(pk=house.worker.pk).update(on_duty=False)
    Worker.objects.filter(employer="third_party").update(on_duty=False)
    key = house.register().pk
    Ticket.objects.filter(pk=key).update(covered="yes")
    ticket = Ticket.objects.get(pk=key)
    proposals.ensure(ticket=ticket, at=AT)
    client.force_login(house.people["dispatcher"])
    return house, ticket


@pytest.mark.row("DI-02", "DI-13")
def test_a_company_is_proposed_only_after_the_engineers_word_and_the_review_says_how_to_get_it(
    client, only_a_company
):
    house, ticket = only_a_company
    url = reverse("dispatch_review", args=[ticket.number])
    page = reverse("ticket_responsibility", args=[ticket.number])

    before = client.get(url)
    rule(house, ticket)
    tasks.think_again(ticket.pk)
    after = client.get(url)

    assert before.context["first"] is None
    assert [(each.label, each.url) for each in before.context["unlocks"]] == [
        ("工程师确认专业与责任（派保修单位）", page)
    ]
    assert {each["reason"] for each in before.context["excluded"]} >= {"待工程师确认工种与责任"}
    assert page in before.content.decode()
    assert (after.context["first"]["step"], after.context["unlocks"]) == ("contractor", [])


@pytest.mark.row("DI-13")
def test_where_only_a_company_could_go_the_queue_says_so_and_the_engineer_is_asked_once(
    client, only_a_company
):
    _, ticket = only_a_company
    tasks.think_again(ticket.pk)

    [(row, _)] = client.get(reverse("dispatch_queue")).context["rows"]

    asked = Message.objects.filter(template="DP6").order_by("user").values_list("user__username", "link")
    page = reverse("ticket_responsibility", args=[ticket.number])
    assert row.nobody == "待工程师确认"
    assert list(asked) == [("engineer", page), ("supervisor", page), ("manager", page)]


@pytest.mark.row("DI-13")
def test_the_engineers_list_begins_with_what_dispatch_waits_for(client, only_a_company):
    house, awaited = only_a_company
    Worker.objects.filter(pk=house.worker.pk).update(on_duty=True)
    urgent = house.register()
    Ticket.objects.filter(pk=urgent.pk).update(level=1)
    proposals.ensure(ticket=urgent, at=AT)
    client.force_login(house.people["engineer"])

    page = client.get(reverse("desk_responsibility"))
    tasks.think_again(awaited.pk)
    later = client.get(reverse("desk_responsibility"))

    assert [(row.pk, row.is_awaited) for row in page.context["page_obj"]] == [
        (awaited.pk, True),
        (urgent.pk, False),
    ]
    assert page.content.decode().count("派单在等</span>") == 1
    assert [(row.pk, row.is_awaited) for row in later.context["page_obj"]] == [
        (urgent.pk, False),
        (awaited.pk, False),
    ]


@pytest.mark.row("DI-13")
def test_an_objection_takes_the_company_off_the_proposal_again(client, only_a_company):
    house, ticket = only_a_company
    rule(house, ticket)
    tasks.think_again(ticket.pk)
    ruling = Ruling.objects.get()
    Ruling.objects.filter(pk=ruling.pk).update(disputed_at=AT, disputed_by="宏基建设", dispute="业主自行改管")

    tasks.think_again(ticket.pk)

    assert client.get(reverse("dispatch_review", args=[ticket.number])).context["first"] is None


@pytest.mark.row("DI-13")
def test_the_engineers_word_wakes_the_machine(only_a_company, django_capture_on_commit_callbacks):
    house, ticket = only_a_company

    with django_capture_on_commit_callbacks(execute=True):
        rule(house, ticket)

    assert ("dispatch.tasks.think_again", (ticket.pk,)) in [
        (job.func(), job.args()) for job in OrmQ.objects.all()
    ]


@pytest.mark.row("DI-13")
def test_the_page_says_what_is_missing_and_where(client, house):
    ticket, builder = house.register(), contractor(house)
    proposals.ensure(ticket=ticket, at=AT)
    client.force_login(house.people["dispatcher"])
    form = {"form_key": str(uuid4()), "worker": builder.pk, "reason": "保修单位", "version": 9}

    answer = client.post(reverse("dispatch_change", args=[ticket.number]), form)

    words = answer.content.decode()
    assert (answer.status_code, "工程师确认专业与责任" in words) == (422, True)
    assert reverse("ticket_responsibility", args=[ticket.number]) in words


# -- joint visits -------------------------------------------------------------


@pytest.mark.row("DI-13")
def test_a_joint_visit_names_both_and_its_result_reaches_both(client, house):
    ticket = house.register()
    keeper, engineer = house.people["housekeeper"], house.people["engineer"]
    client.force_login(engineer)
    starts = localtime(now() + timedelta(days=1)).replace(second=0, microsecond=0)
    form = {"housekeeper": keeper.pk, "engineer": engineer.pk, "why": "水从楼上还是外墙来"}
    form |= {"form_key": str(uuid4()), "starts_at": f"{starts:%Y-%m-%dT%H:%M}"}

    client.post(reverse("ticket_joint", args=[ticket.number]), form)
    visit = JointVisit.objects.get()
    client.force_login(keeper)
    url = reverse("desk_joint", args=[visit.pk])
    empty = client.post(url, {"form_key": str(uuid4())})
    record = {"form_key": str(uuid4()), "protocol": "外墙裂缝，淋水试验渗入", "party": "contractor"}
    done = client.post(url, record | {"photos": picture_file()})
    again = client.post(url, {"form_key": str(uuid4()), "protocol": "再记", "photos": picture_file()})

    visit.refresh_from_db()
    told = {code: {each.user for each in Message.objects.filter(template=code)} for code in ("W63", "W64")}
    assert told == {"W63": {keeper, engineer}, "W64": {keeper, engineer}}
    assert Message.objects.filter(template="N61").count() == 1
    assert [answer.status_code for answer in (empty, done, again)] == [422, 303, 409]
    assert (visit.state, visit.party, visit.ended_by) == ("held", "contractor", keeper)
    assert ticket.evidence.get(stage="joint").owner_may_see is False


def test_one_joint_visit_at_a_time_until_it_is_cancelled(house):
    ticket = house.register()
    both = {"housekeeper": house.people["housekeeper"], "engineer": house.people["engineer"]}
    facts = {"ticket": ticket, "starts_at": AT, "why": "来源不明", "by": house.actor("engineer"), "at": AT}
    visit = joint.plan(**facts, **both)

    with pytest.raises(joint.AlreadyPlanned):
        joint.plan(**facts, **both)
    joint.cancel(visit=visit, reason="业主不在", by=house.actor("housekeeper"), at=AT)

    assert joint.plan(**facts, **both).state == "planned"


# -- the manager's own visit ---------------------------------------------------


@pytest.mark.row("DI-06")
def test_a_second_repair_asks_the_manager_to_come_in_person(house):
    first = house.ticket_at(Status.CLOSED)

    again = house.register(repeat_of=first)

    task = Errand.objects.get()
    told = Message.objects.get(template="W61")
    # A repair that did not hold is raised to level 1.
    hours = {1: 2, 2: 8, 3: 24, 4: 24}[again.level]
    assert (task.ticket, task.kind, task.due_at) == (again, "manager", AT + timedelta(hours=hours))
    assert (told.user, told.link) == (house.people["manager"], f"/desk/t/{again.number}/errand/manager/")


@pytest.mark.row("DI-06")
def test_no_contractor_before_the_manager_was_there_but_own_workers_may_go(house):
    first, builder = house.ticket_at(Status.CLOSED), contractor(house)
    again, other = house.register(repeat_of=first), house.register(repeat_of=first)
    rule(house, again)
    values = {"by": house.actor("dispatcher"), "at": AT, "handler": builder.user}
    with pytest.raises(workflow.NotReady) as refusal:
        workflow.step(ticket=again, name="dispatch", **values)
    with pytest.raises(assign.NotEligible):
        send(house, again, builder)

    by = house.actor("manager")
    errands.finish(ticket=again, kind=Errand.Kind.MANAGER, note="接头做法不对", photos=photos(), by=by, at=AT)

    missing = [each.label for each in refusal.value.missing]
    assert missing == ["经理上门记录（二次返修，派保修单位）"]
    assert send(house, again, builder).handler == builder.user
    assert send(house, other, house.worker).handler == house.worker.user


@pytest.mark.row("DI-06")
def test_the_managers_visit_is_recorded_once_with_photo_and_words(client, house):
    again = house.register(repeat_of=house.ticket_at(Status.CLOSED))
    client.force_login(house.people["manager"])
    url = reverse("ticket_errand", args=[again.number, "manager"])
    post = {"form_key": str(uuid4()), "note": "防水层没有上翻"}

    listed = client.get(reverse("desk_errands")).content.decode()
    bare = client.post(url, post)
    done = client.post(url, post | {"form_key": str(uuid4()), "photos": picture_file()})
    twice = client.post(url, post | {"form_key": str(uuid4()), "photos": picture_file()})

    assert (url in listed, url in client.get(reverse("desk_errands")).content.decode()) == (True, False)
    assert (list(bare.context["form"].errors), bare.status_code) == (["photos"], 422)
    assert (done.status_code, twice.status_code) == (303, 409)
    assert again.events.get(name="manager_visit").reason == "防水层没有上翻"


@pytest.mark.row("DI-06")
def test_a_follow_up_that_finds_the_fault_still_there_asks_the_manager_too(house):
    ticket = house.ticket_at(Status.COMPLETED)

    workflow.step(ticket=ticket, name="fail_follow_up", by=house.actor("front_desk"), at=AT, reason="仍滴水")

    assert list(Errand.objects.values_list("kind", "round", "why")) == [("manager", 2, "回访整改，第2轮")]
