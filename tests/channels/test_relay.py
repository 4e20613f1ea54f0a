"""What another port hears reaches the repair department, and somebody says so (IN-01, IN-13)."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from accounts.models import User
from channels import relay
from channels.forms.short import faults_for
from channels.models import RelayDuty
from notices.models import Message
from tests.house import AT, House
from tickets import workflow
from tickets.models import Port, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-13")]
KEY = "0b6c1d0e-0000-4000-8000-00000000000{}"


@pytest.fixture
def house() -> House:
    return House.build("housekeeper", "front_desk", "dispatcher", "supervisor", "engineer")


def form(house, **changes):
    unit = house.household.unit
    facts = {"where": f"u{unit.pk}", "reporter_phone": "13800138000", "description": "厨房漏水"}
    return facts | {"port": "service", "form_key": KEY.format(1)} | changes


@pytest.mark.row("IN-01")
@pytest.mark.parametrize("port", ["property", "service", "call_centre"])
def test_four_fields_are_a_report_of_that_port(house, client, port):
    client.force_login(house.people["housekeeper"])

    answer = client.post("/desk/relay/new/", form(house, port=port, fault=house.fault.pk))

    ticket = Ticket.objects.get()
    assert (answer.status_code, answer.url) == (303, "/desk/relay/")
    assert (ticket.report.port, ticket.status) == (port, Status.REGISTERED)
    assert list(relay.waiting(Ticket.objects.all())) == [ticket]
    assert (ticket.unit, ticket.owner, ticket.reporter_name) == (
        house.household.unit,
        house.household.owner,
        "张伟",
    )


@pytest.mark.row("SL-03")
@pytest.mark.parametrize("port", ["property", "service", "call_centre"])
def test_ten_minutes_run_for_whatever_port_handed_it_on(house, client, port):
    client.force_login(house.people["housekeeper"])
    client.post("/desk/relay/new/", form(house, port=port, fault=house.fault.pk))
    ticket = Ticket.objects.get()
    running = ticket.clocks.get(kind="relay")

    relay.receive(ticket=ticket, by=house.actor("dispatcher"), at=ticket.registered_at + timedelta(minutes=4))

    stopped = ticket.clocks.get(kind="relay")
    assert (running.due_at, running.stopped_at) == (ticket.registered_at + timedelta(minutes=10), None)
    assert stopped.stopped_at == ticket.registered_at + timedelta(minutes=4)


def test_what_the_desk_of_the_property_takes_itself_is_handed_to_nobody(house):
    ticket = house.register()

    assert (ticket.report.port, ticket.clocks.filter(kind="relay").exists()) == (Port.PROPERTY, False)


def test_without_fault_or_name_it_waits_to_be_completed_and_is_relayed_all_the_same(house, client):
    client.force_login(house.people["housekeeper"])

    client.post("/desk/relay/new/", form(house, reporter_phone="13900139000"))

    ticket = Ticket.objects.get()
    assert (ticket.status, list(relay.waiting(Ticket.objects.all()))) == (Status.INCOMPLETE, [ticket])


@pytest.mark.row("IN-05")
def test_a_form_that_was_sent_and_came_back_half_empty_says_so(house, client):
    client.force_login(house.people["housekeeper"])
    client.post("/desk/relay/new/", form(house))

    again = client.post("/desk/relay/new/", form(house, reporter_phone=""))

    assert (again.status_code, "这张表单已经提交过" in again.content.decode()) == (422, True)
    assert Ticket.objects.count() == 1


def test_a_sentence_names_faults_too(house):
    assert faults_for("水槽旁边的龙头一直在滴水，柜子泡了") == [house.fault]


def test_one_press_receives_and_the_list_is_empty(house, client):
    ticket = house.register(port=Port.SERVICE)
    client.force_login(house.people["dispatcher"])

    answer = client.post(f"/desk/relay/t/{ticket.number}/receive/", {"form_key": KEY.format(2)})

    event = ticket.events.get(name="relay_received")
    assert (answer.status_code, answer.url) == (303, "/desk/relay/")
    assert (event.actor, event.payload) == (house.people["dispatcher"], {"port": "service"})
    assert list(relay.waiting(Ticket.objects.all())) == []


def test_a_second_colleague_reads_that_it_was_received(house, client):
    ticket = house.register(port=Port.SERVICE)
    relay.receive(ticket=ticket, by=house.actor("dispatcher"), at=AT)
    client.force_login(house.people["supervisor"])

    answer = client.post(f"/desk/relay/t/{ticket.number}/receive/", {"form_key": KEY.format(3)})

    assert (answer.status_code, ticket.events.filter(name="relay_received").count()) == (409, 1)


@pytest.mark.parametrize(("code", "status"), [("housekeeper", 403), ("front_desk", 403), ("engineer", 303)])
def test_the_repair_department_alone_receives(house, client, code, status):
    ticket = house.register(port=Port.SERVICE)
    client.force_login(house.people[code])

    answer = client.post(f"/desk/relay/t/{ticket.number}/receive/", {"form_key": KEY.format(4)})

    assert answer.status_code == status


def test_the_list_offers_the_button_to_the_repair_department_alone(house, client):
    house.register(port=Port.CALL_CENTRE)

    counts = {}
    for code in ("housekeeper", "dispatcher"):
        client.force_login(house.people[code])
        counts[code] = client.get("/desk/relay/").content.decode().count("确认接收<")

    assert counts == {"housekeeper": 0, "dispatcher": 1}


def test_the_own_port_needs_no_relay(house):
    ticket = house.register(port=Port.REPAIR)

    assert list(relay.waiting(Ticket.objects.all())) == []
    with pytest.raises(workflow.StepTaken):
        relay.receive(ticket=ticket, by=house.actor("dispatcher"), at=AT)


def test_a_call_that_the_desk_took_itself_was_passed_on_by_nobody(house):
    house.register(port=Port.PROPERTY)

    assert list(relay.waiting(Ticket.objects.all())) == []


def test_the_clock_of_the_way_stops_at_the_receipt(house):
    ticket = house.register(port=Port.SERVICE)
    relay.receive(ticket=ticket, by=house.actor("dispatcher"), at=AT + timedelta(minutes=4))

    clock = ticket.clocks.get(kind="relay")
    assert (clock.due_at - clock.started_at, clock.stopped_at) == (
        timedelta(minutes=10),
        AT + timedelta(minutes=4),
    )


def test_what_was_dispatched_waits_no_more(house):
    house.people["manager"] = house.person("manager", house.estate)
    house.ticket_at(Status.DISPATCHED, port=Port.SERVICE)

    assert list(relay.waiting(Ticket.objects.all())) == []


def test_dispatchers_are_rung_once(house):
    at = now()
    ticket = house.register(port=Port.SERVICE, at=at)

    told = [relay.tell_waiting(at=at + timedelta(minutes=minute)) for minute in (0, 1, 2)]

    rung = Message.objects.filter(template="W41", ticket=ticket).order_by("user_id")
    assert told == [1, 1, 1]
    assert [message.user for message in rung] == [house.people["dispatcher"], house.people["supervisor"]]
    assert rung[0].title == "客服部转来报修：龙头漏水"


def test_who_is_named_for_the_port_is_rung_instead(house):
    duty = RelayDuty.objects.create(estate=house.estate, port=Port.SERVICE)
    duty.receivers.set([house.people["engineer"]])

    receivers = [list(relay.receivers(house.register(port=port))) for port in (Port.SERVICE, Port.PROPERTY)]

    assert receivers == [
        [house.people["engineer"]],
        [house.people["dispatcher"], house.people["supervisor"]],
    ]


def test_a_wrong_form_keeps_what_was_typed(house, client):
    client.force_login(house.people["housekeeper"])

    answer = client.post("/desk/relay/new/", form(house, where="", q="查无此处", reporter_phone="1"))

    page = answer.content.decode()
    assert (answer.status_code, Ticket.objects.count()) == (422, 0)
    assert [page.count(word) for word in ("请选择位置", "查无此处", "厨房漏水</textarea>")] == [1, 2, 1]


def test_who_receives_for_a_port_is_somebody_of_the_house(house, client):
    House.person("third_party", house.household.unit.estate)
    client.force_login(User.objects.create_superuser("root", full_name="管理员"))
    page = client.get("/admin/channels/relayduty/add/")

    offered = page.context["adminform"].form.fields["receivers"].queryset
    named = set(offered.values_list("username", flat=True))
    assert {"dispatcher", "worker", "third_party"} & named == {"dispatcher", "worker"}
