"""Closed doors, the dispatch card, windows booked from the desk, punctuality, acts without a network."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now

from core.templatetags.fangxiu import dated
from demo import pictures
from dispatch import cards, punctuality, records, visits
from dispatch.models import TrackRecord, Visit
from notices.models import Message
from tests.factories_estates import PublicPlaceFactory
from tests.house import AT, House
from tests.tickets.test_machine import recomputed_clocks, stored_clocks
from tickets import pages, rests, workflow
from tickets.actors import Actor
from tickets.calendars import SHANGHAI
from tickets.clock_lines import clock_lines
from tickets.models import Clock, Errand, Evidence, PolicyVersion, Status, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(client):
    made = House.build()
    client.force_login(made.worker.user)
    return made


def closed_door(house: House, ticket: Ticket, at: datetime) -> Ticket:
    """Agree on a window and find nobody at home in it."""
    by, start = house.actor("worker"), at + timedelta(hours=1)
    visits.book(ticket=ticket, start=start, end=start + timedelta(hours=2), by=by, at=at)
    photos = pictures.examined(pictures.photo(2))
    facts = {"photos": photos, "reason": "敲门无人", "called": "业主电话、物业管家"}
    return visits.no_access(ticket=ticket, by=by, at=start + timedelta(minutes=10), **facts)


# -- on the way -----------------------------------------------------------------


@pytest.mark.row("DI-05", "DI-07")
def test_the_owner_hears_once_that_the_worker_sets_out_for_the_agreed_window(client, house):
    ticket = house.ticket_at(Status.SCHEDULED)
    url = reverse("field_act", args=[ticket.number, "depart"])
    window = Visit.objects.get(ticket=ticket).window

    client.post(url, {"form_key": str(uuid4())})
    client.post(url, {"form_key": str(uuid4())})

    told = Message.objects.get(template="N03").body
    assert f"约定时段：{visits.window_words(window.lower, window.upper)}，" in told
    assert url not in client.get(reverse("field_ticket", args=[ticket.number])).content.decode()


def test_whoever_sets_out_without_an_appointment_promises_none(house):
    visits.depart(ticket=house.ticket_at(Status.ACCEPTED), by=house.actor("worker"), at=AT)

    assert "约定时段：尽快到达，" in Message.objects.get(template="N03").body


@pytest.mark.row("DI-07")
def test_after_a_closed_door_and_a_new_window_somebody_sets_out_again(house):
    ticket = house.ticket_at(Status.ACCEPTED)
    by = house.actor("worker")
    visits.depart(ticket=ticket, by=by, at=AT)
    before = visits.has_departed(ticket)

    closed_door(house, ticket, AT)

    assert (before, visits.has_departed(ticket)) == (True, False)


# -- nobody at home ------------------------------------------------------------


@pytest.mark.row("EX-11")
def test_nobody_at_home_keeps_photo_time_and_who_was_called_and_tells_the_owner(client, house):
    ticket = house.ticket_at(Status.SCHEDULED)
    form = {"form_key": str(uuid4()), "reason": "敲门无人"}
    url = reverse("field_act", args=[ticket.number, "no-access"])

    bare = client.post(url, form)
    full = {"called": ["业主电话", "物业管家"], "photos": pictures.photo(1)}
    done = client.post(url, form | full)

    event = ticket.events.get(name="no_access")
    assert sorted(bare.context["form"].errors) == ["called", "photos"]
    assert (done.status_code, event.payload["called"], event.reason) == (
        303,
        "业主电话、物业管家",
        "敲门无人",
    )
    assert (
        Evidence.objects.get(ticket=ticket, stage="refusal").sha256 == event.payload["evidence"][0]["sha256"]
    )
    assert Message.objects.filter(template="N62", ticket=ticket).count() == 1


@pytest.mark.row("OR-03")
def test_nobody_is_expected_at_home_where_a_public_place_is_repaired(house):
    place = PublicPlaceFactory(building=house.household.unit.building, name="大堂")
    ticket = house.ticket_at(Status.ACCEPTED, unit=None, owner=None, place=place)

    ticket = closed_door(house, ticket, AT)
    by, start = house.actor("worker"), AT + timedelta(days=1)
    visits.book(ticket=ticket, start=start, end=start + timedelta(hours=2), by=by, at=AT + timedelta(hours=3))
    later = {"start": start + timedelta(hours=2), "end": start + timedelta(hours=4), "reason": "停电"}
    visits.move(ticket=ticket, **later, by=by, at=AT + timedelta(hours=4))
    workflow.note(ticket=ticket, name="name_craftsman", by=by, at=AT + timedelta(hours=4))

    told = dict(Message.objects.filter(template__startswith="N").values_list("template", "body"))
    assert {"N39", "N40", "N41"} <= told.keys()
    assert [code for code in ("N04", "N51", "N62") if code in told] == []
    assert [word for word in ("上门", "家中", "在家") if word in "".join(told.values())] == []


@pytest.mark.row("EX-11")
def test_the_clock_rests_from_a_closed_door_until_the_next_window_is_agreed(house):
    ticket = house.ticket_at(Status.ACCEPTED)
    ticket = closed_door(house, ticket, AT + timedelta(hours=1))
    resting = Clock.objects.get(ticket=ticket, kind="complete")
    stood = resting.paused_at

    again = stood + timedelta(hours=5)
    start = again + timedelta(hours=2)
    by = house.actor("worker")
    visits.book(ticket=ticket, start=start, end=start + timedelta(hours=2), by=by, at=again)

    clock = Clock.objects.get(ticket=ticket, kind="complete")
    assert stood == AT + timedelta(hours=2, minutes=10)
    assert (clock.paused_at, clock.paused_seconds) == (None, 5 * 3600)
    assert clock.due_at == resting.due_at + timedelta(hours=5)


DAY = timedelta(days=1)


def clock_of(ticket: Ticket) -> Clock:
    return Clock.objects.get(ticket=ticket, kind="complete")


def said(template: str) -> list[str]:
    """Who was told by this template, sorted."""
    found = Message.objects.filter(template=template).values_list("user__username", flat=True)
    return sorted(found)


@pytest.mark.row("EX-11", "SL-04")
def test_a_clock_rests_a_day_at_most_after_a_closed_door_and_then_runs_on(house):
    ticket = closed_door(house, house.ticket_at(Status.ACCEPTED), AT + timedelta(hours=1))
    stood = clock_of(ticket).paused_at
    due = clock_of(ticket).due_at

    early = rests.look(at=stood + DAY - timedelta(seconds=1))
    resting = pages.aside(ticket)["title"]
    # The house stood still for three hours: nothing is forgiven.
    late = rests.look(at=stood + DAY + timedelta(hours=3))

    clock = clock_of(ticket)
    assert (early.over, late.over) == (0, 1)
    assert (clock.paused_at, clock.paused_seconds, clock.due_at) == (None, 24 * 3600, due + DAY)
    assert said("W67") == ["dispatcher", "manager", "supervisor", "worker"]
    assert stored_clocks(ticket) == recomputed_clocks(ticket)
    fresh = Ticket.objects.get(pk=ticket.pk)
    assert (resting, pages.aside(fresh)["title"]) == ("上门无人", "上门无人：时限已继续计算")


@pytest.mark.row("EX-11")
def test_at_half_time_the_worker_is_reminded_once_to_ring_again(house):
    ticket = closed_door(house, house.ticket_at(Status.ACCEPTED), AT + timedelta(hours=1))
    stood = clock_of(ticket).paused_at

    turns = [rests.look(at=stood + timedelta(hours=hours)).reminded for hours in (11, 12, 13, 23)]

    assert turns == [0, 1, 0, 0]
    [reminder] = Message.objects.filter(template="W66")
    assert (reminder.user, reminder.link) == (
        house.worker.user,
        reverse("field_ticket", args=[ticket.number]),
    )
    assert clock_of(ticket).paused_at == stood


@pytest.mark.row("EX-11")
def test_nobody_is_reminded_once_a_window_is_agreed_or_the_ticket_is_put_aside(house):
    agreed, aside = (house.ticket_at(Status.ACCEPTED) for _ in range(2))
    stood = AT + timedelta(hours=10)
    for ticket, hours in ((agreed, 1), (aside, 4)):
        closed_door(house, ticket, AT + timedelta(hours=hours))
    by, start = house.actor("worker"), stood + timedelta(hours=2)
    visits.book(ticket=agreed, start=start, end=start + timedelta(hours=2), by=by, at=stood)
    workflow.step(ticket=aside, name="suspend", by=Actor.system(), at=stood, reason="业主出差", code="owner")

    done = rests.look(at=stood + 3 * DAY)

    assert (done.reminded, done.over) == (0, 0)


@pytest.mark.row("EX-11")
def test_how_long_a_clock_may_rest_is_the_policys(house):
    ticket = house.ticket_at(Status.ACCEPTED)
    version = PolicyVersion.objects.get(pk=ticket.policy_id)
    rules = version.rules | {"visits": {"rest_minutes": 120}}
    PolicyVersion.objects.filter(pk=version.pk).update(rules=rules)
    ticket = closed_door(house, ticket, AT + timedelta(hours=1))

    done = rests.look(at=clock_of(ticket).paused_at + timedelta(hours=2))

    assert (done.over, clock_of(ticket).paused_seconds) == (1, 2 * 3600)


@pytest.mark.row("EX-11", "SL-03")
def test_the_line_of_a_resting_clock_says_how_long_and_why_it_runs_on(house):
    ticket = closed_door(house, house.ticket_at(Status.ACCEPTED), AT + timedelta(hours=1))
    stood = clock_of(ticket).paused_at

    resting = clock_lines(Ticket.objects.get(), now=stood + timedelta(hours=1))
    rests.look(at=stood + DAY)
    going_on = clock_lines(Ticket.objects.get(), now=stood + DAY)

    [why] = [line["why"] for line in resting if line["kind"] == "complete"]
    assert "11:10 上门无人，重新约好前暂停，最迟 5月9日 11:10 恢复计时" in why
    [why] = [line["why"] for line in going_on if line["kind"] == "complete"]
    assert "未再约定，恢复计时，扣除 24 小时" in why


@pytest.mark.row("EX-11")
def test_the_third_closed_door_becomes_the_housekeepers_task(client, house):
    ticket, at = house.ticket_at(Status.ACCEPTED), AT + timedelta(hours=1)
    counts = []
    for day in range(4):
        ticket = closed_door(house, ticket, at + timedelta(days=day))
        counts.append(Errand.objects.filter(kind="closed_door").count())
    keeper = house.people["housekeeper"]
    client.force_login(keeper)
    url = reverse("ticket_errand", args=[ticket.number, "closed_door"])

    shown = client.get(reverse("ticket", args=[ticket.number])).content.decode()
    done = client.post(url, {"form_key": str(uuid4()), "note": "业主出差，周五回来"})

    task = Errand.objects.get()
    assert (counts, task.why) == ([0, 0, 1, 1], "已3次上门无人")
    assert Message.objects.get(template="W62", user=keeper).link == url
    assert (url in shown, done.status_code) == (True, 303)
    assert Errand.objects.get().done_by == keeper
    assert ticket.events.get(name="closed_door_help").reason == "业主出差，周五回来"


def test_how_many_closed_doors_it_takes_is_the_policys(house):
    ticket = house.ticket_at(Status.ACCEPTED)
    version = PolicyVersion.objects.get(pk=ticket.policy_id)
    PolicyVersion.objects.filter(pk=version.pk).update(rules=version.rules | {"visits": {"closed_doors": 1}})

    closed_door(house, ticket, AT + timedelta(hours=1))

    assert Errand.objects.count() == 1


# -- the dispatch card -----------------------------------------------------------


def used(house: House, *materials: str) -> None:
    """Repairs of the same fault that used these."""
    for text in materials:
        house.ticket_at(Status.CLOSED).acceptances.update(materials=text)


@pytest.mark.row("DI-05")
def test_materials_are_those_really_used_before_the_list_of_the_fault(house):
    used(house, "角阀×2、生料带1卷", "角阀 1个", "")
    ticket = house.register()

    words = [each.words for each in cards.materials(ticket)]

    assert words == ["角阀（近2次用过2次）", "生料带（近2次用过1次）", "阀芯"]


@pytest.mark.row("DI-05")
def test_the_card_carries_everything_and_hides_the_number(client, house):
    first = house.ticket_at(Status.CLOSED)
    ticket = house.journey(repeat_of=first).to(Status.SCHEDULED)

    paper = client.get(reverse("dispatch_card", args=[ticket.number])).content.decode()
    phone = client.get(reverse("field_ticket", args=[ticket.number])).content.decode()

    wanted = [
        ticket.number,
        "张伟",
        "138****8000",
        ticket.place_label,
        "龙头漏水",
        "尽快",
        "二次返修",
        "阀芯",
    ]
    wanted += [ticket.get_level_display(), "马永康", "历史维修", "时限"]
    assert [word for word in wanted if word not in paper] == []
    assert ("13800138000" in paper, "13800138000" in phone) == (False, False)
    assert [word for word in ("二次返修", "经理还没有上门看过", "本处历史维修") if word not in phone] == []


@pytest.mark.row("DI-05")
def test_a_card_is_for_whoever_has_the_ticket_and_for_the_desk(client, house):
    ticket = house.ticket_at(Status.DISPATCHED)
    waiting = house.register()
    url = reverse("dispatch_card", args=[ticket.number])
    client.force_login(house.people["dispatcher"])
    desk = [client.get(url).status_code]
    desk.append(client.get(reverse("dispatch_card", args=[waiting.number])).status_code)
    client.force_login(house.new_worker("other", house.household, house.fault).user)

    assert (desk, client.get(url).status_code) == ([200, 404], 404)


@pytest.mark.row("DI-05")
@pytest.mark.parametrize(("policy", "number"), [({}, "13912345678"), ({"owner_calls": "hotline"}, "400-820")])
def test_the_owner_is_told_who_comes_with_the_number_that_the_policy_names(house, policy, number):
    type(house.worker.user).objects.filter(pk=house.worker.user_id).update(
        phone="13912345678", job_number="W0317"
    )
    type(house.estate).objects.filter(pk=house.estate.pk).update(hotline="400-820")
    ticket = house.ticket_at(Status.IN_REVIEW)
    version = PolicyVersion.objects.get(pk=ticket.policy_id)
    PolicyVersion.objects.filter(pk=version.pk).update(rules=version.rules | {"visits": policy})
    ticket = Ticket.objects.get(pk=ticket.pk)

    by, worker = house.actor("dispatcher"), type(house.worker.user).objects.get(pk=house.worker.user_id)
    workflow.step(ticket=ticket, name="dispatch", by=by, at=AT, handler=worker)

    body = Message.objects.get(template="N02").body
    assert ("W0317" in body, number in body) == (True, True)


# -- windows from the desk --------------------------------------------------------


@pytest.mark.row("DI-07")
def test_the_desk_books_and_moves_a_window_and_taken_ones_are_not_offered(client, house):
    ticket, other = house.ticket_at(Status.ACCEPTED, at=now()), house.ticket_at(Status.ACCEPTED, at=now())
    client.force_login(house.people["dispatcher"])
    day = localdate() + timedelta(days=1)

    def page(of: Ticket):
        return f"{reverse('dispatch_schedule', args=[of.number])}?day={day:%Y-%m-%d}"

    free = list(client.get(page(ticket)).context["form"].free)
    booked = client.post(page(ticket), {"form_key": str(uuid4()), "window": free[0]})
    offered = client.get(page(other))
    taken = client.post(page(other), {"form_key": str(uuid4()), "window": free[0]})
    silent = client.post(page(ticket), {"form_key": str(uuid4()), "window": free[1]})
    move = {"form_key": str(uuid4()), "window": free[1], "reason": "业主临时有事"}
    moved = client.post(page(ticket), move)

    assert [answer.status_code for answer in (booked, taken, silent, moved)] == [303, 422, 422, 303]
    assert free[0] not in offered.context["form"].free
    assert [visit.ticket for visit in offered.context["agenda"]] == [ticket]
    states = Visit.objects.filter(ticket=ticket).order_by("pk").values_list("state", flat=True)
    assert list(states) == ["moved", "booked"]


# -- punctuality -------------------------------------------------------------------


@pytest.fixture
def month(house):
    """Visits of last month: on time, five and ten minutes early, late, at a closed door, missed."""
    arrivals = [(14, 30), (13, 55), (13, 50), (16, 1), (14, 5), None]
    ticket = house.ticket_at(Status.ACCEPTED)
    last = now().astimezone(SHANGHAI).replace(day=1, hour=14, minute=0, second=0, microsecond=0)
    last = (last - timedelta(days=5)).replace(day=1)
    for day, arrival in enumerate(arrivals, start=2):
        start = last.replace(day=day)
        state = "booked" if arrival is None else "no_access" if arrival == (14, 5) else "done"
        Visit.objects.create(
            ticket=ticket,
            worker=house.worker,
            window=(start, start + timedelta(hours=2)),
            state=state,
            arrived_at=start.replace(hour=arrival[0], minute=arrival[1]) if arrival else None,
            created_at=AT,
        )
    return last.replace(day=20)


@pytest.mark.row("DI-07")
def test_five_minutes_early_is_on_time_and_a_window_without_anybody_is_missed(house, month):
    found = punctuality.of_month(house.people["dispatcher"], month.date(), at=month)

    [line] = punctuality.by_worker(found)
    [estate] = punctuality.by_estate(found)
    assert (line.on_time, line.early, line.late, line.missed, line.rate) == (3, 1, 1, 1, 0.5)
    assert (estate.key, estate.total) == (house.estate.pk, 6)
    assert [each.name for each in punctuality.by_company(found)] == ["自有班组"]


@pytest.mark.row("DI-07")
def test_how_early_is_on_time_is_the_policys(house, month):
    for version in PolicyVersion.objects.all():
        rules = version.rules | {"visits": {"early_minutes": 15}}
        PolicyVersion.objects.filter(pk=version.pk).update(rules=rules)

    [line] = punctuality.by_worker(punctuality.of_month(house.people["dispatcher"], month.date(), at=month))

    assert (line.on_time, line.early) == (4, 0)


@pytest.mark.row("DI-01", "DI-07")
@pytest.mark.parametrize("minutes", [5, 15])
def test_the_score_of_a_suggestion_counts_what_the_page_counts(house, month, minutes):
    for version in PolicyVersion.objects.all():
        rules = version.rules | {"visits": {"early_minutes": minutes}}
        PolicyVersion.objects.filter(pk=version.pk).update(rules=rules)

    records.count(at=month)

    [line] = punctuality.by_worker(punctuality.of_month(house.people["dispatcher"], month.date(), at=month))
    record = TrackRecord.objects.get(worker=house.worker)
    assert (record.punctual, record.visited) == (line.on_time, line.total)


@pytest.mark.row("DI-07")
def test_the_words_of_a_visit_say_what_its_figure_says(house, month):
    found = punctuality.of_month(house.people["dispatcher"], month.date(), at=month).order_by("window")

    said = [(visit.result, punctuality.words(visit)) for visit in found]

    assert said == [
        ("on_time", "准时"),
        ("on_time", "准时"),
        ("early", "早到 10 分钟"),
        ("late", "迟到 1 分钟"),
        ("on_time", ""),
        ("missed", ""),
    ]


@pytest.mark.row("DI-07")
def test_every_figure_opens_its_visits_and_nothing_in_the_file_is_a_formula(client, house, month):
    type(house.worker.user).objects.filter(pk=house.worker.user_id).update(full_name="=cmd|' /C calc'!A0")
    client.force_login(house.people["manager"])
    query = f"month={month:%Y-%m}&worker={house.worker.pk}"

    overview = client.get(reverse("dispatch_punctuality") + f"?month={month:%Y-%m}").content.decode()
    late = client.get(reverse("dispatch_punctual_visits") + f"?{query}&result=late")
    export = client.get(reverse("dispatch_punctual_export", args=["csv"]) + f"?{query}")
    lines = b"".join(export.streaming_content).decode("utf-8-sig").splitlines()

    assert f"worker={house.worker.pk}" in overview
    assert [result for _, result, _ in late.context["rows"]] == ["迟到"]
    assert (len(lines), sum(",=cmd" in line for line in lines)) == (7, 0)


@pytest.mark.row("DI-07")
def test_the_worker_sees_the_own_figure_of_this_month(client, house, month):
    first = now().astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    window = (first, first + timedelta(hours=2))
    facts = {"state": "done", "arrived_at": first + timedelta(hours=1), "created_at": AT}
    Visit.objects.create(ticket=Ticket.objects.get(), worker=house.worker, window=window, **facts)

    page = client.get(reverse("field_home")).content.decode()

    assert ("本月到场准时" in page, ">1/1<" in page) == (True, True)


# -- without a network ---------------------------------------------------------------


def offline(client, house: House, pressed: datetime, **headers):
    """The arrival as the phone's outbox sends it."""
    ticket = house.ticket_at(Status.ACCEPTED, at=now() - timedelta(days=1))
    url = reverse("field_act", args=[ticket.number, "arrive"])
    form = {"form_key": str(uuid4()), "photos": pictures.photo(1)}
    sent = {"X-Outbox": "1", "X-Outbox-At": pressed.isoformat()} | headers
    return ticket, url, form, client.post(url, form, headers=sent)


@pytest.mark.row("EX-01")
def test_what_waited_for_the_network_happened_when_it_was_pressed(client, house):
    pressed = now() - timedelta(hours=2)

    ticket, _, _, answer = offline(client, house, pressed)

    event, remark = ticket.events.get(name="arrive"), ticket.events.get(name="comment")
    assert (answer.status_code, answer["X-Go"]) == (204, reverse("field_ticket", args=[ticket.number]))
    assert (event.at, "在没有网络时记录" in remark.reason) == (pressed, True)


@pytest.mark.row("EX-01")
@pytest.mark.parametrize("pressed", [timedelta(hours=-1), timedelta(hours=13)], ids=["ahead", "long ago"])
def test_a_phone_with_a_wrong_clock_is_not_believed(client, house, pressed):
    before = now()

    ticket, *_ = offline(client, house, before - pressed)

    assert before <= ticket.events.get(name="arrive").at <= now()


@pytest.mark.row("EX-01")
def test_a_task_that_was_given_to_somebody_else_meanwhile_ends_the_waiting(client, house):
    ticket = house.ticket_at(Status.ACCEPTED)
    url = reverse("field_act", args=[ticket.number, "arrive"])
    Ticket.objects.filter(pk=ticket.pk).update(handler=house.people["engineer"])

    answer = client.post(url, {"form_key": str(uuid4())}, headers={"X-Outbox": "1"})

    assert (answer.status_code, "已不在您手上" in answer.content.decode()) == (409, True)


@pytest.mark.row("DI-05")
def test_the_card_names_days_by_their_date(client, house):
    ticket = house.journey(at=now() - timedelta(days=1)).to(Status.SCHEDULED)

    paper = client.get(reverse("dispatch_card", args=[ticket.number])).content.decode()

    assert f"自 {dated(ticket.registered_at)} 登记起" in paper
    assert [word for word in ("昨天", "今天") if word in paper] == []
