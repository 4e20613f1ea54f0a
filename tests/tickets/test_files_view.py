"""Who is shown which file, and how it is sent (IN-12, T11, T12, T14)."""

import io
import re
import uuid

import pytest
from django.conf import settings as conf
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image

from core import store
from tests import factories_files as build
from tests.core.files import hostile_names
from tests.tickets import rows
from tickets import evidence, links
from tickets.actors import Actor
from tickets.models import Evidence

pytestmark = pytest.mark.django_db
VIDEO = build.video(place=True)


@pytest.fixture
def ticket():
    return rows.ticket()


@pytest.fixture
def desk(client, ticket):
    """A browser in which the estate's front desk is signed in."""
    client.force_login(rows.staff("front_desk", ticket.estate))
    return client


def add(ticket, content: bytes, name: str = "漏水.jpg", **options) -> Evidence:
    files = store.examined([build.upload(content, name)], kinds=store.EVERYTHING)
    (row,) = evidence.add(
        ticket=ticket, files=files, stage="report", by=Actor.system(), at=rows.AT, **options
    )
    return row


def url(row: Evidence, name: str = "evidence") -> str:
    return reverse(name, args=[row.pk])


def let_in(client, ticket, *, proven: bool = True) -> None:
    """As after opening the owner's link, and giving the phone digits."""
    session = client.session
    session.update({links.SESSION_KEY: ticket.pk, links.PROVEN_KEY: proven})
    session.save()


def body(response) -> bytes:
    return response.getvalue()


@pytest.mark.row("IN-12")
@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "heic"])
def test_a_photo_is_shown_as_a_new_jpeg_and_never_as_it_came(desk, ticket, extension):
    row = add(ticket, build.picture(extension, place=True), "漏水." + extension)

    response = desk.get(url(row))

    content = body(response)
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert (Image.open(io.BytesIO(content)).format, build.DEVICE in content) == ("JPEG", False)
    assert int(response["Content-Length"]) == len(content)


def test_a_thumbnail_is_a_small_webp(desk, ticket):
    response = desk.get(url(add(ticket, build.picture()), "evidence_thumb"))

    assert response["Content-Type"] == "image/webp"
    assert Image.open(io.BytesIO(body(response))).size == (320, 240)


@pytest.mark.row("IN-12")
def test_files_are_sent_so_that_no_browser_runs_them(desk, ticket):
    row = add(ticket, build.picture() + build.HTML, '漏水".html')

    headers = desk.get(url(row)).headers

    wanted = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, max-age=3600",
        "Content-Disposition": "inline; filename*=utf-8''%E6%BC%8F%E6%B0%B4%22.jpg",
    }
    assert {name: headers[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("content", "content_type", "disposition"),
    [
        (build.PDF, "application/pdf", 'attachment; filename="a.pdf"'),
        (build.MP3, "audio/mpeg", 'attachment; filename="a.mp3"'),
        (build.video(), "video/mp4", 'attachment; filename="a.mp4"'),
        (build.AMR, "audio/amr", 'attachment; filename="a.amr"'),
    ],
)
def test_what_is_not_made_anew_is_saved_when_it_is_opened_by_itself(
    desk, ticket, content, content_type, disposition
):
    response = desk.get(url(add(ticket, content, "a.exe")))

    assert (response["Content-Type"], response["Content-Disposition"]) == (content_type, disposition)
    assert body(response) == content


def test_a_hostile_name_splits_no_header(desk, ticket):
    row = add(ticket, build.picture())
    for name in hostile_names()[::10]:
        Evidence.objects.filter(pk=row.pk).update(name=store.clean_name(name))

        disposition = desk.get(url(row))["Content-Disposition"]

        assert disposition.startswith("inline; filename")
        assert disposition.isascii()
        assert disposition.isprintable()
        assert disposition.rstrip('"').endswith(".jpg")


@pytest.mark.row("IN-12", "OR-01")
def test_a_file_of_a_foreign_ticket_looks_like_one_that_does_not_exist(desk):
    foreign = add(rows.ticket(), build.picture())

    for name in ("evidence", "evidence_thumb"):
        refused = desk.get(url(foreign, name))
        missing = desk.get(reverse(name, args=[uuid.uuid4()]))

        assert (refused.status_code, missing.status_code) == (404, 404)
        assert refused.content == missing.content


def test_a_stranger_sees_nothing_and_is_not_sent_to_the_login_page(client, ticket):
    row = add(ticket, build.picture())

    assert [client.get(url(row, name)).status_code for name in ("evidence", "evidence_thumb")] == [404, 404]


@pytest.mark.row("IN-12")
@pytest.mark.parametrize(
    ("role", "status"),
    [("worker", 404), ("contractor", 404), ("front_desk", 200), ("supervisor", 200), ("housekeeper", 200)],
)
def test_staff_see_files_of_the_tickets_they_see(client, ticket, role, status):
    client.force_login(rows.staff(role, ticket.estate))

    assert client.get(url(add(ticket, build.picture()))).status_code == status


@pytest.mark.row("IN-12")
def test_an_owner_sees_what_is_meant_for_owners_of_the_own_ticket_alone(client, ticket):
    own, hidden = add(ticket, build.picture()), add(ticket, build.picture(), owner_may_see=False)
    foreign = add(rows.ticket(), build.picture())
    let_in(client, ticket)

    statuses = [client.get(url(row)).status_code for row in (own, hidden, foreign)]

    assert statuses == [200, 404, 404]


@pytest.mark.row("IN-12")
def test_the_link_alone_shows_no_file_before_the_phone_digits_are_known(client, ticket):
    row = add(ticket, build.picture())
    let_in(client, ticket, proven=False)

    assert client.get(url(row)).status_code == 404


def test_nothing_is_changed_through_these_addresses(desk, ticket):
    row = add(ticket, build.picture())

    assert [desk.post(url(row)).status_code, desk.delete(url(row)).status_code] == [405, 405]


def test_a_file_that_is_gone_from_the_store_is_a_plain_404(desk, ticket):
    row = add(ticket, build.picture())
    default_storage.delete(row.preview)

    assert desk.get(url(row)).status_code == 404


@pytest.mark.row("IN-12")
def test_a_video_is_sent_whole_without_its_place(desk, ticket):
    row = add(ticket, VIDEO, "漏水.mp4")

    response = desk.get(url(row))

    content = body(response)
    assert (response.status_code, response["Accept-Ranges"], len(content)) == (200, "bytes", len(VIDEO))
    assert (build.PLACE in content, desk.get(url(row, "evidence_thumb")).status_code) == (False, 404)


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-", 0, len(VIDEO)),
        ("bytes=0-1", 0, 2),
        ("bytes=100-299", 100, 300),
        ("bytes=200-", 200, len(VIDEO)),
        ("bytes=-50", len(VIDEO) - 50, len(VIDEO)),
        ("bytes=-999999", 0, len(VIDEO)),
        ("bytes=10-999999", 10, len(VIDEO)),
    ],
)
def test_a_player_gets_the_bytes_it_asks_for(desk, ticket, asked, start, end):
    row = add(ticket, VIDEO)
    whole = body(desk.get(url(row)))

    response = desk.get(url(row), headers={"Range": asked})

    assert (response.status_code, body(response)) == (206, whole[start:end])
    assert response["Content-Range"] == f"bytes {start}-{end - 1}/{len(VIDEO)}"
    assert int(response["Content-Length"]) == end - start


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=-", "bytes=9-3", "pages=1-2", "bytes=a-b", "bytes=²-"]
)
def test_a_range_that_makes_no_sense_is_ignored(desk, ticket, asked):
    response = desk.get(url(add(ticket, VIDEO)), headers={"Range": asked})

    assert (response.status_code, len(body(response))) == (200, len(VIDEO))


@pytest.mark.parametrize("asked", [f"bytes={len(VIDEO)}-", "bytes=999999-", "bytes=-0"])
def test_a_range_behind_the_end_is_answered_with_the_size(desk, ticket, asked):
    response = desk.get(url(add(ticket, VIDEO)), headers={"Range": asked})

    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{len(VIDEO)}")


def test_nginx_is_told_which_file_to_send(desk, ticket, settings):
    settings.X_ACCEL_PREFIX = "/protected/"
    row = add(ticket, VIDEO)

    response = desk.get(url(row))

    assert (response.content, response["Content-Type"]) == (b"", "video/mp4")
    assert response["X-Accel-Redirect"] == f"/protected/{row.preview}"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"


# What nginx itself takes over from an answer that names a file (ngx_http_upstream_headers_in).
TAKEN_OVER = {"Content-Type", "Content-Disposition", "Cache-Control", "Accept-Ranges", "Set-Cookie"}


def test_nginx_is_told_to_send_the_headers_that_it_would_drop(desk, ticket, settings):
    settings.X_ACCEL_PREFIX = "/protected/"
    settings.SECURE_HSTS_SECONDS = 1
    sent = desk.get(url(add(ticket, VIDEO)), secure=True).headers
    config = (conf.BASE_DIR / "deploy/nginx/fangxiu.conf").read_text()

    passed_on = dict(re.findall(r"# +add_header ([\w-]+) \$upstream_http_(\w+) always;", config))

    dropped = {*sent} - TAKEN_OVER - {"X-Accel-Redirect", "Content-Length", "Vary"}
    assert passed_on == {name: name.lower().replace("-", "_") for name in dropped}
