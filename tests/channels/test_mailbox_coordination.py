"""What counterparts answer by mail goes to the request that its subject names (DI-11)."""

import email
import email.policy

import pytest

from channels import tasks
from coordination import presets, requests
from coordination.models import Counterpart, Request, RequestFile
from coordination.requests import Asking, Contact, ask
from notices import delivery
from notices.models import Message
from tests.channels.imap import imap_server
from tests.channels.mails import mail, photo
from tests.house import AT, House
from tests.notices.smtp import mail_server
from tickets.models import Incoming

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-11", "IN-01")]
THEIRS = "drawings@example.com"


@pytest.fixture
def server(settings):
    with imap_server() as running:
        settings.MAILBOX_HOST, settings.MAILBOX_PORT = "127.0.0.1", running.port
        settings.MAILBOX_SECURITY = "none"
        settings.MAILBOX_USER, settings.MAILBOX_PASSWORD = "repairs@example.cn", "s3cret word"
        yield running


@pytest.fixture
def asked(house: House):
    """A function that asks the developer for drawings; parts may differ."""
    presets.load()

    def made(**changes) -> Request:
        facts = {
            "estate": house.estate,
            "counterpart": Counterpart.objects.get(code="developer"),
            "asked": "提供3栋给排水竣工图",
            "owner": house.people["engineer"],
            "contact": Contact(unit="云栖置业", name="钱工", email=THEIRS),
        }
        return ask(asking=Asking(**facts | changes), by=house.actor("clerk"), at=AT)

    return made


def reply(request: Request, **headers) -> bytes:
    usual = {
        "From": f"钱工 <{THEIRS}>",
        "Subject": f"答复：督办 {request.number}",
        "Message_ID": "<9@example.com>",
    }
    return mail("图纸见附件。", files=[photo("竣工图.jpg")], **usual | headers)


def thread(request: Request) -> list[str]:
    return list(request.events.values_list("name", flat=True))


def test_a_reply_becomes_a_line_of_the_thread_with_its_files_and_its_owner_is_told(house, server, asked):
    request = asked()
    server.deliver(reply(request))

    assert tasks.poll_mailbox() == 1

    line = request.events.get(name="mailed")
    assert (line.words, line.actor_name) == ("图纸见附件。", "邮箱")
    assert ["邮箱", THEIRS] in line.facts
    assert [each.name for each in line.files.all()] == ["竣工图.jpg"]
    told = Message.objects.get(template="X06")
    assert (told.user, "图纸见附件" in told.body) == (house.people["engineer"], True)
    # Whether it is the answer, a person says.
    assert Request.objects.get().state == "open"
    row = Incoming.objects.get()
    assert (row.state, row.reason, row.estate) == ("dismissed", f"已记入协作单{request.number}", house.estate)


def test_a_reply_that_comes_twice_is_one_line(server, asked):
    request = asked()
    for _ in range(2):
        server.deliver(reply(request))
        tasks.poll_mailbox()

    assert (thread(request), RequestFile.objects.count()) == (["asked", "mailed"], 1)


@pytest.mark.parametrize(
    "headers",
    [
        {"From": "某人 <stranger@example.net>"},
        {"Subject": "答复：督办 XZ999999"},
        {"Subject": "给排水竣工图"},
    ],
)
def test_a_stranger_an_unknown_number_and_none_at_all_wait_for_a_person(server, asked, headers):
    request = asked()
    server.deliver(reply(request, **headers))

    tasks.poll_mailbox()

    assert (thread(request), Incoming.objects.get().state) == (["asked"], "new")


def test_the_desk_reads_which_request_a_stranger_named(server, asked):
    request = asked()
    server.deliver(reply(request, From="某人 <stranger@example.net>"))

    tasks.poll_mailbox()

    assert f"提到协作单{request.number}" in Incoming.objects.get().remarks


def test_an_address_of_another_counterpart_is_a_stranger_here(server, asked):
    asked(counterpart=Counterpart.objects.get(code="supplier"), contact=Contact(email="quotes@example.com"))
    request = asked()
    server.deliver(reply(request, From="报价 <quotes@example.com>"))

    tasks.poll_mailbox()

    assert thread(request) == ["asked"]


def test_another_address_that_this_counterpart_was_written_to_is_known(server, asked):
    asked(contact=Contact(email="Archive@example.com"))
    request = asked()
    server.deliver(reply(request, From="档案室 <archive@example.com>"))

    tasks.poll_mailbox()

    assert thread(request) == ["asked", "mailed"]


def test_an_automatic_answer_is_no_line(server, asked):
    request = asked()
    server.deliver(reply(request, Auto_Submitted="auto-replied"))

    tasks.poll_mailbox()

    assert thread(request) == ["asked"]


def test_a_mail_after_the_end_is_written_down_and_opens_nothing(house, server, asked):
    request = asked()
    requests.end(request=request, done=False, words="不再需要", by=house.actor("clerk"), at=AT)
    server.deliver(reply(request))

    tasks.poll_mailbox()

    assert (thread(request)[-1], Request.objects.get().state) == ("mailed", "cancelled")


def test_the_number_travels_out_and_back(house, settings, server, asked):
    request = asked(ticket=house.register())
    # As the mail that went out says it.
    with mail_server() as out:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = out.server_address
        delivery.deliver_due()
    sent = email.message_from_bytes(out.received[0], policy=email.policy.default)
    subject = sent["Subject"]

    server.deliver(reply(request, Subject=f"Re: {subject}"))
    tasks.poll_mailbox()

    assert request.number in subject
    assert thread(request) == ["asked", "mailed"]
