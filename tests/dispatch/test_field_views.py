"""The worker's phone over HTTP: one thing after the other, and bad files are refused at their field."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now

from demo import pictures
from dispatch import assign
from tests.factories_files import huge_png, upload
from tests.house import AT, House
from tickets.models import PhoneReveal, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("EX-01")]
NUMBER = "13800138000"


@pytest.fixture
def house(client):
    made = House.build()
    client.force_login(made.worker.user)
    return made


def on(name: str, ticket: Ticket, *more: str) -> str:
    return reverse(name, args=[ticket.number, *more])


def act(client, ticket: Ticket, name: str, **data):
    return client.post(on("field_act", ticket, name), {"form_key": str(uuid4())} | data)


def status(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).status


# -- tasks and numbers -------------------------------------------------------


def test_new_tasks_stand_apart_from_those_under_way(client, house):
    new, doing = house.ticket_at(Status.DISPATCHED), house.ticket_at(Status.ACCEPTED)
    waiting = house.ticket_at(Status.PRE_INSPECTION)

    context = client.get(reverse("field_home")).context

    lists = {name: [ticket.number for ticket in context[name]] for name in ("new", "doing", "waiting")}
    assert lists == {"new": [new.number], "doing": [doing.number], "waiting": [waiting.number]}


def test_the_number_is_hidden_until_the_task_is_accepted(client, house):
    ticket = house.ticket_at(Status.DISPATCHED)
    page = client.get(on("field_ticket", ticket)).content.decode()

    answer = client.post(on("field_call", ticket), {"form_key": str(uuid4())})

    assert ("联系业主" in page, NUMBER in page, answer.status_code) == (False, False, 403)
    assert PhoneReveal.objects.count() == 0


def test_after_acceptance_a_call_is_written_down_before_the_number_is_shown(client, house):
    ticket = house.ticket_at(Status.DISPATCHED)
    act(client, ticket, "accept")
    before = client.get(on("field_ticket", ticket)).content.decode()

    shown = client.post(on("field_call", ticket), {"form_key": str(uuid4())}, follow=True).content.decode()

    assert (NUMBER in before, NUMBER in shown) == (False, True)
    assert (PhoneReveal.objects.count(), ticket.events.filter(name="contact").count()) == (1, 1)


def test_the_page_of_the_number_opens_for_nobody_who_was_not_written_down(client, house):
    assert client.get(on("field_called", house.ticket_at(Status.ACCEPTED))).status_code == 403


def test_a_task_given_to_somebody_else_takes_its_number_with_it(client, house):
    ticket = house.ticket_at(Status.ACCEPTED)
    client.post(on("field_call", ticket), {"form_key": str(uuid4())})
    other = house.new_worker("other", house.household, house.fault)
    assign.reassign(ticket=ticket, worker=other, reason="换班", by=house.actor("dispatcher"), at=now())

    statuses = [
        client.get(on("field_called", ticket)).status_code,
        act(client, ticket, "arrive").status_code,
    ]

    assert statuses == [403, 403]


def test_every_button_of_a_page_has_a_key_of_its_own(client, house):
    page = client.get(on("field_ticket", house.ticket_at(Status.SCHEDULED))).content.decode()

    keys = [part.split('"')[0] for part in page.split('name="form_key" value="')[1:]]
    assert (len(keys) > 1, len(set(keys))) == (True, len(keys))


def test_a_colleagues_task_is_not_there(client, house):
    other = house.new_worker("other", house.household, house.fault)
    ticket = house.ticket_at(Status.ACCEPTED)
    client.force_login(other.user)

    assert client.get(on("field_ticket", ticket)).status_code == 404


# -- accept and decline ------------------------------------------------------


@pytest.mark.row("DI-04")
def test_declining_asks_why_and_goes_back_to_the_reviewer(client, house):
    ticket = house.ticket_at(Status.DISPATCHED)

    empty = act(client, ticket, "decline", reason="")
    done = act(client, ticket, "decline", reason="当天已排满")

    assert (list(empty.context["form"].errors["reason"]), empty.status_code) == (["请填写原因。"], 422)
    assert (done.url, status(ticket)) == (reverse("field_home"), "in_review")


def test_an_act_that_does_not_exist_is_not_there(client, house):
    assert act(client, house.ticket_at(Status.ACCEPTED), "fly").status_code == 404


def test_an_act_that_was_done_already_says_who_and_when(client, house):
    ticket = house.ticket_at(Status.ACCEPTED)

    answer = act(client, ticket, "accept")

    assert (answer.status_code, "马永康" in answer.content.decode()) == (409, True)


# -- the window --------------------------------------------------------------


def free_windows(client, ticket: Ticket) -> tuple[str, list[str]]:
    """Tomorrow's page and the keys of its free windows."""
    tomorrow = (localdate() + timedelta(days=1)).isoformat()
    url = f"{on('field_schedule', ticket)}?day={tomorrow}"
    return url, list(client.get(url).context["form"].free)


@pytest.mark.row("DI-07")
def test_a_window_is_booked_once_however_often_the_button_is_pressed(client, house):
    ticket = house.ticket_at(Status.ACCEPTED, at=now())
    url, windows = free_windows(client, ticket)
    form = {"form_key": str(uuid4()), "window": windows[0]}

    statuses = [client.post(url, form).status_code for _ in range(2)]

    assert (statuses, status(ticket), ticket.visits.count()) == ([303, 303], "scheduled", 1)


@pytest.mark.row("DI-07")
def test_a_window_that_is_taken_is_refused_at_the_field(client, house):
    first, second = house.ticket_at(Status.ACCEPTED, at=now()), house.ticket_at(Status.ACCEPTED, at=now())
    url, windows = free_windows(client, first)
    client.post(url, {"form_key": str(uuid4()), "window": windows[0]})
    url, _ = free_windows(client, second)

    answer = client.post(url, {"form_key": str(uuid4()), "window": windows[0]})

    assert (answer.status_code, status(second)) == (422, "accepted")
    assert list(answer.context["form"].errors["window"]) == ["这个时段已被占用或已过去，请重新选择。"]


@pytest.mark.row("SL-04")
def test_moving_a_window_asks_why(client, house):
    ticket = house.ticket_at(Status.SCHEDULED, at=now())
    url, windows = free_windows(client, ticket)

    answer = client.post(url, {"form_key": str(uuid4()), "window": windows[-1]})
    moved = client.post(url, {"form_key": str(uuid4()), "window": windows[-1], "reason": "业主临时有事"})

    assert (list(answer.context["form"].errors), moved.status_code) == (["reason"], 303)
    assert ticket.events.last().reason == "业主临时有事"


# -- photos ------------------------------------------------------------------


@pytest.mark.row("IN-12")
@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (upload(b"MZ\x90\x00" + b"\x00" * 200, "完工.jpg"), "完工.jpg"),
        (upload(huge_png(20_000, 10_000), "大图.png"), "大图.png"),
        (upload(b"", "空.jpg"), "空.jpg"),
    ],
    ids=["program", "200-megapixels", "empty"],
)
def test_a_bad_file_is_refused_at_its_field_and_the_rest_stays(client, house, bad, word):
    ticket = house.ticket_at(Status.REPAIRING)
    bad.seek(0)

    answer = act(client, ticket, "finish", work_done="更换阀芯并试水", materials="阀芯", photos=[bad])

    errors, page = answer.context["form"].errors, answer.content.decode()
    assert (answer.status_code, list(errors), status(ticket)) == (422, ["photos"], "repairing")
    assert [text in page for text in ("更换阀芯并试水", "阀芯", word)] == [True] * 3
    assert ticket.evidence.filter(stage="after").count() == 0


@pytest.mark.row("IN-11", "DI-05")
def test_who_goes_reads_what_was_ordered_and_agreed_but_no_complaint(client, house):
    said = {"about": "service", "demand": "道歉", "harm": "no"}
    house.register(kind="complaint", details=said, fault=None, wanted="", description="师傅迟到还不说一声")
    ordered = {"item": "空调清洗2台", "price": "180.00", "agreed_by": "张伟", "agreed_how": "phone"}
    ticket = house.ticket_at(Status.DISPATCHED, kind="planned", details=ordered)

    phone, paper = (client.get(on(name, ticket)).text for name in ("field_ticket", "dispatch_card"))

    assert [words in phone for words in ("空调清洗2台", "180.00元", "师傅迟到")] == [True, True, False]
    assert [words in paper for words in ("空调清洗2台", "180.00元", "师傅迟到")] == [True, True, False]


@pytest.mark.row("EX-09")
def test_finishing_without_a_photo_is_refused(client, house):
    ticket = house.ticket_at(Status.REPAIRING)

    answer = act(client, ticket, "finish", work_done="更换阀芯")

    assert (answer.status_code, list(answer.context["form"].errors["photos"])) == (
        422,
        ["请至少添加一张照片。"],
    )


def test_a_task_goes_from_arrival_to_the_report_with_photos(client, house):
    ticket = house.ticket_at(Status.SCHEDULED, at=AT)
    act(client, ticket, "arrive", photos=[pictures.photo(1)])
    plan = {
        "cause": "密封件老化",
        "method": "更换",
        "duration_minutes": "60",
        "protection": "铺垫布",
        "cost": "0",
    }
    act(client, ticket, "plan", **plan)

    assert (status(ticket), ticket.plans.get().cause) == ("owner_consent", "密封件老化")


@pytest.mark.row("IN-11")
def test_the_plan_of_a_paid_service_begins_with_the_price_that_was_agreed(client, house):
    agreed = {"item": "空调清洗2台", "price": "180.00", "agreed_by": "张伟", "agreed_how": "phone"}
    paid = house.ticket_at(Status.SURVEYING, kind="planned", details=agreed)
    free = house.ticket_at(Status.SURVEYING)

    forms = [client.get(on("field_act", ticket, "plan")).context["form"] for ticket in (paid, free)]

    assert [str(form["cost"].value()) for form in forms] == ["180.00", "0"]


def test_a_plan_with_a_wrong_cost_keeps_what_was_written(client, house):
    ticket = house.ticket_at(Status.SURVEYING)
    plan = {"cause": "密封件老化", "method": "更换", "duration_minutes": "60", "protection": "铺垫布"}

    answer = act(client, ticket, "plan", cost="-5", **plan)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["cost"])
    assert "密封件老化" in answer.content.decode()


@pytest.mark.row("SL-04")
def test_a_pause_is_proved_from_the_phone(client, house):
    ticket = house.ticket_at(Status.REPAIRING)
    words = {"pause": "material", "reason": "缺密封件"}

    bare = act(client, ticket, "suspend", **words)
    ((photo, _),) = pictures.examined(pictures.photo(1))
    photo.seek(0)
    proved = act(client, ticket, "suspend", **words, photos=[photo])

    assert (bare.status_code, "须上传证明：现场照片或调货申请" in bare.content.decode()) == (422, True)
    assert (proved.status_code, status(ticket)) == (303, "suspended")
    page = client.get(reverse("field_ticket", args=[ticket.number]))
    assert page.context["aside"] == {"title": "已挂起：等待材料", "why": "缺密封件", "icon": "pause-circle"}


@pytest.mark.row("SL-04")
def test_the_proof_that_every_reason_asks_for_is_not_called_optional(client, house):
    ticket = house.ticket_at(Status.REPAIRING)
    client.force_login(house.worker.user)

    page = client.get(reverse("field_act", args=[ticket.number, "suspend"])).content.decode()

    assert ("选填" in page, "等待材料：现场照片或调货申请" in page) == (False, True)


def test_the_back_button_after_a_step_leads_to_the_ticket(client, house):
    ticket = house.ticket_at(Status.PRE_INSPECTION)
    client.force_login(house.worker.user)

    answer = client.get(reverse("field_act", args=[ticket.number, "finish"]))

    assert (answer.status_code, answer["Location"]) == (302, reverse("field_ticket", args=[ticket.number]))


def test_who_has_called_sees_which_ticket_it_is_about(client, house):
    ticket = house.ticket_at(Status.ACCEPTED)
    client.force_login(house.worker.user)

    called = client.post(reverse("field_call", args=[ticket.number]), {"form_key": str(uuid4())}, follow=True)

    shown = called.content.decode()
    assert [words in shown for words in (ticket.number, ticket.place_label, ticket.reporter_phone)] == [
        True
    ] * 3


@pytest.mark.row("EX-09")
def test_the_end_of_the_work_may_lie_before_the_report(client, house):
    ticket = house.ticket_at(Status.REPAIRING)
    ((photo, _),) = pictures.examined(pictures.photo(2))
    photo.seek(0)

    act(client, ticket, "finish", work_done="换了密封件", photos=[photo], ended_ago="30")

    clock = ticket.clocks.get(kind="report_back")
    assert clock.stopped_at - clock.started_at == timedelta(minutes=30)
