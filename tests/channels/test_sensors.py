"""Alarms of machines: one ticket for a fault, however often and however many call (IN-07, T41)."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils.timezone import now

from channels import sensors
from channels.models import Alarm, Storm
from channels.sensors import Reading
from tests.factories_devices import device_of, post
from tests.house import House
from tickets import workflow
from tickets.actors import Actor
from tickets.chain import verify
from tickets.models import Channel, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-07")]


@pytest.fixture
def house() -> House:
    return House.build("supervisor", "dispatcher", "front_desk")


def take(device, at, kind="leak", state="on", value=""):
    """One alarm, past the signature."""
    reading = Reading(kind=kind, state=state, value=value, at=at)
    return sensors.take(device=device, nonce=f"{at.timestamp()}{kind}{state}"[:64], reading=reading, at=at)


def cancel(house: House, ticket: Ticket, at) -> None:
    workflow.step(ticket=ticket, name="cancel", by=house.actor("supervisor"), at=at, reason="误报")


def test_the_first_alarm_opens_a_complete_ticket_at_the_place(house):
    device = device_of(house)

    answer = post(device, {"value": "水位 3 cm"})

    ticket = Ticket.objects.get()
    assert (answer.status_code, answer.json()) == (
        201,
        {"status": "opened", "ticket": ticket.number, "count": 1},
    )
    assert (ticket.place, ticket.fault, ticket.status) == (device.place, house.fault, Status.REGISTERED)
    assert (ticket.report.channel, ticket.report.port) == (Channel.SENSOR, "repair")
    assert ticket.description == f"设备“{device.name}”（LEAK-01）告警：漏水，数值 水位 3 cm。"


def test_a_machine_in_a_dwelling_speaks_for_its_owner(house):
    device = device_of(house)
    device.place, device.unit = None, house.household.unit
    device.save()

    post(device)

    ticket = Ticket.objects.get()
    assert (ticket.unit, ticket.reporter_phone) == (house.household.unit, "13800138000")


def test_somebody_in_a_lift_is_level_one(house):
    post(device_of(house), {"kind": "trapped"})

    assert Ticket.objects.get().level == 1


def test_later_alarms_are_counted_on_the_ticket(house):
    device, at = device_of(house), now()
    ticket = take(device, at).ticket

    outcomes = [take(device, at + timedelta(minutes=minute)) for minute in range(1, 21)]

    assert [(each.status, each.ticket, each.count) for each in outcomes] == [
        ("counted", ticket, number) for number in range(2, 22)
    ]
    assert [event.name for event in ticket.events.order_by("seq")] == ["register", "alarm", "alarm"]
    assert verify(ticket) == []


def test_recovery_is_noted_and_flapping_is_not_repeated(house):
    device, at = device_of(house), now()
    ticket = take(device, at).ticket
    for second in range(10, 130, 2):
        take(device, at + timedelta(seconds=second), state="off" if second % 4 else "on")

    events = ticket.events.filter(name="alarm").values_list("payload__state", "payload__count")
    # A minute after the first, and a minute after that.
    assert list(events) == [("off", 28), ("on", 59)]
    assert Alarm.objects.get().counted == 61


def test_what_history_does_not_say_yet_is_said_by_the_clock(house):
    device, at = device_of(house), now()
    ticket = take(device, at).ticket
    take(device, at + timedelta(seconds=20), state="off")

    done = [sensors.look_after(at=at + timedelta(seconds=seconds)) for seconds in (50, 81, 120)]

    assert done == [0, 1, 0]
    assert ticket.events.get(name="alarm").reason == "漏水：恢复，累计上报 2 次"


def test_an_end_without_a_beginning_is_nothing(house):
    answer = post(device_of(house), {"state": "off"})

    assert (answer.status_code, answer.json()["status"], Ticket.objects.count()) == (200, "idle", 0)


def test_another_kind_of_the_same_machine_is_another_fault(house):
    device, at = device_of(house), now()

    statuses = [
        take(device, at + timedelta(seconds=second), kind=kind).status
        for second, kind in enumerate(["leak", "power", "leak"])
    ]

    assert (statuses, Ticket.objects.count()) == (["opened", "opened", "counted"], 2)


def test_after_the_end_it_is_watched_and_opens_a_ticket_only_if_it_stays(house):
    device, at = device_of(house), now()
    cancel(house, take(device, at).ticket, at + timedelta(minutes=1))

    watched = take(device, at + timedelta(minutes=2))
    early = sensors.look_after(at=at + timedelta(minutes=11))
    late = sensors.look_after(at=at + timedelta(minutes=12))

    assert (watched.status, early, late, Ticket.objects.count()) == ("watching", 0, 1, 2)
    assert Alarm.objects.filter(running=True).get().ticket == Ticket.objects.order_by("pk").last()


def test_what_recovers_while_it_is_watched_opens_nothing(house):
    device, at = device_of(house), now()
    cancel(house, take(device, at).ticket, at + timedelta(minutes=1))
    take(device, at + timedelta(minutes=2))
    take(device, at + timedelta(minutes=3), state="off")

    sensors.look_after(at=at + timedelta(minutes=30))

    assert (Ticket.objects.count(), Alarm.objects.filter(running=True).count()) == (1, 0)


def test_long_after_the_end_a_new_alarm_is_a_new_ticket(house):
    device, at = device_of(house), now()
    cancel(house, take(device, at).ticket, at + timedelta(minutes=1))

    assert take(device, at + timedelta(hours=2)).status == "opened"


def test_alarms_follow_a_merged_ticket(house):
    device, at = device_of(house), now()
    target = house.register()
    ticket = take(device, at).ticket
    by = house.actor("supervisor")
    workflow.step(ticket=ticket, name="merge", by=by, at=at, reason="同一处", into=target)

    assert take(device, at + timedelta(minutes=2)).ticket == target


def test_a_flood_of_twenty_machines_is_few_tickets_and_loses_none(house):
    machines, at = [device_of(house, f"D-{number:02}") for number in range(20)], now()

    statuses = Counter(
        take(machines[number % 20], at + timedelta(milliseconds=50 * number)).status for number in range(300)
    )

    # Five of their own and the storm's.
    assert (statuses, Ticket.objects.count()) == ({"opened": 5, "joined": 15, "counted": 280}, 6)
    assert sorted(Alarm.objects.values_list("device__code", "counted")) == [
        (device.code, 15) for device in machines
    ]
    assert Storm.objects.get().ticket.alarms.count() == 15


def test_the_storm_says_what_it_carries_and_is_as_urgent_as_its_worst(house):
    at = now()
    mild, grave = house.fault, _fault_like(house.fault, level=1)
    for number in range(8):
        take(device_of(house, f"D-{number}", fault=grave if number == 7 else mild), at)
    sensors.look_after(at=at + timedelta(minutes=2))

    ticket = Storm.objects.get().ticket
    assert (ticket.level, ticket.level_reason) == (1, "归入的设备告警“干管爆裂”默认1级")
    assert ticket.events.get(name="alarm").reason == "已归入 3 台次设备告警：漏水"
    assert verify(ticket) == []


def _fault_like(fault, *, level):
    return type(fault).objects.create(
        code="WS99", area="公共", component="干管", fault="干管爆裂", default_level=level, coverage="MEP",
        place="public", typical_minutes=60,
    )  # fmt: skip


def test_danger_to_life_never_hides_in_a_storm(house):
    at = now()
    for number in range(7):
        take(device_of(house, f"D-{number}"), at)

    assert take(device_of(house, "LIFT"), at, kind="trapped").status == "opened"


def test_another_estate_has_its_own_weather(house):
    from tests.factories_estates import PublicPlaceFactory

    at, far = now(), PublicPlaceFactory()
    for number in range(7):
        take(device_of(house, f"D-{number}"), at)

    assert take(device_of(house, "FAR", place=far, estate=far.estate), at).status == "opened"


def test_more_than_sixty_a_minute_are_only_counted(house):
    device = device_of(house)
    at = now().replace(second=0, microsecond=0)

    statuses = Counter(take(device, at + timedelta(milliseconds=number)).status for number in range(100))

    assert statuses == {"opened": 1, "counted": 59, "coalesced": 40}
    assert Alarm.objects.get().counted == 100


def test_a_machine_gone_mad_is_told_to_be_quiet(house):
    device = device_of(house)
    at = now().replace(second=0, microsecond=0)
    device.minute_at, device.minute_count = at, 600
    device.save()

    with pytest.raises(sensors.TooFast):
        take(device, at)

    assert take(device, at + timedelta(minutes=1)).status == "opened"


def test_the_ticket_lists_what_the_machines_said(house, client):
    device = device_of(house)
    post(device, {"value": "水位 3 cm"})
    client.force_login(house.people["dispatcher"])

    page = client.get(f"/desk/t/{Ticket.objects.get().number}/").content.decode()

    words = (">LEAK-01<", "告警中", '<td class="tight" data-label="数值">水位 3 cm')
    assert [page.count(word) for word in words] == [1, 1, 1]


def test_the_system_alone_notes_alarms(house):
    ticket = house.register()

    assert [workflow.may(ticket, "alarm", by) for by in (Actor.system(), house.actor("supervisor"))] == [
        True,
        False,
    ]


def reported(house, device, **changes) -> Ticket:
    """What somebody told the desk about the device's place."""
    return house.register(unit=None, owner=None, place=device.place, **changes)


@pytest.mark.row("IN-18")
def test_what_people_reported_there_already_is_not_reported_again_by_a_machine(house):
    device, at = device_of(house), now()
    ticket = reported(house, device, at=at)

    outcomes = [take(device, at + timedelta(seconds=second), value="水位 3 cm") for second in (1, 2)]

    ticket = Ticket.objects.get()
    event = ticket.events.get(name="alarm")
    assert [(each.status, each.ticket, each.count) for each in outcomes] == [
        ("counted", ticket, 1),
        ("counted", ticket, 2),
    ]
    assert (event.reason, event.actor_name) == (
        "漏水：告警，数值 水位 3 cm，累计上报 1 次",
        f"设备 {device.name}",
    )
    assert (Ticket.objects.count(), ticket.level, verify(ticket)) == (1, 2, [])


def test_a_machine_makes_what_people_reported_as_urgent_as_its_fault(house):
    device, at = device_of(house), now()
    ticket = reported(house, device, at=at)
    house.fault.default_level = 1
    house.fault.save()

    take(device_of(house, "LEAK-02", place=device.place), at)

    ticket = Ticket.objects.get()
    assert (ticket.level, ticket.level_reason) == (1, "归入的设备告警“龙头漏水”默认1级")


def test_danger_to_life_and_other_places_have_tickets_of_their_own(house):
    device, at = device_of(house), now()
    reported(house, device, at=at)
    elsewhere = device_of(house, "LEAK-02")

    statuses = [take(device, at, kind="gas").status, take(elsewhere, at).status]

    assert (statuses, Ticket.objects.count()) == (["opened", "opened"], 3)


def test_the_page_of_a_reported_ticket_shows_the_machine(house, client):
    device = device_of(house)
    ticket = reported(house, device)
    client.force_login(house.people["dispatcher"])
    before = client.get(f"/desk/t/{ticket.number}/").content.decode().count(">LEAK-01<")

    post(device)

    assert (before, client.get(f"/desk/t/{ticket.number}/").content.decode().count(">LEAK-01<")) == (0, 1)
