"""What machines, mails, messengers and old books say is kept as text too, whatever it is made of."""

import io

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from channels.history_import import columns
from channels.mailbox import letters
from channels.models import Alarm
from channels.wechat import inbound, wire
from core.workbooks import open_workbook_safely
from dispatch import worker_book, worker_columns
from dispatch.models import Worker
from estates.columns import TITLES
from estates.models import Household
from estates.resources import UnitOwnerResource
from knowledge.models import FaultCategory
from tests.channels.test_history_import import checked, row_of
from tests.estates import books
from tests.factories_devices import device_of, post
from tests.fuzz import drawn, hostile
from tests.fuzz.asking import faults_of
from tests.house import House
from tickets import incoming
from tickets.models import Incoming

pytestmark = pytest.mark.django_db
# Columns of the book that take any words.
WORDS = ("故障描述", "报修人", "维修人员")
COLUMNS = [column.title for column in columns.COLUMNS]
HEADERS = ["From", "Reply-To", "Subject", "Message-ID", "Content-Type", "Content-Disposition", "Precedence"]
HEADERS += ["Content-Transfer-Encoding", "Auto-Submitted", "Return-Path", "List-Id"]
FORMS = [
    '"{}" <a@example.cn>', "<{}@example.cn>", "=?utf-8?b?{}?=", "=?{}?q?=E6?=", "text/plain; charset={}",
    "attachment; filename*={}''a.jpg", 'attachment; filename="{}"', "multipart/mixed; boundary={}", "{}",
    "base64", "x-uuencode", "text/html",
]  # fmt: skip
ELEMENTS = [
    "FromUserName",
    "MsgType",
    "MsgId",
    "Content",
    "Event",
    "Label",
    "MediaId",
    "Status",
    "MsgID",
    "x",
]
KINDS = ["text", "image", "location", "event", "voice", "subscribe", "templatesendjobfinish"]


@pytest.fixture(scope="module")
def house(scene) -> House:
    """The house of the scene."""
    cache.clear()
    names = ("manager", "dispatcher", "front_desk")
    return House(
        household=Household.objects.get(unit=scene.here["unit"]),
        fault=FaultCategory.objects.get(pk=scene.here["fault"]),
        people={name: User.objects.get(username=name) for name in names},
        worker=Worker.objects.get(user__username="worker"),
    )


def test_a_machine_says_nothing_that_a_browser_would_run(house, client):
    device = device_of(house)
    answers = [post(device, {"value": text}) for text in hostile.packed(58)]
    answers.append(post(device, {"kind": hostile.packed(58)[0]}))

    assert {answer.status_code for answer in answers} == {200, 201, 422}
    client.force_login(house.people["dispatcher"])
    alarm = Alarm.objects.get(device=device)
    page = client.get(f"/desk/t/{alarm.ticket.number}/")
    assert (page.status_code, faults_of(page.content)) == (200, [])
    # More than sixty in a minute would be counted only; what was said last is what stands there.
    assert alarm.value == hostile.packed(58)[-1].encode(errors="replace").decode().strip()


PLAIN = st.one_of(drawn.TEXT, st.integers(), st.floats(), st.booleans(), st.none())
SAID = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("value", "at", "kind", "state", "device", "x"), PLAIN)
)


@given(st.one_of(SAID, st.fixed_dictionaries({"value": drawn.TEXT}), st.binary(max_size=60)))
@drawn.bounded(25)
def test_whatever_a_machine_sends_is_an_alarm_or_a_mistake(house, said):
    with drawn.taken_back():
        answer = post(device_of(house), said)
        words = answer.json()

        assert (answer.status_code, "error" in words) in {(201, False), (413, True), (422, True)}
        if answer.status_code == 201 and isinstance(said.get("value"), str):
            assert Alarm.objects.latest("pk").value == said["value"].encode(errors="replace").decode().strip()


@given(
    st.lists(st.tuples(st.sampled_from(HEADERS), st.sampled_from(FORMS), drawn.TEXT), max_size=6),
    st.one_of(drawn.TEXT.map(lambda text: text.encode(errors="surrogatepass")), st.binary(max_size=300)),
)
@drawn.bounded(120)
def test_whatever_a_mail_is_made_of_becomes_a_draft(headers, body):
    lines = [f"{name}: {form.format(text)}" for name, form, text in headers]
    raw = "\r\n".join(lines).encode(errors="surrogatepass") + b"\r\n\r\n" + body
    with drawn.taken_back():
        row, _ = incoming.receive(letters.read(raw, own=frozenset()), at=now())
        row.refresh_from_db()

        assert "\0" not in row.text + row.subject + row.sender_name + row.reply_to_id


@given(
    st.lists(st.tuples(st.sampled_from(ELEMENTS), st.one_of(st.sampled_from(KINDS), drawn.TEXT)), max_size=8)
)
@drawn.bounded(60)
def test_whatever_a_messenger_brings_is_a_draft_or_no_message(said):
    inside = "".join(f"<{name}><![CDATA[{text}]]></{name}>" for name, text in said)
    raw = f"<xml><FromUserName>openid</FromUserName><MsgId>1</MsgId>{inside}</xml>"
    with drawn.taken_back():
        try:
            message = wire.read(raw.encode(errors="surrogatepass"))
        except wire.BadXml:
            return
        words = inbound.take(message, at=now())

        assert wire.read(wire.answer(message, words, at=now()))["Content"] == words


def test_the_draft_of_a_hostile_mail_is_shown_as_text(house, client):
    client.force_login(house.people["front_desk"])
    said = "\r\n".join(hostile.SHORT).encode(errors="surrogatepass")
    name = " ".join(hostile.MARKUP).replace('"', "'")
    raw = f'From: "{name}" <a@example.cn>\r\nSubject: {name}\r\n\r\n'.encode() + said
    row, _ = incoming.receive(letters.read(raw, own=frozenset()), at=now())
    Incoming.objects.filter(pk=row.pk).update(estate=house.estate)

    pages = [client.get(reverse("desk_incoming_item", args=[row.pk])), client.get(reverse("desk_incoming"))]

    assert [(page.status_code, faults_of(page.content)) for page in pages] == [(200, [])] * 2


def test_an_old_book_full_of_hostile_words_is_shown_as_text(house, client):
    packs = [text.replace("\ud83d", "") for text in hostile.packed(58)]
    rows = [row_of(house, number, **dict.fromkeys(WORDS, text)) for number, text in enumerate(packs)]
    job = checked(house, *rows)
    client.force_login(house.people["manager"])

    page = client.get(f"/desk/history/{job.pk}/")

    # Control characters are refused, each at its column.
    refused = [[column for column, _ in mistakes] for _, _, mistakes in job.mistakes]
    assert (page.status_code, faults_of(page.content), refused) == (200, [], [list(WORDS)])


CELLS = drawn.TEXT.map(lambda text: drawn.decoded(text)[:32_000])


@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), CELLS, max_size=4), min_size=12, max_size=12))
@drawn.bounded(6)
def test_whatever_stands_in_an_old_book_is_a_row_or_a_mistake_at_its_column(house, rows):
    with drawn.taken_back():
        job = checked(house, *(row_of(house, number, **cells) for number, cells in enumerate(rows)))

        named = {column for _, _, mistakes in job.mistakes for column, _ in mistakes}
        assert (job.state in {"ready", "refused"}, named - {*COLUMNS}) == (True, set())


HANDS = st.dictionaries(st.sampled_from(worker_columns.TITLES), CELLS, max_size=3)
HOMES = st.dictionaries(st.sampled_from(TITLES), CELLS, max_size=3)


@given(st.lists(st.tuples(HANDS, HOMES), min_size=12, max_size=12))
@drawn.bounded(5)
def test_whatever_stands_in_a_book_of_workers_or_of_homes_is_refused_or_shown(house, rows):
    by = User.objects.get(username="manager")
    usual = {"工号": "W2", "姓名": "李梅", "手机号": "13800020002", "片区": house.estate.area.name}
    home = {"项目代码": house.estate.code, "楼栋": "3栋", "单元": "2单元", "房号": "1201", "批次": "一期"}
    hands = [usual | {"负责项目": house.estate.code, "工种": "水电工"} | cells for cells, _ in rows]
    homes = [home | {"业主姓名": "张伟", "电话": "13800138000"} | cells for _, cells in rows]
    with drawn.taken_back():
        read = open_workbook_safely(io.BytesIO(hostile.workbook(*_lines(hands, worker_columns.TITLES))))
        numbered = list(enumerate(read.cells[2:], start=3))
        plan = worker_book.plan_import(user=by, header=worker_columns.TITLES, rows=numbered, at=now())
        opened = open_workbook_safely(books.workbook(*homes))
        result = UnitOwnerResource().import_data(opened, dry_run=True, user=by)

        assert (len(plan.lines), result.total_rows) == (12, 12)


def _lines(rows: list[dict[str, str]], titles: list[str]) -> list[list[str]]:
    return [titles, *([each.get(title, "") for title in titles] for each in rows)]
