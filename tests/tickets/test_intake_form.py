"""The intake form over HTTP: what is wrong stands at its field, and what was typed stays."""

from uuid import uuid4

import pytest
from django.urls import reverse

from tests.factories_estates import HouseholdFactory, PublicPlaceFactory
from tests.house import House
from tickets import queries
from tickets.models import Report, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-04")]
URL = reverse("desk_intake")


@pytest.fixture
def house(client):
    made = House.build("front_desk")
    client.force_login(made.people["front_desk"])
    return made


def call(house: House, **changes) -> dict:
    """A complete form; None leaves a field out."""
    form = {
        "form_key": str(uuid4()),
        "unit": house.household.unit_id,
        "owner": house.household.owner_id,
        "reporter_name": "张伟",
        "reporter_phone": "13800138000",
        "fault": house.fault.pk,
        "description": "厨房龙头关不紧，一直滴水",
        "wanted": "尽快",
        "channel": "phone",
        "port": "property",
    } | changes
    return {name: value for name, value in form.items() if value is not None}


def errors_of(answer) -> dict[str, list[str]]:
    return {name: [str(error) for error in errors] for name, errors in answer.context["form"].errors.items()}


def test_a_complete_call_becomes_a_ticket(client, house):
    answer = client.post(URL, call(house))

    ticket = Ticket.objects.get()
    assert (answer.status_code, answer.url) == (303, reverse("ticket", args=[ticket.number]))
    assert (ticket.status, ticket.unit, ticket.owner) == (
        "registered",
        house.household.unit,
        house.household.owner,
    )


def test_everything_that_is_missing_is_named_at_its_field(client, house):
    answer = client.post(URL, {"form_key": str(uuid4()), "channel": "phone", "port": "property"})

    assert (answer.status_code, Ticket.objects.count()) == (422, 0)
    assert errors_of(answer) == {
        "unit": ["请先在上方检索并选择房屋，或选择公共部位。"],
        "reporter_name": ["请填写报修人。"],
        "reporter_phone": ["请填写联系电话。"],
        "fault": ["请选择故障分类：输入业主的说法，例如“漏水”。"],
        "description": ["请填写故障描述。"],
        "wanted": ["请选择期望时间。"],
    }


def test_what_was_typed_stays_when_something_is_wrong(client, house):
    answer = client.post(URL, call(house, reporter_phone="12345", description="水管在响<b>"))

    page = answer.content.decode()
    assert errors_of(answer) == {
        "reporter_phone": ["请填写 11 位手机号，或带区号的座机号（如 010-12345678）。"]
    }
    assert [words in page for words in ("12345", "水管在响&lt;b&gt;", "张伟", "龙头漏水")] == [True] * 4


def test_a_call_that_broke_off_waits_with_its_estate_alone(client, house):
    data = {"form_key": str(uuid4()), "estate": house.estate.pk, "channel": "phone", "port": "property"}

    answer = client.post(URL, data | {"save": "incomplete", "description": "信号不好"})

    ticket = Ticket.objects.get()
    assert (answer.status_code, ticket.status, ticket.description) == (303, "incomplete", "信号不好")


def test_even_a_broken_call_names_its_estate(client, house):
    data = {"form_key": str(uuid4()), "channel": "phone", "port": "property", "save": "incomplete"}

    assert errors_of(client.post(URL, data)) == {"estate": ["请至少选择项目。"]}


@pytest.mark.row("OR-01")
def test_a_foreign_dwelling_is_refused_and_shows_nothing_of_itself(client, house):
    foreign = HouseholdFactory(owner__name="陈远山")

    answer = client.post(URL, call(house, unit=foreign.unit_id, owner=foreign.owner_id))

    assert (answer.status_code, Ticket.objects.count()) == (422, 0)
    assert {"unit", "owner"} <= set(errors_of(answer))
    assert "陈远山" not in answer.content.decode()


def test_a_dwelling_and_a_public_place_at_once_are_refused(client, house):
    place = PublicPlaceFactory(building=house.household.unit.building)

    errors = errors_of(client.post(URL, call(house, place=place.pk)))

    assert errors == {"place": ["已选择房屋，请不要同时选择公共部位。"]}


def test_a_public_place_needs_no_dwelling(client, house):
    place = PublicPlaceFactory(building=house.household.unit.building)

    client.post(URL, call(house, unit=None, owner=None, place=place.pk))

    assert Ticket.objects.get().place == place


def test_an_owner_of_another_dwelling_is_not_written_down(client, house):
    other = HouseholdFactory(unit__building=house.household.unit.building)

    client.post(URL, call(house, owner=other.owner_id))

    assert Ticket.objects.get().owner is None


@pytest.mark.row("IN-02")
def test_a_form_sent_twice_gives_the_same_ticket(client, house):
    form = call(house)

    answers = [client.post(URL, form) for _ in range(2)]

    assert [answer.url for answer in answers] == [reverse("ticket", args=[Ticket.objects.get().number])] * 2


@pytest.mark.row("IN-02")
def test_what_a_second_click_would_have_made_is_told_nobody(client, house):
    form = call(house)

    shown = [client.post(URL, form, follow=True) for _ in range(2)]

    said = [[str(each) for each in page.context["messages"]] for page in shown]
    assert said == [[f"已登记 {Ticket.objects.get().number}，2级 较急。"], []]


@pytest.mark.row("IN-02", "IN-10")
@pytest.mark.parametrize("further", [{"save": "another"}, {"save": "incomplete", "fault": ""}])
def test_a_further_fault_or_a_call_cut_short_is_written_once_too(client, house, further):
    form = call(house, **further)

    answers = [client.post(URL, form) for _ in range(2)]

    assert (Ticket.objects.count(), Report.objects.count()) == (1, 1)
    assert answers[0].url == answers[1].url


def test_a_used_form_with_another_content_is_refused_with_an_explanation(client, house):
    form = call(house)
    client.post(URL, form)

    answer = client.post(URL, form | {"description": "另一件事"})

    assert (answer.status_code, Ticket.objects.count()) == (422, 1)
    page = answer.content.decode()
    made = f'href="{reverse("ticket", args=[Ticket.objects.get().number])}">查看提交过的'
    assert [words in page for words in ("这张表单已经提交过", made)] == [True, True]


@pytest.mark.parametrize("started", ["", "nonsense", "2026-13-45T99:00", "1999-01-01T00:00:00Z"])
def test_a_stopwatch_that_went_wrong_spoils_nothing(client, house, started):
    answers = [
        client.post(URL, call(house, started_at=started, description="")).status_code,
        client.get(URL, {"unit": "x"}).status_code,
    ]

    assert answers == [422, 200]


def test_a_landline_is_found_again_however_it_was_typed(client, house):
    client.post(URL, call(house, reporter_phone="0571-8800 1234"))

    found = [
        queries.search(Ticket.objects.all(), typed).count() for typed in ("057188001234", "0571-88001234")
    ]
    assert found == [1, 1]


# -- completing what waits ---------------------------------------------------


@pytest.fixture
def waiting(house):
    return house.ticket_at(Status.INCOMPLETE)


def completing(ticket: Ticket) -> str:
    return reverse("ticket_complete", args=[ticket.number])


def test_a_waiting_ticket_is_completed_on_the_same_form(client, house, waiting):
    page = client.get(completing(waiting)).content.decode()

    answer = client.post(completing(waiting), call(house))

    assert ("厨房龙头关不紧" in page, answer.status_code) == (True, 303)
    assert Ticket.objects.get().status == "registered"


@pytest.mark.parametrize("save", ["complete", "incomplete"])
def test_completing_leaves_nothing_out(client, house, waiting, save):
    answer = client.post(completing(waiting), call(house, reporter_phone="", save=save))

    assert errors_of(answer) == {"reporter_phone": ["请填写联系电话。"]}
    assert Ticket.objects.get().status == "incomplete"


def test_completing_does_not_move_the_ticket_to_another_estate(client, house, waiting):
    other = HouseholdFactory()
    house.people["front_desk"].estates.add(other.unit.estate)

    answer = client.post(completing(waiting), call(house, unit=other.unit_id, owner=other.owner_id))

    assert (answer.status_code, list(errors_of(answer))) == (422, ["unit"])


def test_a_ticket_that_somebody_has_completed_says_who_and_when(client, house, waiting):
    client.post(completing(waiting), call(house))

    answers = [client.get(completing(waiting)), client.post(completing(waiting), call(house))]

    assert [(each.status_code, "沈静怡" in each.content.decode()) for each in answers] == [(409, True)] * 2


# -- what appears beside the form --------------------------------------------


@pytest.mark.row("IN-03")
def test_phone_room_and_name_find_the_dwelling(client, house):
    unit = house.household.unit
    typed = ["13800138000", unit.room, "张伟", unit.label]

    pages = [client.get(reverse("intake_units"), {"who": words}).content.decode() for words in typed]

    assert [reverse("intake_unit", args=[unit.pk]) in page for page in pages] == [True] * 4


@pytest.mark.row("IN-03", "IN-08")
def test_the_dwelling_brings_reporter_history_and_cover(client, house):
    ticket = house.register()

    page = client.get(reverse("intake_unit", args=[house.household.unit_id])).content.decode()

    assert [words in page for words in ("13800138000", "张伟", ticket.number)] == [True] * 3


@pytest.mark.row("IN-15")
def test_the_callers_own_words_find_the_fault(client, house):
    page = client.get(reverse("intake_faults"), {"fault_words": "滴水"}).content.decode()

    assert reverse("intake_fault", args=[house.fault.pk]) in page
