"""Files kept with a ticket: quotas, hashes, and no file without a row (IN-12)."""

import base64
import hashlib
import io
import json
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import now
from PIL import Image, ImageDraw

from core import store
from core.filefields import SignatureField
from tests import factories_files as build
from tests.tickets import rows
from tests.tickets.rows import AT
from tickets import evidence, tasks
from tickets.actors import Actor
from tickets.models import Evidence

STAGE = Evidence.Stage


def photos(count: int = 1) -> list:
    return store.examined([build.upload(build.picture(), f"照片{n}.jpg") for n in range(count)])


def read(name: str) -> bytes:
    with default_storage.open(name) as file:
        return file.read()


@pytest.fixture
def ticket(db):
    return rows.ticket()


@pytest.fixture
def owner(ticket):
    return Actor.owner(ticket_id=ticket.pk, name="张伟")


@pytest.mark.row("IN-12")
def test_a_photo_is_kept_with_stage_person_time_and_hash(ticket):
    user = rows.staff("front_desk", ticket.estate)
    content = build.picture(place=True)
    files = store.examined([build.upload(content, "../漏水.jpg")])

    evidence.add(ticket=ticket, files=files, stage=STAGE.REPORT, by=Actor.staff(user), at=AT)

    row = Evidence.objects.get()
    assert (row.ticket, row.stage, row.kind, row.name) == (ticket, "report", "photo", "漏水.jpg")
    assert (row.content_type, row.size) == ("image/jpeg", len(content))
    assert (row.added_by, row.added_by_name, row.added_at) == (user, "李娜", AT)
    assert row.sha256 == hashlib.sha256(read(row.original)).hexdigest() == hashlib.sha256(content).hexdigest()


@pytest.mark.row("IN-12")
def test_an_event_can_vouch_for_files_by_their_hashes(ticket, owner):
    first, second = evidence.add(ticket=ticket, files=photos(2), stage=STAGE.REPORT, by=owner, at=AT)

    assert evidence.as_payload([first, second]) == [
        {"id": str(first.pk), "kind": "photo", "sha256": first.sha256},
        {"id": str(second.pk), "kind": "photo", "sha256": second.sha256},
    ]


def test_a_call_recording_may_be_hidden_from_the_owner(ticket):
    files = store.examined([build.upload(build.AMR, "来电.amr")], kinds=store.AUDIO)

    (row,) = evidence.add(
        ticket=ticket, files=files, stage=STAGE.REPORT, by=Actor.system(), at=AT, owner_may_see=False
    )

    assert (row.kind, row.owner_may_see, row.preview, row.added_by) == ("audio", False, "", None)


def test_no_files_are_no_evidence(ticket, owner):
    assert evidence.add(ticket=ticket, files=[], stage=STAGE.REPORT, by=owner, at=AT) == []


def refusal(ticket, files, by, at=AT) -> str:
    # A savepoint, since the service ends the transaction it refuses in.
    with pytest.raises(store.RefusedFile) as caught, transaction.atomic():
        evidence.add(ticket=ticket, files=files, stage=STAGE.DURING, by=by, at=at)
    return str(caught.value)


@pytest.mark.row("IN-12")
def test_a_ticket_takes_thirty_files(ticket, owner):
    evidence.add(ticket=ticket, files=photos(28), stage=STAGE.DURING, by=owner, at=AT)

    assert refusal(ticket, photos(3), owner) == "每张工单最多 30 个文件，还可以添加 2 个。"
    evidence.add(ticket=ticket, files=photos(2), stage=STAGE.DURING, by=owner, at=AT)
    assert refusal(ticket, photos(1), owner) == "每张工单最多 30 个文件，还可以添加 0 个。"
    assert ticket.evidence.count() == 30


def test_one_video_comes_at_a_time(ticket, owner):
    files = store.examined([build.upload(build.video(), f"{n}.mp4") for n in range(2)])

    assert refusal(ticket, files, owner) == "一次只能上传一段视频，请分几次添加。"


def test_an_owners_phone_may_send_300_megabytes_a_day_over_all_its_tickets(ticket, owner):
    other = rows.ticket()
    (sent,) = evidence.add(ticket=other, files=photos(), stage=STAGE.REPORT, by=Actor.system(), at=AT)
    Evidence.objects.filter(pk=sent.pk).update(size=300 * 2**20)

    assert refusal(ticket, photos(), owner) == "今天上传的文件已达上限（300 MB），请明天再传，或联系客服。"
    assert len(
        evidence.add(
            ticket=ticket, files=photos(), stage=STAGE.REPORT, by=owner, at=AT + timedelta(days=1, seconds=1)
        )
    ) == 1  # fmt: skip


def signature():
    image = Image.new("RGB", (600, 200), "white")
    ImageDraw.Draw(image).line([(20, 20), (500, 150)], fill="black", width=4)
    target = io.BytesIO()
    image.save(target, "PNG")
    points = [{"x": n + 0.25, "y": 2 * n, "time": 1_778_000_000_000 + n, "pressure": 0.5} for n in range(12)]
    png = "data:image/png;base64," + base64.b64encode(target.getvalue()).decode()
    return SignatureField().clean(json.dumps({"strokes": [{"points": points}], "png": png}))


@pytest.mark.row("IN-12")
def test_a_signature_keeps_its_picture_its_strokes_and_both_hashes(ticket, owner):
    signed = signature()

    added = evidence.add_signature(
        ticket=ticket, signature=signed, signer="张伟", stage=STAGE.PLAN, by=owner, at=AT
    )

    row = Evidence.objects.get()
    assert (row.kind, row.signer, row.strokes, read(row.original)) == (
        "signature",
        "张伟",
        signed.strokes,
        signed.png,
    )
    assert evidence.as_payload([row]) == evidence.as_payload([added]) == [
        {
            "id": str(row.pk),
            "kind": "signature",
            "sha256": hashlib.sha256(signed.png).hexdigest(),
            "signer": "张伟",
            "strokes_sha256": evidence.strokes_sha256(signed.strokes),
        }
    ]  # fmt: skip


class Failed(Exception):
    pass


def add_and_fail(ticket, owner, kept: list[Evidence]) -> None:
    with transaction.atomic():
        kept += evidence.add(ticket=ticket, files=photos(), stage=STAGE.REPORT, by=owner, at=AT)
        raise Failed


@pytest.mark.row("IN-12")
@pytest.mark.django_db(transaction=True)
def test_a_step_that_fails_leaves_neither_row_nor_file():
    ticket, kept = rows.ticket(), []
    by = Actor.owner(ticket_id=ticket.pk, name="张伟")

    with pytest.raises(Failed):
        add_and_fail(ticket, by, kept)

    (row,) = kept
    names = [row.original, row.preview, row.thumbnail]
    assert ([default_storage.exists(name) for name in names], Evidence.objects.count()) == ([False] * 3, 0)


def test_files_without_a_row_are_swept_once_they_are_old(ticket, owner):
    # Files of tests before this one, whose rows were taken back.
    evidence.purge_orphans(older_than=now() + timedelta(minutes=1))
    (row,) = evidence.add(ticket=ticket, files=photos(), stage=STAGE.REPORT, by=owner, at=AT)
    lost = "/2026/05/lost"
    for folder in ("originals", "previews", "thumbnails"):
        default_storage.save(folder + lost, ContentFile(b"left by a process that died"))

    assert tasks.purge_orphans() == 0
    assert evidence.purge_orphans(older_than=now() + timedelta(minutes=1)) == 1
    assert [default_storage.exists(name) for name in ("originals" + lost, "previews" + lost)] == [
        False,
        False,
    ]
    assert [default_storage.exists(name) for name in (row.original, row.preview, row.thumbnail)] == [True] * 3
