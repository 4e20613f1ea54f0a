import logging

import pytest
from django.db import transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from django_q.models import OrmQ

from notices import wording
from notices.models import Message, Template
from notices.outbox import Recipient, post

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-03")]
OWNER = Recipient.phone("13812345678")
VALUES = {"业主": "王女士", "房号": "3-1202", "问题": "漏水", "单号": "FX1", "承诺时限": "尽快", "链接": "x"}


def post_n01(*, recipients=(OWNER,), key="ticket:1:1", **values):
    return post(
        template="N01",
        key=key,
        recipients=recipients,
        values=VALUES | values,
        at=now(),
        link="/desk/t/FX1/",
    )


def test_an_owner_s_message_waits_to_be_sent_and_one_job_is_woken(templates):
    assert post_n01() == 1

    message = Message.objects.get()
    assert (message.channel, message.address) == ("sms", "13812345678")
    assert (message.state, message.link) == ("new", "")
    assert message.title == "报修已受理 FX1"
    assert [job.func() for job in OrmQ.objects.all()] == ["notices.tasks.deliver"]


def test_a_message_to_staff_has_arrived_at_once_and_wakes_nobody(templates, worker):
    post_n01(recipients=[Recipient.staff(worker.pk)])

    message = Message.objects.get()
    assert (message.state, message.user, message.link) == ("sent", worker, "/desk/t/FX1/")
    assert OrmQ.objects.count() == 0


def test_the_same_cause_tells_each_recipient_once(templates, worker):
    for _ in range(3):
        post_n01(recipients=[OWNER, OWNER, Recipient.staff(worker.pk), Recipient.email("a@example.cn")])

    assert sorted(Message.objects.values_list("channel", flat=True)) == ["app", "email", "sms"]


def test_the_next_cause_tells_again(templates):
    post_n01()
    post_n01(key="ticket:1:2")

    assert Message.objects.count() == 2


def test_keys_hold_no_phone_number(templates):
    post_n01()

    assert "13812345678" not in Message.objects.get().key


def test_posting_costs_one_insert_and_one_wake_up_once_the_words_are_known(templates, worker):
    wording.find("N01")
    connection = transaction.get_connection()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        post_n01(recipients=[OWNER, Recipient.staff(worker.pk)])

    inserts = [query["sql"].split()[2] for query in queries if query["sql"].startswith("INSERT")]
    assert inserts == ['"notices_message"', '"django_q_ormq"']


def test_a_rolled_back_fact_leaves_neither_message_nor_job(templates):
    with transaction.atomic():
        post_n01()
        transaction.set_rollback(True)

    assert (Message.objects.count(), OrmQ.objects.count()) == (0, 0)


def test_a_missing_value_becomes_nothing_and_is_logged(templates, caplog):
    with caplog.at_level(logging.WARNING):
        post(template="W08", key="t", recipients=[OWNER], values={"单号": "FX1", "房号": "3-1202"}, at=now())

    assert Message.objects.get().body == "3-1202“”被退回，原因：。请重新派单。"
    assert "template W08 was given no value for 原因、问题" in caplog.text


def test_an_unknown_template_is_logged_and_stops_nothing(templates, caplog):
    assert post(template="X99", key="t", recipients=[OWNER], values={}, at=now()) == 0

    assert "there is no message template X99" in caplog.text
    assert Message.objects.count() == 0


def test_a_template_switched_off_sends_nothing(templates):
    Template.objects.filter(code="N01").update(active=False)

    assert post_n01() == 0


def test_a_recipient_without_an_address_is_left_out(templates):
    assert post_n01(recipients=[Recipient.phone(""), OWNER]) == 1


def test_a_line_break_never_reaches_a_subject(templates):
    post_n01(单号="FX1\r\nBcc: a@example.cn")

    assert Message.objects.get().title == "报修已受理 FX1 Bcc: a@example.cn"
