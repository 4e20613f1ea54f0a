"""The pages of an emergency: nothing starts unseen, nothing twice, and what is over says so (DI-09)."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from core.templatetags.fangxiu import dated, when
from dispatch import presets
from dispatch.emergency import activation as verbs
from dispatch.models import Activation, EmergencyPlan, Held, PlanCheck, PlanSupply, SquadMember, Worker
from knowledge import presets as knowledge
from tests.dispatch.emergency.storms import Storm, minute
from tickets.models import Status, Ticket
from warranty.models import Contractor

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-09")]
HOUR = timedelta(hours=1)


def signed_in(client, storm: Storm, code: str = "manager"):
    client.force_login(storm.house.people[code])
    return client


def start_data(storm: Storm, **changes) -> dict:
    return {
        "plan": storm.plan.pk,
        "estates": [storm.house.estate.pk],
        "commander": storm.house.people["manager"].pk,
        "reason": "台风红色预警",
        "form_key": str(uuid.uuid4()),
    } | changes


def running(storm: Storm) -> Activation:
    """An emergency that began an hour ago and goes on."""
    at = now()
    return storm.start(at=at - HOUR, until=at + 5 * HOUR)


def test_what_was_not_previewed_is_shown_and_not_started(client):
    storm = Storm.build()
    storm.ticket(3)
    signed_in(client, storm)

    answer = client.post(reverse("emergency_new"), start_data(storm, start="1"))

    assert (answer.status_code, answer.context["preview"].paused, Activation.objects.count()) == (200, 1, 0)


def test_our_own_people_stand_first_in_the_squad_and_each_has_a_box_of_their_own(client):
    storm = Storm.build()
    other = storm.house.new_worker("other", storm.house.household, storm.house.fault)
    Contractor.objects.create(name="宏基建设", kind="contractor").workers.add(storm.house.worker)
    Worker.objects.filter(pk=storm.house.worker.pk).update(employer="contractor")
    page = signed_in(client, storm).get(reverse("emergency_new"))

    squad = page.context["form"]["squad"]
    assert [box.data["value"].value for box in squad] == [other.pk, storm.house.worker.pk]
    assert page.content.decode().count('type="checkbox" name="squad"') == 2


def test_a_preview_of_another_choice_does_not_count(client):
    storm = Storm.build()
    signed_in(client, storm)
    seen = client.post(reverse("emergency_new"), start_data(storm, show="1")).context["form"].data["seen"]

    client.post(reverse("emergency_new"), start_data(storm, seen=seen, start="1", drill="on"))

    assert Activation.objects.count() == 0


def test_a_start_sent_twice_starts_once(client):
    storm = Storm.build()
    signed_in(client, storm)
    seen = client.post(reverse("emergency_new"), start_data(storm, show="1")).context["form"].data["seen"]
    data = start_data(storm, seen=seen, start="1")

    answers = [client.post(reverse("emergency_new"), data) for _ in range(2)]

    activation = Activation.objects.get()
    assert {answer.headers["Location"] for answer in answers} == {reverse("emergency", args=[activation.pk])}
    assert (activation.words, activation.ends_at - activation.started_at) == ("请关好门窗。", 18 * HOUR)


def test_a_second_emergency_for_the_estate_is_an_error_of_the_form(client):
    storm = Storm.build()
    running(storm)
    signed_in(client, storm)
    seen = client.post(reverse("emergency_new"), start_data(storm, show="1")).context["form"].data["seen"]

    answer = client.post(reverse("emergency_new"), start_data(storm, seen=seen, start="1"))

    assert (answer.status_code, Activation.objects.count()) == (422, 1)
    assert "已有“台风暴雨”在进行" in answer.content.decode()


def test_the_page_asks_for_its_fragment_and_shows_the_wall(client):
    storm = Storm.build()
    url = reverse("emergency", args=[running(storm).pk])
    signed_in(client, storm, "director")

    page, fragment = client.get(url), client.get(url, headers={"HX-Request": "true"})
    wall = client.get(url + "?wall=1")

    assert "<html" in page.content.decode()
    assert fragment.content.decode().lstrip().startswith('<div id="emergency"')
    assert 'data-surface="emergency-wall"' in wall.content.decode()
    assert "记入指令" not in page.content.decode()


def test_commands_for_what_is_over_lead_back_with_a_word(client):
    storm = Storm.build()
    activation = running(storm)
    verbs.end(activation=activation, reason="结束", by=storm.house.people["manager"], at=now())
    signed_in(client, storm)

    answer = client.post(
        reverse("emergency_order", args=[activation.pk]),
        {"words": "巡查", "form_key": uuid.uuid4()},
        follow=True,
    )

    assert answer.redirect_chain[-1][0] == reverse("emergency", args=[activation.pk])
    assert "这项应急已于" in answer.content.decode()


def test_a_dispatcher_finds_a_held_ticket_and_lets_it_go(client):
    storm = Storm.build()
    ticket = storm.ticket(3)
    activation = running(storm)
    minute(now())
    signed_in(client, storm, "dispatcher")
    url = reverse("emergency_except", args=[activation.pk, ticket.number])

    listed = client.get(reverse("emergency_held", args=[activation.pk]), {"q": ticket.number})
    without = client.post(url, {"form_key": uuid.uuid4()})
    client.post(url, {"reason": "家中有婴儿", "form_key": uuid.uuid4()})

    assert (ticket.number in listed.content.decode(), without.status_code) == (True, 422)
    assert Ticket.objects.get(pk=ticket.pk).status == Status.REGISTERED
    assert Held.objects.get().state == "excepted"


def test_a_stranger_with_a_phone_joins_the_squad_and_nobody_joins_twice(client):
    storm = Storm.build()
    activation = running(storm)
    signed_in(client, storm)
    url = reverse("emergency_squad", args=[activation.pk])

    client.post(url, {"name": "老赵", "phone": "13900001111", "role": "发电机", "form_key": uuid.uuid4()})
    again = client.post(url, {"worker": storm.house.worker.pk, "role": "抢险", "form_key": uuid.uuid4()})
    nobody = client.post(url, {"role": "抢险", "form_key": uuid.uuid4()})

    assert (again.status_code, nobody.status_code) == (422, 422)
    assert list(SquadMember.objects.order_by("pk").values_list("name", "phone"))[1:] == [
        ("老赵", "13900001111")
    ]


def test_a_second_click_on_a_command_gets_the_answer_of_the_first(client):
    storm = Storm.build()
    activation = running(storm)
    signed_in(client, storm)
    other = storm.house.new_worker("other", storm.house.household, storm.house.fault)
    clicks = {
        "emergency_squad": {"worker": other.pk, "role": "抢险", "form_key": uuid.uuid4()},
        "emergency_end": {"reason": "雨停", "form_key": uuid.uuid4()},
    }

    answers = {
        name: [client.post(reverse(name, args=[activation.pk]), facts) for _ in range(2)]
        for name, facts in clicks.items()
    }

    for first, second in answers.values():
        assert (first.status_code, second.status_code, second.url) == (303, 303, first.url)
    assert SquadMember.objects.filter(user=other.user).count() == 1


def test_the_plans_that_ship_name_faults_people_supplies_and_checks():
    knowledge.load()

    loaded, again = presets.load_plans(), presets.load_plans()

    assert (loaded, again) == (5, 0)
    assert {plan.code for plan in EmergencyPlan.objects.all() if plan.faults.count() < 5} == set()
    assert EmergencyPlan.objects.filter(roles__isnull=True).count() == 0
    assert PlanSupply.objects.filter(needed=0).count() == 0
    assert set(PlanCheck.objects.values_list("phase", flat=True)) == {"before", "during", "after"}


def test_the_tickets_page_says_why_it_waits_and_who_lets_it_go(client):
    storm = Storm.build()
    ticket = storm.ticket(3)
    running(storm)
    minute(now())
    signed_in(client, storm, "front_desk")

    body = client.get(reverse("ticket", args=[ticket.number])).content.decode()

    assert "台风暴雨应急，至" in body
    assert "由派单岗位例外办理" in body


def test_the_tickets_page_leads_those_to_the_exception_who_may_make_it(client):
    storm = Storm.build()
    ticket = storm.ticket(3)
    activation = running(storm)
    minute(now())
    page, exception = (
        reverse("emergency", args=[activation.pk]),
        reverse("emergency_except", args=[activation.pk, ticket.number]),
    )

    found = {}
    for who in ("front_desk", "dispatcher"):
        body = signed_in(client, storm, who).get(reverse("ticket", args=[ticket.number])).content.decode()
        found[who] = (f'href="{page}"' in body, f'href="{exception}"' in body)

    assert found == {"front_desk": (True, False), "dispatcher": (True, True)}


def test_the_tickets_page_says_the_new_end_and_nothing_once_it_is_excepted(client):
    storm = Storm.build()
    ticket = storm.ticket(3)
    activation = running(storm)
    minute(now())
    until, manager = now() + 9 * HOUR, storm.house.people["manager"]
    verbs.move_end(activation=activation, until=until, reason="风未停", by=manager, at=now())
    signed_in(client, storm, "dispatcher")
    address = reverse("ticket", args=[ticket.number])

    waiting = client.get(address).content.decode()
    client.post(
        reverse("emergency_except", args=[activation.pk, ticket.number]),
        {"reason": "家中有婴儿", "form_key": str(uuid.uuid4())},
    )
    going_on = client.get(address).content.decode()

    assert (f"至{dated(until)}，" in waiting, "held-title" in waiting, "held-title" in going_on) == (
        True,
        True,
        False,
    )
    assert "已挂起：" not in waiting


def test_who_is_in_the_squad_reads_the_newest_orders_on_the_phone(client):
    storm = Storm.build()
    activation, by = running(storm), storm.house.people["manager"]
    worker = storm.house.new_worker("squad", storm.house.household, storm.house.fault)
    client.force_login(worker.user)
    before = client.get(reverse("field_home"))
    member = SquadMember.objects.create(
        activation=activation, user=worker.user, name="张大勇", role="排水抢险", changed_at=now()
    )
    for number in range(1, 8):
        verbs.order(activation=activation, words=f"第{number}道指令", by=by, at=now())

    page = client.get(reverse("field_home"))
    verbs.end(activation=activation, reason="雨停", by=by, at=now())
    after = client.get(reverse("field_home"))

    [post] = page.context["squads"]
    assert (post.member, [order.words for order in post.orders]) == (
        member,
        [f"第{number}道指令" for number in (7, 6, 5, 4, 3)],
    )
    assert "第7道指令" in page.content.decode()
    assert (before.context["squads"], after.context["squads"]) == ([], [])


def test_who_takes_a_call_from_there_reads_that_an_emergency_goes_on(client):
    storm = Storm.build()
    unit = reverse("intake_unit", args=[storm.house.household.unit_id])
    client.force_login(storm.house.people["front_desk"])
    before = client.get(unit).context["urgent"]

    activation = running(storm)

    during = client.get(unit)
    assert (before, during.context["urgent"]) == (
        [],
        [f"台风暴雨，至{when(activation.ends_at)}。灾害类先派；3–4级暂停上门、时限顺延，请告诉来电人。"],
    )
    assert "项目应急进行中" in during.content.decode()
