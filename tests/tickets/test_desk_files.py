"""Recordings only with consent, and no prying of locks without the owner's written application."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import localtime, now

from core import store
from demo import pictures
from dispatch import assign, proposals
from knowledge.models import FaultCategory
from tests.factories_files import MP3, upload
from tests.house import AT, House
from tickets import desk_files, workflow
from tickets.models import Evidence, RecordingConsent, Status, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return House.build("front_desk", "dispatcher", "engineer", "manager", "director")


def send(client, ticket: Ticket, *files, **data):
    url = reverse("ticket_files", args=[ticket.number])
    return client.post(url, {"form_key": str(uuid4()), "files": list(files)} | data)


def errors(answer) -> dict[str, list[str]]:
    return {name: list(words) for name, words in answer.context["form"].errors.items()}


# -- recordings and screenshots --------------------------------------------------


@pytest.mark.row("IN-12")
def test_a_recording_is_kept_with_who_agreed_and_when(client, house):
    ticket = house.register()
    client.force_login(house.people["front_desk"])
    asked = localtime(now() - timedelta(minutes=5)).replace(second=0, microsecond=0)
    agreed = {"person": "张伟", "consent": "on", "asked_at": f"{asked:%Y-%m-%dT%H:%M}"}

    answer = send(client, ticket, upload(MP3, "通话.mp3"), stage="call", **agreed)
    page = client.get(reverse("ticket", args=[ticket.number])).content.decode()

    consent = RecordingConsent.objects.get()
    kept = Evidence.objects.get(stage="call")
    assert answer.status_code == 303
    assert (consent.evidence, consent.given_by, consent.asked_at) == (kept, "张伟", asked)
    assert (consent.asked_by, kept.owner_may_see) == (house.people["front_desk"], False)
    assert "通话录音 · 沈静怡 · 张伟" in page


@pytest.mark.row("IN-12")
def test_without_consent_no_recording_is_kept(client, house):
    ticket = house.register()
    client.force_login(house.people["front_desk"])

    bare = send(client, ticket, upload(MP3, "通话.mp3"), stage="call")
    hidden = send(client, ticket, upload(MP3, "通话.mp3"), stage="chat")

    assert errors(bare) == {
        "consent": ["未经业主同意的录音不能存档。"],
        "person": ["请填写同意存档的人。"],
        "asked_at": ["请填写征得同意的时间。"],
    }
    assert errors(hidden) == {"stage": ["录音请选“通话录音”，并记录业主的同意。"]}
    with pytest.raises(desk_files.ConsentMissing):
        files = store.examined([upload(MP3, "通话.mp3")], kinds=store.AUDIO)
        desk_files.add(ticket=ticket, files=files, stage="call", by=house.actor("front_desk"), at=AT)
    assert Evidence.objects.count() == 0


@pytest.mark.row("IN-12")
def test_a_chat_is_kept_as_a_screenshot_that_stays_inside(client, house):
    ticket = house.register()
    client.force_login(house.people["front_desk"])

    send(client, ticket, pictures.photo(1, "聊天.jpg"), stage="chat")

    kept = Evidence.objects.get()
    event = ticket.events.get(name="add_evidence")
    assert (kept.stage, kept.kind, kept.owner_may_see) == ("chat", "photo", False)
    assert (event.payload["stage"], event.payload["evidence"][0]["sha256"]) == ("chat", kept.sha256)


# -- written applications ----------------------------------------------------------


def approve(house: House, ticket: Ticket) -> Ticket:
    proposal = proposals.ensure(ticket=ticket, at=AT)
    return assign.approve(proposal=proposal, by=house.actor("dispatcher"), at=AT)


@pytest.mark.row("IN-14")
def test_a_destructive_fault_is_not_dispatched_before_the_application_is_there(house):
    FaultCategory.objects.update(destructive=True)
    house.fault.refresh_from_db()
    ticket = house.register()

    with pytest.raises(workflow.NotReady) as refused:
        approve(house, ticket)
    desk_files.add(
        ticket=ticket,
        files=pictures.examined(pictures.photo(1, "申请.jpg")),
        stage="application",
        applicant="张伟",
        by=house.actor("front_desk"),
        at=AT,
    )
    sent = approve(house, ticket)

    assert str(refused.value) == "派单前还缺：业主签字的书面申请（破坏性作业）。"
    assert sent.status == Status.DISPATCHED
    assert ticket.events.get(name="add_application").payload["applicant"] == "张伟"


@pytest.mark.row("IN-14")
def test_the_machine_itself_refuses_whoever_asks(house):
    ticket = house.register()
    marked = desk_files.mark_destructive(ticket=ticket, reason="撬锁", by=house.actor("front_desk"), at=AT)

    with pytest.raises(workflow.NotReady):
        workflow.step(
            ticket=marked, name="dispatch", by=house.actor("dispatcher"), at=AT, handler=house.worker.user
        )


@pytest.mark.row("IN-14")
def test_the_desk_marks_it_sees_what_is_missing_and_uploads_it(client, house):
    ticket = house.register()
    client.force_login(house.people["front_desk"])
    page = reverse("ticket", args=[ticket.number])

    client.post(
        reverse("ticket_destructive", args=[ticket.number]), {"form_key": str(uuid4()), "reason": "撬锁"}
    )
    marked = client.get(page).content.decode()
    nameless = send(client, ticket, pictures.photo(1, "申请.jpg"), stage="application")
    send(client, ticket, pictures.photo(1, "申请.jpg"), stage="application", person="张伟")
    complete = client.get(page).content.decode()

    assert errors(nameless) == {"person": ["请填写签字的申请人。"]}
    assert ["业主签字的书面申请" in text for text in (marked, complete)] == [True, False]


@pytest.mark.row("IN-14")
def test_the_reviewer_reads_what_is_missing_and_is_refused_with_the_reason(client, house):
    FaultCategory.objects.update(destructive=True)
    house.fault.refresh_from_db()
    ticket = house.register()
    proposal = proposals.ensure(ticket=ticket, at=AT)
    client.force_login(house.people["dispatcher"])
    ticket = Ticket.objects.get(pk=ticket.pk)
    form = {
        "form_key": str(uuid4()),
        "worker": proposal.candidates[0]["worker"],
        "version": ticket.version,
    }

    page = client.get(reverse("dispatch_review", args=[ticket.number])).content.decode()
    refused = client.post(reverse("dispatch_approve", args=[ticket.number]), form)

    missing = "业主签字的书面申请（破坏性作业）"
    assert (missing in page, missing in refused.content.decode()) == (True, True)
    assert Ticket.objects.get(pk=ticket.pk).status == Status.IN_REVIEW
