"""One cause, several rooms: one case, one responsible, one page."""

from uuid import uuid4

import pytest
from django.urls import reverse

from notices.models import Message
from tests.factories_estates import HouseholdFactory, UnitFactory
from tests.house import AT, House
from tickets import cases
from tickets.models import Case, CaseTicket, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-21")]


@pytest.fixture
def house():
    return House.build("front_desk", "clerk", "engineer", "director")


def upstairs(house: House) -> Ticket:
    unit = house.household.unit
    above = UnitFactory(
        building=unit.building,
        entrance=unit.entrance,
        floor=(unit.floor or 0) + 1,
        room="9901",
        label="9-9-9901",
    )
    return house.register(unit=above, owner=HouseholdFactory(unit=above).owner)


def facts(house: House) -> cases.Facts:
    return cases.Facts(title="楼上漏水", responsible=house.people["engineer"])


def sides(case: Case) -> dict[str, str]:
    return dict(case.links.values_list("ticket__number", "side"))


def test_tickets_are_linked_with_their_sides_under_one_responsible_person(house):
    above, below = upstairs(house), house.register()
    tickets = [(above, "cause"), (below, "damage")]

    case = cases.open_case(facts=facts(house), tickets=tickets, by=house.actor("front_desk"), at=AT)

    told = Message.objects.get(template="W25")
    assert sides(case) == {above.number: "cause", below.number: "damage"}
    assert (told.user, "2张工单" in told.body) == (house.people["engineer"], True)
    assert list(below.events.filter(name="join_case").values_list("payload__case", flat=True)) == [case.pk]


def test_a_ticket_belongs_to_one_case(house):
    ticket = house.register()
    by = house.actor("front_desk")
    cases.open_case(facts=facts(house), tickets=[(ticket, "cause")], by=by, at=AT)

    with pytest.raises(cases.CannotJoin):
        cases.open_case(facts=facts(house), tickets=[(ticket, "damage")], by=by, at=AT)


def test_a_new_responsible_person_is_told_and_every_ticket_says_so(house):
    ticket, by = house.register(), house.actor("front_desk")
    case = cases.open_case(facts=facts(house), tickets=[(ticket, "cause")], by=by, at=AT)
    handed = cases.Facts(title="楼上漏水", responsible=house.people["clerk"], cause="地漏")

    cases.change(case=case, facts=handed, by=by, at=AT)

    assert list(ticket.events.filter(name="hand_case").values_list("reason", flat=True)) == ["由何晓舟负责"]
    assert Message.objects.filter(template="W25", user=house.people["clerk"]).count() == 1


def test_the_desk_says_same_cause_while_taking_the_call(client, house):
    above = upstairs(house)
    client.force_login(house.people["front_desk"])
    unit = house.household.unit
    said = {
        "form_key": str(uuid4()),
        "unit": unit.pk,
        "owner": house.household.owner_id,
        "reporter_name": "张伟",
        "reporter_phone": "13800138000",
        "fault": house.fault.pk,
        "description": "顶板滴水",
        "wanted": "尽快",
        "channel": "phone",
        "port": "property",
        "save": "complete",
        "same_cause": above.pk,
        "case_side": "damage",
    }

    beside = client.get(reverse("intake_related"), {"unit": unit.pk}).content.decode()
    answer = client.post(reverse("desk_intake"), said)

    [case] = Case.objects.all()
    below = Ticket.objects.get(unit=unit)
    assert (above.place_label in beside, answer.status_code) == (True, 303)
    assert sides(case) == {above.number: "cause", below.number: "damage"}
    assert case.responsible == house.people["engineer"]


def test_a_case_is_opened_from_a_ticket_and_its_page_shows_every_side(client, house):
    above, below = upstairs(house), house.register()
    client.force_login(house.people["front_desk"])
    url = reverse("ticket_case", args=[below.number])
    said = {"title": "楼上漏水", "responsible": house.people["engineer"].pk, "side": "damage"}

    wrong = client.post(url, {"form_key": str(uuid4()), "others": "XX-1"} | said)
    client.post(url, {"form_key": str(uuid4()), "others": above.number.lower()} | said)
    page = client.get(reverse("desk_case", args=[Case.objects.get().pk]))

    assert wrong.context["form"].errors["others"] == ["本项目没有这些工单：XX-1。"]
    assert [[ticket.number for ticket in tickets] for _, tickets in page.context["sides"]] == [
        [above.number],
        [below.number],
    ]
    assert len(page.context["events"]) == 4
    assert CaseTicket.objects.count() == 2


def test_one_ticket_alone_opens_no_case_and_the_page_says_what_is_missing(client, house):
    ticket = house.register()
    client.force_login(house.people["front_desk"])
    url = reverse("ticket_case", args=[ticket.number])
    said = {"title": "楼上漏水", "responsible": house.people["engineer"].pk, "side": "damage"}

    answers = [
        client.post(url, {"form_key": str(uuid4()), "others": others} | said)
        for others in ("", ticket.number)
    ]

    missing = "请填写另一方的工单号，至少一张；对方还没有报修的，登记后再来关联。"
    assert [answer.context["form"].errors["others"] for answer in answers] == [[missing], [missing]]
    assert (Case.objects.count(), "楼上漏水" in answers[0].content.decode()) == (0, True)
