"""The mailbox read over a real connection: each mail becomes one draft, whatever breaks in between."""

import email
import email.policy
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import now

from channels import tasks
from channels.mailbox import polling
from channels.models import Mailbox
from core.models import ServiceRun
from notices import delivery
from tests.channels import certificates
from tests.channels.imap import imap_server
from tests.channels.mails import mail, mail_of, part, photo, program
from tests.factories_files import ZIP, picture
from tests.house import House
from tests.notices.smtp import mail_server
from tickets.models import Incoming, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-01")]


@pytest.fixture
def server(settings):
    with imap_server() as running:
        settings.MAILBOX_HOST, settings.MAILBOX_PORT = "127.0.0.1", running.port
        settings.MAILBOX_SECURITY = "none"
        settings.MAILBOX_USER, settings.MAILBOX_PASSWORD = "repairs@example.cn", "s3cret word"
        yield running


def drafts() -> list[str]:
    return list(Incoming.objects.order_by("received_at", "subject").values_list("subject", flat=True))


def test_a_new_mail_becomes_a_draft_with_its_files(server):
    delivered = server.deliver(mail(files=[photo(), program()]))

    assert tasks.poll_mailbox() == 1

    row = Incoming.objects.get()
    assert (row.channel, row.sender_name, row.sender_phone) == ("email", "张伟", "13800138000")
    assert row.received_at == datetime(2026, 5, 8, 1, 0, tzinfo=UTC)
    assert [file.name for file in row.files.all()] == ["漏水.jpg"]
    assert row.remarks.startswith("「说明.exe」的内容是 Windows 程序")
    assert delivered.flags == {"\\Seen"}


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("trusted", [True, False])
def test_the_way_is_encrypted_and_a_strange_certificate_is_refused(settings, tmp_path, security, trusted):
    certificate, authority = certificates.make(tmp_path)
    with imap_server(certificate, starttls=security == "starttls") as server:
        settings.MAILBOX_HOST, settings.MAILBOX_PORT = "127.0.0.1", server.port
        settings.MAILBOX_SECURITY = security
        settings.MAILBOX_CA_FILE = str(authority) if trusted else ""
        settings.MAILBOX_USER, settings.MAILBOX_PASSWORD = "repairs@example.cn", "s3cret word"
        server.deliver(mail())

        assert (tasks.poll_mailbox(), "LOGIN" in server.commands) == (int(trusted), trusted)


def test_nothing_happens_without_a_mailbox(settings):
    settings.MAILBOX_HOST = ""

    assert (tasks.poll_mailbox(), Mailbox.objects.count()) == (0, 0)


def test_a_mail_is_taken_once(server):
    server.deliver(mail())
    tasks.poll_mailbox()
    server.deliver(mail(Message_ID="<2@example.cn>", Subject="第二封"))

    assert (tasks.poll_mailbox(), tasks.poll_mailbox()) == (1, 0)
    assert drafts() == ["报修：厨房漏水", "第二封"]


def test_the_same_mail_delivered_twice_is_one_draft(server):
    server.deliver(mail())
    server.deliver(mail())

    assert (tasks.poll_mailbox(), Incoming.objects.count()) == (1, 1)


def test_what_people_had_read_before_the_start_is_left_alone(server):
    server.deliver(mail(Subject="旧的"), seen=True)
    server.deliver(mail(Subject="未读", Message_ID="<2@example.cn>"))
    tasks.poll_mailbox()
    server.deliver(mail(Subject="先被人看过", Message_ID="<3@example.cn>"), seen=True)
    tasks.poll_mailbox()

    assert drafts() == ["先被人看过", "未读"]


def test_a_reader_that_dies_before_marking_takes_no_mail_twice(server):
    server.deliver(mail())
    server.hang_up_at = {"STORE"}
    tasks.poll_mailbox()
    server.hang_up_at = set()
    tasks.poll_mailbox()

    assert (Incoming.objects.count(), Mailbox.objects.get().last_uid) == (1, 1)


def test_a_reader_that_dies_before_writing_takes_the_mail_the_next_time(server):
    server.deliver(mail())
    server.hang_up_at = {"FETCH"}
    tasks.poll_mailbox()
    before = Incoming.objects.count()
    server.hang_up_at = set()
    tasks.poll_mailbox()

    assert (before, Incoming.objects.count()) == (0, 1)


def test_a_new_numbering_brings_no_old_mail_back(server):
    server.deliver(mail())
    tasks.poll_mailbox()
    server.uidvalidity = 8
    server.deliver(mail(Subject="新的", Message_ID="<2@example.cn>"))
    tasks.poll_mailbox()

    assert sorted(drafts()) == ["报修：厨房漏水", "新的"]


def test_only_one_reads_at_a_time(server):
    server.deliver(mail())
    box = Mailbox.objects.create(name="repairs@example.cn@127.0.0.1/INBOX", busy_until=now() + polling.LEASE)

    busy = tasks.poll_mailbox()
    Mailbox.objects.filter(pk=box.pk).update(busy_until=now())

    assert (busy, tasks.poll_mailbox()) == (0, 1)


def test_a_mail_that_is_too_large_leaves_its_header_and_a_remark(server, settings):
    settings.MAILBOX_MAX_BYTES = 1000
    server.deliver(mail("长" * 2000))
    tasks.poll_mailbox()

    row = Incoming.objects.get()
    assert (row.subject, row.text) == ("报修：厨房漏水", "")
    assert row.remarks.endswith("超过上限，正文和附件没有收取，请到邮箱查看。")


@pytest.mark.parametrize(("tries", "subject"), [(polling.TRIES, "报修：厨房漏水"), (2 * polling.TRIES, "")])
def test_a_mail_that_killed_the_reader_leaves_a_line_and_lets_the_next_one_in(server, tries, subject):
    server.deliver(mail())
    server.deliver(mail(Subject="第二封", Message_ID="<2@example.cn>"))
    name = "repairs@example.cn@127.0.0.1/INBOX"
    Mailbox.objects.create(name=name, uidvalidity=7, baseline=2, trying_uid=1, tries=tries)
    tasks.poll_mailbox()

    poisoned = Incoming.objects.exclude(subject="第二封").get()
    assert (poisoned.subject, poisoned.remarks) == (subject, "这封邮件无法读取，正文和附件请到邮箱查看。")
    assert Incoming.objects.count() == 2


TORN = "boundary*=utf-8''a; boundary*1=b"


def test_no_mail_holds_up_the_next_one(server):
    worst = [
        [part(b"x", kind=f"multipart/mixed; {TORN}")],
        [part(b"x", disposition="attachment; filename*=utf-8''a; filename*1=b")],
        [part(b"x", kind="text/plain; charset*=a''b; charset*1=c")],
        [part(picture(size=(64, 48)))] * 200,
        [b"\r\nx"] * 6_000,
        [b"Content-Type: message/rfc822\r\n\r\n" * 900],
        [part(b"", disposition="attachment; filename=\0"), part(ZIP)],
    ]
    for number, parts in enumerate(worst):
        server.deliver(mail_of(*parts, number=number))
    server.deliver(mail_of(number=len(worst), kind=f"multipart/mixed; {TORN}"))
    server.deliver(mail(Message_ID="<last@example.cn>"))

    assert tasks.poll_mailbox() == len(worst) + 2
    assert sorted(drafts()) == [*map(str, range(len(worst) + 1)), "报修：厨房漏水"]
    assert Incoming.objects.filter(state="new").count() == len(worst) + 2


@pytest.mark.parametrize("trouble", ["down", "password"])
def test_trouble_with_the_server_is_written_down_and_the_next_minute_tries_again(server, settings, trouble):
    if trouble == "down":
        settings.MAILBOX_PORT = 1
    else:
        settings.MAILBOX_PASSWORD = "wrong"

    tasks.poll_mailbox()

    note = ServiceRun.objects.get(name="mailbox").note
    assert note.startswith("邮箱服务器连接失败" if trouble == "down" else "邮箱读取失败")
    assert Mailbox.objects.get().busy_until is None


def test_a_bounce_is_kept_but_does_not_wait(server):
    server.deliver(mail(Return_Path="<>", Subject="Undelivered"))
    tasks.poll_mailbox()

    row = Incoming.objects.get()
    assert (row.state, row.reason) == ("dismissed", "退信或投递报告，系统略过")


@pytest.mark.row("OR-03")
def test_once_registered_the_sender_gets_the_number_as_an_answer_to_the_mail(server, client, settings):
    house = House.build("front_desk")
    client.force_login(house.people["front_desk"])
    server.deliver(mail())
    tasks.poll_mailbox()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"

    with mail_server() as post_office:
        settings.EMAIL_PORT = post_office.server_address[1]
        client.post(
            reverse("desk_intake"),
            {
                "form_key": str(uuid4()),
                "incoming": str(Incoming.objects.get().pk),
                "unit": house.household.unit_id,
                "reporter_name": "张伟",
                "reporter_phone": "13800138000",
                "fault": house.fault.pk,
                "description": "漏水",
                "wanted": "尽快",
                "channel": "email",
                "port": "property",
            },
        )
        delivery.deliver_due()
        answer = email.message_from_bytes(post_office.received[0], policy=email.policy.default)

    ticket = Ticket.objects.get()
    assert (answer["To"], answer["In-Reply-To"]) == ("zhang@example.cn", "<1@example.cn>")
    assert (answer["Subject"], answer["Auto-Submitted"]) == (
        f"您的报修已登记 {ticket.number}",
        "auto-replied",
    )
    assert ticket.number in answer.get_content()
