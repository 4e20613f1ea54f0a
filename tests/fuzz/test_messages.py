"""Files by mail and WeChat are kept and served inert, or named in the draft (T11 to T18)."""

import base64
import re
from urllib.parse import quote

import pytest
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st

from channels import tasks
from channels.mailbox import letters
from tests.channels.mails import mail_of, part
from tests.channels.test_wechat import say, xml
from tests.fuzz import drawn, hostile, served
from tests.notices.wechat_server import wechat_server
from tickets import incoming
from tickets.models import Incoming, Status

pytestmark = pytest.mark.django_db
NAMES = st.one_of(
    drawn.TEXT,
    st.sampled_from(
        [
            *("../../etc/passwd", "C:\\x\\漏水.jpg", "漏\0水.jpg", "漏\u202egpj.exe", "漏" * 300 + ".jpg"),
            *("漏。请水，不能上传.jpg", "漏」水「.jpg", "", ".", '";filename="b.jpg'),
        ]
    ),
)


def _quoted(name: str) -> str:
    return quote(name, safe="", errors="surrogatepass")


def _word(name: str) -> str:
    return base64.b64encode(name.encode(errors="surrogatepass")).decode()


# How programs write the name of a file into a header, and how attackers do.
WAYS = {
    "as it is": lambda name: f'filename="{name}"',
    "without marks": lambda name: f"filename={name}",
    "by RFC 2231": lambda name: f"filename*=utf-8''{_quoted(name)}",
    "in pieces": lambda name: f"filename*0*=utf-8''{_quoted(name[:3])}; filename*1*={_quoted(name[3:])}",
    "in pieces without order": lambda name: f"filename*1=b; filename*9*=%E6{_quoted(name)}",
    "in pieces and whole": lambda name: f"filename*=utf-8''{_quoted(name)}; filename*1=b",
    "by a number that is none": lambda name: f"filename*{'9' * 5000}*=utf-8''{_quoted(name)}",
    "by encoded words": lambda name: f'filename="=?utf-8?b?{_word(name)}?= =?gb2312?q?=C2=A9?="',
    "by broken words": lambda name: f'filename="=?utf-8?b?{_word(name)[1:]}?= =?x-none?q?=ZZ?="',
    "in letters that are none": lambda name: f"filename*=x-none''{_quoted(name)}",
    "not at all": lambda name: "",
}
KINDS = [
    *("image/jpeg", "text/html", "text/plain; charset*=a''b; charset*1=c", "image/svg+xml", "nonsense", ""),
    *("message/rfc822", "message/delivery-status", "message/external-body", "application/zip"),
    *("multipart/mixed", "multipart/mixed; boundary*=a''b; boundary*1=c", "image/jpeg; name*=x; name*1=y"),
]
CODINGS = ["base64", "quoted-printable", "7bit", "binary", "x-uuencode", "uu", "8bit;x", "漏"]
NAMED = re.compile("「.+」[^」，。]+(，[^，。]+)?，没有保留，请到邮箱查看。")
BOMB = hostile.BOOKS["workbook that unpacks to much"][1]
INNER = mail_of(part(hostile.JPG)).replace(b"fuzz-", b"inner-")
CONTENTS = {label: content for label, (_, content) in hostile.FILES.items()} | {"bomb": BOMB, "mail": INNER}
PART = st.tuples(
    NAMES,
    st.sampled_from([*WAYS]),
    st.sampled_from(KINDS),
    st.sampled_from(CODINGS),
    st.sampled_from([*CONTENTS]),
)


def written(name: str, way: str, kind: str, coding: str, content: str) -> bytes:
    """An attachment made of these."""
    return part(CONTENTS[content], disposition=f"attachment; {WAYS[way](name)}", kind=kind, coding=coding)


@given(st.lists(PART, min_size=1, max_size=6))
@drawn.bounded(80)
def test_each_file_of_a_mail_is_kept_or_named_in_its_draft(scene, parts):
    with drawn.taken_back():
        row, _ = incoming.receive(
            letters.read(mail_of(*(written(*each) for each in parts)), own=frozenset()), at=now()
        )
        row.refresh_from_db()
        named = row.remarks.split("\n") if row.remarks else []

        assert (row.state, row.files.count() + len(named)) == ("new", len(parts))
        assert [
            line
            for line in named
            if not line.startswith("「") or not line.endswith("，没有保留，请到邮箱查看。")
        ] == []
        assert [
            file.name for file in row.files.all() if not file.name.isprintable() or "/" in file.name
        ] == []


def test_hostile_files_of_a_mail_are_served_inert_or_named(scene, before):
    parts = [
        part(content, disposition=f"attachment; {WAYS['by RFC 2231'](name)}")
        for name, content in hostile.FILES.values()
    ]
    row, _ = incoming.receive(letters.read(mail_of(*parts), own=frozenset()), at=now())

    Incoming.objects.filter(pk=row.pk).update(estate=scene.tickets[Status.SCHEDULED].estate)
    assert served.dangers(scene, before) == []
    assert row.files.count() + len(row.remarks.split("\n")) == len(parts)


def test_hostile_files_by_wechat_are_served_inert_or_asked_for_again(scene, before, client, settings):
    with wechat_server(settings) as server:
        for number, (_, content) in enumerate(hostile.FILES.values()):
            server.files[f"m-{number}"] = content
            say(client, xml("image", str(number), MediaId=f"m-{number}"))
        came = tasks.fetch_wechat_media()

    row = Incoming.objects.get(channel="wechat")
    Incoming.objects.filter(pk=row.pk).update(estate=scene.tickets[Status.SCHEDULED].estate)
    asked_again = row.remarks.count("没能取到")
    assert served.dangers(scene, before) == []
    assert (row.files.count(), came + asked_again) == (came, len(hostile.FILES))
