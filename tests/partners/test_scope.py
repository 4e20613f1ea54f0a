"""What a contact of a company may see and do: its own tickets, all of them, and no others (DI-12, OR-01)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from partners import craft
from tests.factories_files import picture, upload
from tests.house import AT
from tests.partners.companies import Companies, acting, hours
from tickets import contacts, following, rules, workflow
from tickets.clock_lines import COMPANY_OWES
from tickets.models import Clock, PhoneReveal, Ticket
from tickets.workflow import StepForbidden

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-12")]


@pytest.fixture
def companies():
    return Companies.build()


def test_every_contact_of_a_company_sees_its_tickets_and_nobody_elses(companies):
    ours, theirs = companies.given(), companies.given(companies.second)
    companies.house.journey().to("accepted")

    seen = {
        contact.name: list(Ticket.objects.visible_to(acting(contact).user))
        for contact in (companies.first, companies.other, companies.second)
    }
    assert seen == {
        "宏基建设13811110001": [ours],
        "宏基建设13811110002": [ours],
        "安捷维保13822220001": [theirs],
    }
    assert [ours.is_visible_to(acting(row).user) for row in (companies.other, companies.second)] == [
        True,
        False,
    ]


def test_a_colleague_may_act_for_the_company_and_the_history_names_them(companies):
    ticket = companies.given()

    workflow.step(ticket=ticket, name="accept", by=acting(companies.other), at=AT)

    last = ticket.events.order_by("-seq").first()
    assert (last.name, last.actor, last.actor_name) == ("accept", companies.other.user, "宏基建设13811110002")
    assert Ticket.objects.get(pk=ticket.pk).handler == companies.first.user


def test_another_company_may_not(companies):
    ticket = companies.given()

    with pytest.raises(StepForbidden):
        workflow.step(ticket=ticket, name="accept", by=acting(companies.second), at=AT)


def test_a_contact_that_was_switched_off_may_no_longer_act_for_colleagues(companies):
    ticket = companies.given()
    type(companies.other).objects.filter(pk=companies.other.pk).update(active=False)

    assert rules.is_handler(ticket, acting(companies.other)) is False


def test_the_owners_number_is_hidden_until_the_company_has_taken_the_ticket(companies, client):
    ticket = companies.given()
    by = acting(companies.other)
    client.force_login(companies.other.user)

    page = client.get(reverse("partner_ticket", args=[ticket.number])).content.decode()
    assert ("13800138000" in page, "张伟" in page, "138****8000" in page) == (False, False, True)
    with pytest.raises(StepForbidden):
        contacts.reveal(ticket=ticket, by=by, why="contact", at=AT)

    craft.send(
        ticket=ticket,
        contractor=companies.first.contractor,
        name="老周",
        phone="13900001111",
        by=by,
        at=AT,
    )
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert contacts.reveal(ticket=ticket, by=by, why="contact", at=AT) == "13800138000"
    assert PhoneReveal.objects.get().user == companies.other.user


def test_the_history_says_nothing_of_the_neighbours_who_follow(companies, client):
    ticket = companies.given()
    neighbour = following.Caller(name="刘芳", phone="13900139000", via="phone")
    following.follow(ticket=ticket, caller=neighbour, by=companies.house.actor("front_desk"), at=AT)
    client.force_login(companies.first.user)

    page = client.get(reverse("partner_ticket", args=[ticket.number]))

    named = {title for title in (entry["title"] for entry in page.context["events"]) if "跟进" in title}
    assert (named, "刘芳" in page.content.decode()) == (set(), False)


def test_a_company_reads_of_its_own_limits_and_not_of_the_desks(companies, client):
    ticket = companies.given(at=now() - timedelta(days=2))
    begun = now() - timedelta(days=2)
    relay = {"kind": "relay", "round": 1, "started_at": begun, "due_at": begun + timedelta(minutes=5)}
    Clock.objects.create(ticket=ticket, **relay)
    client.force_login(companies.first.user)

    page = client.get(reverse("partner_ticket", args=[ticket.number]))
    (listed,) = client.get(reverse("partner_home")).context["new"]

    shown = {line["kind"] for line in page.context["clocks"] + page.context["kept"]}
    assert (shown - COMPANY_OWES, "contact" in shown) == (set(), True)
    assert listed.next_clock in COMPANY_OWES


def test_taking_a_ticket_names_who_goes_and_tells_the_owner(companies, client):
    ticket = companies.given()
    client.force_login(companies.first.user)
    url = reverse("partner_take", args=[ticket.number])
    form = client.get(url).context["form"]
    data = {"name": "老周", "phone": "139 0000 1111", "form_key": form["form_key"].value()}

    assert client.post(url, data).status_code == 303
    assert client.post(url, data).status_code == 303

    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.status, craft.going_to(ticket)["person"]) == ("accepted", "老周")
    told = ticket.messages.get(template="N51")
    assert (told.address, "老周" in told.body, "13900001111" in told.body) == ("13800138000", True, True)
    assert list(companies.first.contractor.craftsmen.values_list("name", "phone")) == [
        ("老周", "13900001111")
    ]


def test_a_name_without_a_number_is_asked_for_at_its_field_and_nothing_is_taken(companies, client):
    ticket = companies.given()
    client.force_login(companies.first.user)
    url = reverse("partner_take", args=[ticket.number])

    answer = client.post(
        url, {"name": "老周", "form_key": client.get(url).context["form"]["form_key"].value()}
    )

    assert (answer.status_code, answer.context["form"].errors["phone"]) == (
        422,
        ["请填写手机号。"],
    )
    assert answer.context["form"]["name"].value() == "老周"
    assert Ticket.objects.get(pk=ticket.pk).status == "dispatched"


def test_a_colleague_arrives_with_a_photo_through_the_same_door(companies, client):
    ticket = companies.given()
    workflow.step(ticket=ticket, name="accept", by=acting(companies.first), at=AT)
    client.force_login(companies.other.user)
    url = reverse("partner_act", args=[ticket.number, "arrive"])

    key = client.get(url).context["form"]["form_key"].value()
    answer = client.post(url, {"photos": [upload(picture())], "form_key": key})

    assert (answer.status_code, answer["Location"]) == (303, reverse("partner_ticket", args=[ticket.number]))
    assert Ticket.objects.get(pk=ticket.pk).status == "surveying"
    assert ticket.evidence.get().added_by == companies.other.user


def test_after_it_was_given_to_another_the_company_reads_and_no_longer_acts(companies, client):
    ticket = companies.given()
    workflow.step(
        ticket=ticket,
        name="reassign",
        by=companies.house.actor("dispatcher"),
        at=AT + hours(1),
        reason="换人",
        handler=companies.house.worker.user,
    )
    client.force_login(companies.first.user)

    number = [ticket.number]
    assert client.get(reverse("partner_ticket", args=number)).status_code == 200
    assert client.get(reverse("partner_act", args=[*number, "arrive"])).status_code == 403
    assert client.post(reverse("partner_call", args=number)).status_code == 403
    assert client.get(reverse("partner_take", args=number)).status_code == 403


def test_a_foreign_ticket_is_as_missing_as_none(companies, client):
    theirs = companies.given(companies.second)
    client.force_login(companies.first.user)
    names = ["partner_ticket", "partner_take", "partner_dispute", "partner_called", "partner_schedule"]

    foreign = [client.get(reverse(name, args=[theirs.number])) for name in names]
    none = [client.get(reverse(name, args=["XX-000000-0000"])) for name in names]

    assert [answer.status_code for answer in foreign] == [404] * 5
    assert [answer.content for answer in foreign] == [answer.content for answer in none]


def test_a_worker_of_the_company_without_being_its_contact_is_turned_away(companies, client):
    user = companies.house.person("contractor", companies.house.estate, username="hand")
    client.force_login(user)

    assert client.get(reverse("partner_home")).status_code == 403


def test_somebody_on_the_roster_is_chosen_by_name(companies, client):
    ticket, firm = companies.given(), companies.first.contractor
    person = firm.craftsmen.create(name="老周", phone="13900001111")
    client.force_login(companies.first.user)
    url = reverse("partner_take", args=[ticket.number])
    key = client.get(url).context["form"]["form_key"].value()

    refused = client.post(url, {"name": "老吴", "form_key": key})
    answer = client.post(url, {"craftsman": person.pk, "form_key": key})

    assert refused.context["form"].errors["phone"] == ["请填写手机号，或从花名册选择。"]
    assert (answer.status_code, craft.going_to(ticket)["craftsman"]) == (303, person.pk)
