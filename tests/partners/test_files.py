"""Which files of a ticket a company sees: the fault and its own work, nothing of others (DI-12, IN-12)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core import store
from tests.factories_files import picture, upload
from tests.house import AT
from tests.partners.companies import Companies, acting, hours
from tickets import evidence, workflow
from tickets.actors import Actor
from tickets.models import Evidence, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-12", "IN-12")]
STAGE = Evidence.Stage


@pytest.fixture
def companies():
    return Companies.build()


def add(ticket: Ticket, by: Actor, stage: str, at) -> Evidence:
    """A file of this stage; its bytes do not matter here."""
    file = upload(picture())
    return evidence.add(
        ticket=ticket, files=[(file, store.examine(file, kinds=store.PHOTO))], stage=stage, by=by, at=at
    )[0]


@pytest.fixture
def handed_on(companies):
    """A ticket that the first company had and objected to, and the second has now; its files by name."""
    ticket, house = companies.given(), companies.house
    first, second = acting(companies.first), acting(companies.second)
    owner = Actor.owner(ticket_id=ticket.pk, name="张伟")
    files = {
        "报修": add(ticket, house.actor("front_desk"), STAGE.REPORT, AT),
        "沟通截图": add(ticket, house.actor("front_desk"), STAGE.CHAT, AT),
        "管家踏勘": add(ticket, house.actor("housekeeper"), STAGE.JOINT, AT),
        "前单位到场": add(ticket, first, STAGE.ARRIVE, AT + hours(1)),
        "前单位异议": add(ticket, first, STAGE.OTHER, AT + hours(1)),
        "前单位时业主签字": add(ticket, owner, STAGE.PLAN, AT + hours(1)),
    }
    workflow.step(
        ticket=ticket,
        name="reassign",
        by=house.actor("dispatcher"),
        at=AT + hours(2),
        reason="换单位",
        handler=companies.second.user,
    )
    files |= {
        "后单位到场": add(ticket, second, STAGE.ARRIVE, AT + hours(3)),
        "后单位时业主签字": add(ticket, owner, STAGE.PLAN, AT + hours(3)),
        "经理上门": add(ticket, house.actor("manager"), STAGE.MANAGER, AT + hours(3)),
    }
    return ticket, files


SEES = {
    "first": {"报修", "管家踏勘", "前单位到场", "前单位异议", "前单位时业主签字"},
    "other": {"报修", "管家踏勘", "前单位到场", "前单位异议", "前单位时业主签字"},
    "second": {"报修", "管家踏勘", "后单位到场", "后单位时业主签字"},
}


@pytest.mark.parametrize("who", SEES)
def test_a_company_opens_the_files_of_the_fault_and_its_own(companies, client, handed_on, who):
    ticket, files = handed_on
    client.force_login(getattr(companies, who).user)

    opened = {
        name
        for name, row in files.items()
        if client.get(reverse("evidence", args=[row.pk])).status_code == 200
    }
    small = {
        name
        for name, row in files.items()
        if client.get(reverse("evidence_thumb", args=[row.pk])).status_code == 200
    }
    page = client.get(reverse("partner_ticket", args=[ticket.number]))

    shown = {item["url"] for item in page.context["evidence"]}
    assert (opened, small) == (SEES[who], SEES[who])
    assert shown == {reverse("evidence", args=[files[name].pk]) for name in SEES[who]}


@pytest.mark.parametrize("role", ["dispatcher", "engineer", "auditor"])
def test_our_own_desks_see_them_all(companies, client, handed_on, role):
    _, files = handed_on
    client.force_login(companies.house.people[role])

    answers = {client.get(reverse("evidence", args=[row.pk])).status_code for row in files.values()}

    assert answers == {200}


def test_our_own_worker_who_takes_over_sees_what_was_found_and_done_before(companies, client, handed_on):
    ticket, files = handed_on
    worker = companies.house.worker.user
    workflow.step(
        ticket=Ticket.objects.get(pk=ticket.pk),
        name="reassign",
        by=companies.house.actor("dispatcher"),
        at=AT + timedelta(hours=4),
        reason="自有师傅接手",
        handler=worker,
    )
    client.force_login(worker)

    page = client.get(reverse("field_ticket", args=[ticket.number]))

    assert len(page.context["evidence"]) == len(files)
