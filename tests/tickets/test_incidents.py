"""The incident log: one entry, many calls, one message each at the end."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.timezone import localtime, now

from knowledge.models import FaultCategory
from notices.models import Message
from tests.factories_estates import BuildingFactory, HouseholdFactory, UnitFactory
from tests.house import AT, House
from tickets import incidents
from tickets.models import Incident, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-17")]


@pytest.fixture
def house():
    return House.build("front_desk", "dispatcher", "director")


def facts(house: House, **changes) -> incidents.Facts:
    known = {
        "estate": house.estate,
        "title": "主管爆裂停水",
        "words": "抢修中，预计两小时恢复。",
        "started_at": AT,
    }
    return incidents.Facts(**known | changes)


def enter(house: House, **changes) -> Incident:
    return incidents.enter(facts=facts(house, **changes), by=house.people["front_desk"], at=AT)


def touching(house: House, *, building=None, fault=None) -> list[str]:
    found = incidents.touching_call(
        house.people["front_desk"],
        estate_id=house.estate.pk,
        building_id=building.pk if building else None,
        fault_id=fault.pk if fault else None,
    )
    return [incident.title for incident in found]


def caller(house: House, **changes) -> incidents.Caller:
    said = {"name": "张伟", "phone": "13800138000", "unit": house.household.unit, "note": "没水"}
    return incidents.Caller(**said | changes)


def test_it_touches_the_calls_of_its_buildings_and_faults(house):
    here, there = house.household.unit.building, BuildingFactory(batch=house.household.unit.building.batch)
    other = FaultCategory.objects.create(
        code="EL01",
        area="电",
        component="总闸",
        fault="没电",
        default_level=2,
        place="private",
        typical_minutes=30,
    )
    enter(house, title="全区")
    enter(house, title="本栋", buildings=[here])
    enter(house, title="本栋没电", buildings=[here], faults=[other])
    over = enter(house, title="已结束")
    incidents.end(incident=over, words="好了", by=house.people["front_desk"], at=AT)

    assert sorted(touching(house, building=here)) == ["全区", "本栋", "本栋没电"]
    assert touching(house, building=here, fault=other)[0] == "本栋没电"
    assert sorted(touching(house, building=here, fault=house.fault)) == ["全区", "本栋"]
    assert (touching(house, building=there), touching(house)) == (["全区"], ["全区"])


def test_a_call_is_counted_once_a_phone_and_opens_no_ticket(house):
    incident = enter(house)
    by = house.people["front_desk"]

    for who in (caller(house), caller(house, note="还没来水"), caller(house, phone="", name="")):
        incidents.attach(incident=incident, caller=who, by=by, at=AT)

    incident.refresh_from_db()
    calls = sorted(incident.calls.values_list("phone", "times", "note"))
    assert calls == [("", 1, "没水"), ("13800138000", 2, "还没来水")]
    assert (incident.call_count, Ticket.objects.count()) == (2, 0)


def test_the_end_tells_every_caller_once(house):
    incident = enter(house)
    by = house.people["front_desk"]
    for phone in ("13800138000", "13900139000", "010-12345678", ""):
        incidents.attach(incident=incident, caller=caller(house, phone=phone), by=by, at=AT)

    told = incidents.end(incident=incident, words="已来水", by=by, at=AT)
    with pytest.raises(incidents.AlreadyEnded):
        incidents.end(incident=incident, words="已来水", by=by, at=AT)

    sent = Message.objects.filter(template="N21").order_by("address")
    assert told == 2
    assert [message.address for message in sent] == ["13800138000", "13900139000"]
    assert "已来水" in sent[0].body


def test_after_the_end_a_call_is_no_longer_attached(house):
    incident = enter(house)
    by = house.people["front_desk"]
    incidents.end(incident=incident, words="已来水", by=by, at=AT)

    with pytest.raises(incidents.AlreadyEnded):
        incidents.attach(incident=incident, caller=caller(house), by=by, at=AT)


def test_who_only_looks_on_enters_nothing(house):
    with pytest.raises(PermissionDenied):
        incidents.enter(facts=facts(house), by=house.people["director"], at=AT)


# -- over HTTP -----------------------------------------------------------------


def keyed(**data) -> dict:
    return {"form_key": str(uuid4())} | data


def test_the_call_page_says_what_to_say_and_one_press_writes_the_call_down(client, house):
    incident = enter(house)
    client.force_login(house.people["front_desk"])
    unit = house.household.unit

    beside = client.get(reverse("intake_related"), {"unit": unit.pk}).content.decode()
    form = keyed(reporter_name="张伟", reporter_phone="138 0013 8000", unit=unit.pk, description="没水")
    answers = [client.post(reverse("incident_attach", args=[incident.pk]), form) for _ in range(2)]
    page = client.get(reverse("desk_incident", args=[incident.pk])).content.decode()

    assert (
        "抢修中，预计两小时恢复。" in beside,
        reverse("incident_attach", args=[incident.pk]) in beside,
    ) == (
        True,
        True,
    )
    assert [answer.url for answer in answers] == [reverse("desk_incident", args=[incident.pk])] * 2
    assert ("138****8000" in page, "没水" in page) == (True, True)
    assert [(call.name, call.times) for call in incident.calls.all()] == [("张伟", 1)]


def test_a_dwelling_elsewhere_shows_nothing(client, house):
    enter(house)
    client.force_login(house.people["front_desk"])

    far = client.get(reverse("intake_related"), {"unit": UnitFactory().pk}).content.decode()

    assert far.strip() == ""


def test_the_desk_enters_changes_and_ends_an_incident(client, house):
    client.force_login(house.people["front_desk"])
    building = house.household.unit.building
    said = {"estate": house.estate.pk, "title": "停电", "words": "抢修中", "buildings": [building.pk]}
    said["started_at"] = f"{localtime(now() - timedelta(hours=1)):%Y-%m-%dT%H:%M}"

    client.post(reverse("incident_new"), keyed(**said))
    incident = Incident.objects.get()
    client.post(reverse("incident_change", args=[incident.pk]), keyed(**said | {"words": "快好了"}))
    done = client.post(reverse("incident_end", args=[incident.pk]), keyed(words="已来电"), follow=True)

    incident.refresh_from_db()
    assert list(incident.buildings.all()) == [building]
    assert (incident.words, incident.end_words, incident.ended_at is not None) == ("快好了", "已来电", True)
    assert "已来电" in done.content.decode()


def test_mistakes_are_named_at_their_fields(client, house):
    client.force_login(house.people["front_desk"])
    house.people["front_desk"].estates.add(other := HouseholdFactory().unit.estate)
    said = {
        "estate": other.pk,
        "title": "停电",
        "words": "抢修中",
        "buildings": [house.household.unit.building_id],
        "started_at": f"{localtime(now() + timedelta(hours=1)):%Y-%m-%dT%H:%M}",
    }

    answer = client.post(reverse("incident_new"), keyed(**said))

    errors = {name: list(words) for name, words in answer.context["form"].errors.items()}
    assert answer.status_code == 422
    assert errors == {
        "started_at": ["开始时间不能晚于现在；计划停水停电请发公告。"],
        "buildings": ["请只选择这个项目的楼栋。"],
    }


def test_every_form_of_the_page_carries_its_token(client, house):
    incident = enter(house)
    client.force_login(house.people["front_desk"])

    page = client.get(reverse("desk_incident", args=[incident.pk])).content.decode()

    assert page.count('<form method="post"') == page.count("csrfmiddlewaretoken")
