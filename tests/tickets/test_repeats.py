"""A call about what is open or was repaired before (IN-08), and one about several faults (IN-10)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from knowledge.models import FaultCategory
from notices.models import Message
from tests.factories_estates import HouseholdFactory
from tests.house import AT, House
from tests.tickets.test_intake_form import URL, call, errors_of
from tickets import repeats, workflow
from tickets.models import Report, Status, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(client):
    made = House.build()
    client.force_login(made.people["front_desk"])
    return made


@pytest.fixture
def handle(house):
    """Another fault of the same part."""
    return FaultCategory.objects.create(
        code="WS02",
        area="厨房",
        component="水龙头",
        fault="龙头松动",
        default_level=3,
        coverage="MEP",
        place="private",
        typical_minutes=30,
    )


@pytest.fixture
def wall(house):
    """A fault of another part."""
    return FaultCategory.objects.create(
        code="WL01",
        area="客厅",
        component="墙面",
        fault="墙面开裂",
        default_level=4,
        coverage="MEP",
        place="private",
        typical_minutes=60,
    )


def found(house, fault, **more) -> repeats.Repeats:
    options = {"covered": False, "said": False, "now": AT + timedelta(days=10)} | more
    return repeats.find(house.people["front_desk"], house.household.unit, fault, **options)


@pytest.mark.row("IN-08")
def test_open_tickets_of_the_dwelling_are_offered_those_of_the_part_first(house, handle, wall):
    same, other = house.register(), house.register(fault=wall)

    offered = found(house, handle).open

    assert [(each.ticket, each.same_part, each.calls) for each in offered] == [
        (same, True, 0),
        (other, False, 0),
    ]


@pytest.mark.row("IN-08")
def test_a_repair_of_the_part_is_proposed_while_it_is_watched(house, handle, wall):
    done = house.ticket_at(Status.CLOSED)

    assert [(each.ticket, each.same_fault, each.watched) for each in found(house, house.fault).earlier] == [
        (done, True, True)
    ]
    assert [each.same_fault for each in found(house, handle).earlier] == [False]
    assert found(house, wall).earlier == []


@pytest.mark.row("IN-08")
@pytest.mark.parametrize(
    ("covered", "said", "offered"), [(False, False, 0), (True, False, 1), (False, True, 1)]
)
def test_after_the_watch_cover_or_the_callers_word_brings_it_back(house, covered, said, offered):
    house.ticket_at(Status.CLOSED)

    late = AT + repeats.OBSERVED + timedelta(days=30)

    assert len(found(house, house.fault, covered=covered, said=said, now=late).earlier) == offered


@pytest.mark.row("OR-01")
def test_a_foreign_dwellings_tickets_are_never_offered(house):
    house.register()
    stranger = house.person("dispatcher", HouseholdFactory().unit.estate, username="stranger")

    nothing = repeats.find(
        stranger, house.household.unit, house.fault, covered=True, said=True, now=AT + timedelta(days=1)
    )

    assert (nothing.open, nothing.earlier) == ([], [])


# -- the call is attached ----------------------------------------------------


@pytest.mark.row("IN-08")
def test_a_repeated_call_is_written_down_with_the_open_ticket(client, house):
    ticket = house.register()
    form = call(house, attach_to=ticket.pk, description="还在漏，催一下", reporter_name="李丽", fault=None)

    answer = client.post(URL, form)

    event = ticket.events.order_by("-seq")[0]
    assert (answer.status_code, answer.url) == (303, reverse("ticket", args=[ticket.number]))
    assert (Ticket.objects.count(), Report.objects.count()) == (1, 2)
    assert (event.name, event.reason, event.payload["caller"]) == ("repeat_call", "还在漏，催一下", "李丽")
    assert found(house, house.fault).open[0].calls == 1


@pytest.mark.row("IN-08")
def test_a_second_click_writes_no_second_call(client, house):
    ticket = house.register()
    form = call(house, attach_to=ticket.pk, description="还在漏，催一下", fault=None)

    answers = [client.post(URL, form) for _ in range(2)]

    assert [answer.url for answer in answers] == [reverse("ticket", args=[ticket.number])] * 2
    assert (ticket.events.filter(name="repeat_call").count(), Report.objects.count()) == (1, 2)


@pytest.mark.row("IN-08")
def test_who_has_the_ticket_is_told_of_the_call(house):
    ticket = house.ticket_at(Status.SCHEDULED)

    for _ in range(2):
        repeats.attach_call(ticket=ticket, call=house.intake(), by=house.actor("front_desk"), at=AT)

    told = Message.objects.filter(template="W21", user=house.worker.user).values_list("title", flat=True)
    assert {title.split("：")[0] for title in told} == {"业主催单（第1次）", "业主催单（第2次）"}


@pytest.mark.row("IN-08")
def test_attaching_needs_no_more_than_the_ticket(client, house):
    ticket = house.register()
    empty = dict.fromkeys(["reporter_name", "reporter_phone", "fault", "description", "wanted"])

    answer = client.post(URL, call(house, attach_to=ticket.pk, **empty))

    assert (answer.status_code, ticket.events.count()) == (303, 2)


def test_a_long_call_is_kept_whole(house):
    ticket = house.register()
    words = "漏" * 900

    repeats.attach_call(
        ticket=ticket, call=house.intake(description=words), by=house.actor("front_desk"), at=AT
    )

    event = ticket.events.order_by("-seq")[0]
    assert (len(event.reason), event.payload["words"]) == (500, words)


def test_no_call_is_attached_to_what_is_over(client, house):
    ticket = house.register()
    workflow.step(ticket=ticket, name="cancel", by=house.actor("manager"), at=AT, reason="误报")

    answer = client.post(URL, call(house, attach_to=ticket.pk))

    assert (answer.status_code, list(errors_of(answer))) == (422, ["attach_to"])
    with pytest.raises(workflow.StepTaken):
        repeats.attach_call(ticket=ticket, call=house.intake(), by=house.actor("front_desk"), at=AT)


# -- the second repair -------------------------------------------------------


@pytest.mark.row("IN-08")
def test_a_second_repair_names_the_first_and_is_more_urgent(client, house):
    first = house.ticket_at(Status.CLOSED)

    client.post(URL, call(house, repeat_of=first.pk))

    ticket = Ticket.objects.exclude(pk=first.pk).get()
    assert (ticket.repeat_of, ticket.level, ticket.level_reason) == (
        first,
        1,
        "故障分类默认2级；重复报修，升一级",
    )
    assert ticket.events.get().payload["repeat_of"] == first.number


@pytest.mark.row("IN-08")
def test_the_callers_word_alone_is_written_down(client, house):
    client.post(URL, call(house, said_repaired="on"))

    ticket = Ticket.objects.get()
    assert (ticket.repeat_of, ticket.level, ticket.events.get().payload["said_repaired"]) == (None, 1, True)


def test_a_second_repair_is_one_of_the_same_dwelling(client, house):
    other = HouseholdFactory(unit__building=house.household.unit.building).unit
    first = house.ticket_at(Status.CLOSED, unit=other)

    answer = client.post(URL, call(house, repeat_of=first.pk))

    assert errors_of(answer) == {"repeat_of": ["二次返修的原单须是这一户已修好的工单，请重新选择。"]}


@pytest.mark.row("IN-08")
def test_the_form_offers_both_and_chooses_neither(client, house):
    opened, first = house.register(), house.ticket_at(Status.CLOSED, at=now() - timedelta(days=9))

    page = client.get(
        reverse("intake_repeats"), {"unit": house.household.unit_id, "fault": house.fault.pk}
    ).content.decode()

    offers = [f'name="attach_to" value="{opened.pk}"', f'name="repeat_of" id="id_repeat_{first.pk}"']
    assert [words in page for words in offers] == [True, True]
    assert 'id="id_repeat_none" value="" checked' in page


def test_nothing_is_asked_of_the_database_where_nothing_is_chosen(
    client, house, django_assert_max_num_queries
):
    client.get(reverse("intake_repeats"))

    with django_assert_max_num_queries(5):
        page = client.get(reverse("intake_repeats")).content.decode()

    assert page.strip() == ""


# -- several faults ----------------------------------------------------------


@pytest.mark.row("IN-10")
def test_one_call_with_two_faults_becomes_two_tickets_of_one_report(client, house, wall):
    answer = client.post(URL, call(house, save="another"))
    form = client.get(answer.url).context["form"]
    kept = {
        name: form[name].value() for name in ("report", "unit", "owner", "reporter_name", "reporter_phone")
    }

    client.post(URL, call(house, fault=wall.pk, description="墙裂了", **kept))

    first, second = Ticket.objects.order_by("pk")
    assert (Report.objects.count(), first.report, second.fault) == (1, second.report, wall)
    assert kept == {
        "report": first.report_id,
        "unit": house.household.unit_id,
        "owner": house.household.owner_id,
        "reporter_name": "张伟",
        "reporter_phone": "13800138000",
    }
    assert (form["fault"].value(), form["description"].value()) == (None, None)


def test_a_foreign_or_old_report_takes_no_further_fault(client, house):
    old = house.register().report
    Report.objects.filter(pk=old.pk).update(started_at=AT, saved_at=AT)

    answer = client.post(URL, call(house, report=old.pk))

    assert errors_of(answer) == {"report": ["这通来电登记已超过两小时，请作为新的来电登记。"]}


def test_a_further_fault_stays_in_the_estate_of_the_call(client, house):
    client.post(URL, call(house, save="another"))
    elsewhere = HouseholdFactory().unit
    house.people["front_desk"].estates.add(elsewhere.estate)

    answer = client.post(URL, call(house, report=Report.objects.get().pk, unit=elsewhere.pk, owner=None))

    assert list(errors_of(answer)) == ["report"]
