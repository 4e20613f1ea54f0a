"""A person gives the ticket of a slow company to the one that stands in (WA-12, domain.md §4.2)."""

import pytest
from django.urls import reverse

from demo.journeys import Journey
from partners import backups, scores, watch
from partners.models import Lapse
from tests.house import AT
from tests.partners.companies import Companies, acting, hours
from tickets import workflow
from tickets.models import Ticket
from tickets.workflow import StepForbidden, StepTaken
from warranty.models import Agreement, Contractor

pytestmark = [pytest.mark.django_db, pytest.mark.row("WA-12")]


@pytest.fixture
def companies():
    return Companies.build()


def ripe(companies) -> Ticket:
    ticket = companies.given()
    for moment in (4, 28, 52):
        watch.look(now=AT + hours(moment))
    return Ticket.objects.get(pk=ticket.pk)


def activated(companies, ticket, **changes):
    facts = {
        "worker": companies.second.user.worker,
        "reason": "逾期未接单",
        "by": companies.house.actor("dispatcher"),
        "at": AT + hours(53),
    }
    return backups.activate(ticket=ticket, **facts | changes)


def test_the_backup_gets_the_ticket_through_the_one_door_and_the_slow_one_loses_points(companies):
    ticket = activated(companies, ripe(companies))

    assert (ticket.status, ticket.handler) == ("dispatched", companies.second.user)
    event = ticket.events.order_by("-seq").first()
    assert (event.name, event.payload["from"], event.payload["company"]) == (
        "activate_backup",
        "宏基建设",
        "安捷维保",
    )
    assert event.payload["reasons"] == ["逾期未接单（应于5月8日 13:00前，可启用备选）"]
    assert scores.with_points(Agreement.objects.filter(pk=companies.agreement.pk))[0].points == 100 - 2 - 10
    assert list(Lapse.objects.values_list("end", flat=True)) == ["replaced"]
    assert ticket.messages.filter(template="P05", address="13811110001").count() == 1


def test_work_that_has_begun_can_be_taken_away_too_and_a_booked_visit_is_freed(companies):
    ticket = companies.given()
    Journey(ticket=ticket, cast=companies.house.cast(), now=AT).to("repairing")

    ticket = activated(companies, ticket, reason="业主坚决不接受原单位")

    assert (ticket.status, ticket.handler) == ("dispatched", companies.second.user)
    assert ticket.visits.filter(state="booked").count() == 0


def test_failed_inspections_stand_among_the_reasons(companies):
    ticket = companies.given()
    Journey(ticket=ticket, cast=companies.house.cast(), now=AT).to("pre_inspection")
    by = companies.house.actor("engineer")
    workflow.step(ticket=ticket, name="fail_inspection", by=by, at=AT + hours(20), reason="渗水")

    assert backups.reasons(ticket) == ["预验收不合格 1 次"]


@pytest.mark.parametrize("who", ["engineer", "front_desk"])
def test_who_may_not_dispatch_may_not_activate(companies, who):
    ticket = ripe(companies)

    with pytest.raises(StepForbidden):
        activated(companies, ticket, by=companies.house.actor(who))


def test_neither_the_company_itself_nor_our_own_worker_is_a_backup(companies):
    ticket = ripe(companies)

    for worker in (companies.other.user.worker, companies.house.worker):
        with pytest.raises(backups.NotABackup, match="不属于本处的备选单位"):
            activated(companies, ticket, worker=worker)
    assert Ticket.objects.get(pk=ticket.pk).handler == companies.first.user


def test_the_company_that_was_just_replaced_is_not_offered_again(companies, client):
    ticket = activated(companies, ripe(companies))
    client.force_login(companies.user("dispatcher"))

    page = client.get(reverse("partners_backup", args=[ticket.number]))

    rows = [(row.contractor.name, row.why_not) for row in page.context["stand_ins"]]
    assert rows == [("宏基建设", "本单刚从该单位收回")] * 2
    assert page.context["can"] is False
    with pytest.raises(backups.NotABackup, match="本单刚从该单位收回"):
        activated(companies, ticket, worker=companies.first.user.worker, at=AT + hours(60))


def test_a_company_replaced_in_an_earlier_round_may_stand_in_again(companies):
    ticket = activated(companies, ripe(companies))
    Ticket.objects.filter(pk=ticket.pk).update(round=ticket.round + 1)

    offered = backups.stand_ins(Ticket.objects.get(pk=ticket.pk), at=AT + hours(60))

    assert "本单刚从该单位收回" not in {row.why_not for row in offered}


def test_a_ticket_of_our_own_worker_has_no_backup(companies):
    ticket = companies.house.ticket_at("accepted")

    with pytest.raises(StepForbidden):
        activated(companies, ticket)


def test_two_people_activate_once(companies, client):
    ticket = ripe(companies)
    version = ticket.version
    activated(companies, ticket, version=version)

    with pytest.raises(StepTaken):
        activated(companies, ticket, version=version)


def test_one_press_on_the_page_with_the_reasons_gives_it_to_the_backup(companies, client):
    ticket = ripe(companies)
    client.force_login(companies.user("dispatcher"))
    url = reverse("partners_backup", args=[ticket.number])

    page = client.get(url)
    assert page.context["reasons"] == ["逾期未接单（应于5月8日 13:00前，可启用备选）"]
    assert [row.contractor.name for row in page.context["stand_ins"]] == ["安捷维保", "安捷维保"]
    form = page.context["form"]
    data = {name: form[name].value() for name in ("form_key", "version", "reason")}
    data["worker"] = companies.second.user.worker.pk
    assert client.post(url, data).status_code == 303
    assert client.post(url, data).status_code == 303

    assert Ticket.objects.get(pk=ticket.pk).handler == companies.second.user
    assert ticket.events.filter(name="activate_backup").count() == 1


def test_low_scores_are_listed(companies, client):
    Agreement.objects.filter(pk=companies.agreement.pk).update(points_start=65)
    activated(companies, ripe(companies))
    client.force_login(companies.user("manager"))

    rows = {
        row.contractor.name: (row.points, row.low)
        for row in client.get(reverse("partners_home")).context["rows"]
    }
    assert rows == {"宏基建设": (53, True), "安捷维保": (100, False)}
    assert Contractor.objects.count() == 2


def test_the_new_company_sees_the_ticket_and_may_take_it(companies):
    ticket = activated(companies, ripe(companies))

    workflow.step(ticket=ticket, name="accept", by=acting(companies.second), at=AT + hours(54))
    assert Ticket.objects.get(pk=ticket.pk).status == "accepted"
