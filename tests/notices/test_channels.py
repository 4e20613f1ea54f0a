"""Mail over a real connection to a server on this machine."""

import email
import email.policy

import pytest
from django.core.management import call_command
from django.test import override_settings

from notices import delivery
from notices.models import Message
from tests.notices.rows import make_due, sms, state_of
from tests.notices.smtp import mail_server

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-03")]


@pytest.fixture
def server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    with mail_server() as running:
        settings.EMAIL_PORT = running.server_address[1]
        yield running


def mail(**values):
    return sms(channel="email", address="owner@example.cn", body="您好，方案请确认。", **values)


def test_a_mail_arrives_with_its_words_and_an_id_of_its_own(server):
    message = mail()

    delivery.deliver_due()

    received = email.message_from_bytes(server.received[0], policy=email.policy.default)
    assert (received["Subject"], received["To"]) == ("报修已受理", "owner@example.cn")
    assert received.get_content().strip() == "您好，方案请确认。"
    assert received["Message-ID"] == Message.objects.get(pk=message.pk).provider_id
    assert state_of(message) == ("sent", 1)


def test_a_mail_server_that_is_down_is_tried_again(server):
    server.shutdown()
    server.server_close()
    message = mail()

    delivery.deliver_due()

    assert state_of(message) == ("new", 1)
    assert Message.objects.get().error.startswith("邮件服务器连接失败")


@pytest.mark.parametrize(("code", "state"), [(550, "dead"), (450, "new")])
def test_a_refused_mailbox_is_final_and_a_busy_one_is_not(server, code, state):
    server.refuse_recipients = code
    message = mail()

    delivery.deliver_due()

    assert state_of(message) == (state, 1)


def test_a_mail_whose_answer_is_lost_goes_out_once_more_under_the_same_id(server):
    server.hang_up_after_mail = True
    message = mail()
    for _ in range(3):
        delivery.deliver_due()
        make_due(message)

    ids = {email.message_from_bytes(text)["Message-ID"] for text in server.received}
    assert (len(server.received), len(ids)) == (2, 1)
    assert state_of(message) == ("dead", 2)


def test_an_address_that_is_none_is_given_up(server):
    message = sms(channel="email", address="不是邮箱 <a@b@c>")

    delivery.deliver_due()

    assert state_of(message)[0] == "dead"


def test_the_deploy_check_tells_that_no_sms_provider_is_configured(capsys):
    with override_settings(SMS_SENDER="notices.channels.NoSms"):
        call_command("check", "--deploy", "--tag", "sms")

    assert "fangxiu.W_SMS_SENDER" in capsys.readouterr().err
