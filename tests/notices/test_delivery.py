import json
import logging
from datetime import timedelta

import pytest
from django.utils.timezone import now
from django_q.models import OrmQ

from core.models import ServiceRun
from notices import delivery, queries, tasks
from notices.models import Message
from tests.notices.rows import letter, make_due, sms, state_of
from tests.notices.senders import KeepingSms, SilentSms

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-03")]


def use(settings, name):
    settings.SMS_SENDER = f"tests.notices.senders.{name}"


def seconds_until_next_try(message):
    return round((Message.objects.get(pk=message.pk).next_try_at - now()).total_seconds())


def test_a_due_message_is_sent_with_its_key_and_keeps_the_receipt():
    message = sms(key="t:7")

    assert delivery.deliver_due() == 1

    assert KeepingSms.sent == [("13812345678", "您的报修已受理。", "t:7")]
    sent = Message.objects.get(pk=message.pk)
    assert (sent.state, sent.attempts, sent.provider_id, sent.error) == ("sent", 1, "receipt-1", "")


def test_nothing_is_sent_before_its_time_or_a_second_time():
    sms(next_try_at=now() + timedelta(minutes=1))
    sms(key="t:2")

    assert (delivery.deliver_due(), delivery.deliver_due()) == (1, 0)


def test_in_app_messages_are_not_for_sending(worker):
    letter(worker)

    assert delivery.deliver_due() == 0


def test_the_secret_of_an_owner_s_link_is_gone_once_it_is_sent():
    secret = "Zq3_" * 10
    message = sms(body=f"请确认：https://fx.example.cn/o/s/{secret}/，谢谢")

    delivery.deliver_due()

    assert secret in KeepingSms.sent[0][1]
    assert Message.objects.get(pk=message.pk).body == "请确认：https://fx.example.cn/o/s/***/，谢谢"


def test_a_failure_is_tried_again_at_growing_distance_and_given_up_after_five_tries(settings, caplog):
    use(settings, "DownSms")
    message = sms()
    pauses = []
    for _ in range(4):
        delivery.deliver_due()
        pauses.append(seconds_until_next_try(message))
        make_due(message)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

    assert state_of(message) == ("new", 4)
    assert pauses == [30, 120, 600, 1800]
    delivery.deliver_due()
    assert state_of(message) == ("dead", 5)
    assert Message.objects.get().error == "连接被拒绝"
    assert "was given up after 5 tries" in caplog.text


def test_a_refused_number_is_given_up_at_once(settings):
    use(settings, "PickySms")
    message = sms()

    delivery.deliver_due()

    assert state_of(message) == ("dead", 1)


def test_a_provider_that_comes_back_gets_every_message(settings):
    use(settings, "DownSms")
    waiting = [sms(key=f"t:{n}") for n in range(4)]
    delivery.deliver_due()
    assert {state_of(message) for message in waiting} == {("new", 1)}

    use(settings, "KeepingSms")
    for message in waiting:
        make_due(message)
    delivery.deliver_due()

    assert sorted(key for _, _, key in KeepingSms.sent) == ["t:0", "t:1", "t:2", "t:3"]


def test_an_unclear_outcome_is_sent_once_more_and_then_given_up(settings):
    use(settings, "SilentSms")
    SilentSms.sent = []
    message = sms()
    for _ in range(4):
        delivery.deliver_due()
        make_due(message)

    assert [key for _, _, key in SilentSms.sent] == ["t:1", "t:1"]
    assert state_of(message) == ("dead", 2)
    assert Message.objects.get().error == "两次发送均结果不明：等待回执超时"


def test_a_message_that_ends_every_job_is_counted_before_and_given_up(settings):
    use(settings, "PoisonedSms")
    message = sms()
    for tries in (1, 2):
        with pytest.raises(ZeroDivisionError):
            delivery.deliver_due()
        assert state_of(message) == ("sending", tries)
        make_due(message)

    delivery.deliver_due()

    assert state_of(message) == ("dead", 2)
    assert Message.objects.get().error == "两次发送均结果不明：发送程序中断"


def test_the_others_go_out_although_one_message_ends_the_job(settings):
    use(settings, "PoisonedSms")
    poison = sms(key="t:poison")
    with pytest.raises(ZeroDivisionError):
        delivery.deliver_due()
    use(settings, "KeepingSms")
    sms(key="t:good")

    delivery.deliver_due()

    assert [key for _, _, key in KeepingSms.sent] == ["t:good"]
    assert state_of(poison) == ("sending", 1)


def test_a_message_taken_by_a_killed_sender_is_not_lost():
    message = sms(state="sending", attempts=1)

    delivery.deliver_due()

    assert state_of(message) == ("sent", 2)
    assert Message.objects.get().resent is True


def test_after_five_failures_in_a_row_the_channel_rests_for_a_minute(settings):
    use(settings, "DownSms")
    waiting = [sms(key=f"t:{n}") for n in range(8)]

    assert delivery.deliver_due() == 5

    assert [state_of(message)[1] for message in waiting] == [1, 1, 1, 1, 1, 0, 0, 0]
    assert not queries.outbox_due(now()).exists()
    assert {seconds_until_next_try(message) for message in waiting[5:]} == {60}
    late = sms(key="t:late")
    assert (delivery.deliver_due(), state_of(late)) == (0, ("new", 0))


def test_a_success_forgets_the_failures_before_it(settings):
    for n in range(9):
        use(settings, "KeepingSms" if n == 4 else "DownSms")
        sms(key=f"t:{n}")
        delivery.deliver_due()

    assert sms(key="t:next").pk
    assert delivery.deliver_due() == 1


def test_without_a_provider_a_message_is_given_up_with_that_reason(settings):
    settings.SMS_SENDER = "notices.channels.NoSms"
    sms()

    delivery.deliver_due()

    dead = Message.objects.get()
    assert (dead.state, dead.error) == ("dead", "未配置短信通道")


def test_in_development_messages_can_be_read_in_a_file_but_not_in_the_log(settings, tmp_path, caplog):
    settings.SMS_SENDER = "notices.channels.ConsoleSms"
    settings.DATA_DIR = tmp_path / "data"
    sms(body="链接 https://x.cn/o/s/" + "a" * 43)

    with caplog.at_level(logging.INFO):
        delivery.deliver_due()

    path = tmp_path / "data" / "sms.log"
    entry = json.loads(path.read_text(encoding="utf-8"))
    assert (entry["to"], entry["text"][-43:], entry["key"]) == ("13812345678", "a" * 43, "t:1")
    assert path.stat().st_mode & 0o077 == 0
    assert "a" * 43 not in caplog.text
    assert "138****5678" in caplog.text


def test_given_up_messages_get_five_new_tries(settings):
    use(settings, "PickySms")
    message = sms()
    delivery.deliver_due()

    assert delivery.resend(Message.objects.all(), at=now()) == 1
    use(settings, "KeepingSms")
    delivery.deliver_due()

    assert state_of(message) == ("sent", 1)


def test_the_sweeper_wakes_a_sender_only_when_something_is_due():
    tasks.sweep()
    assert OrmQ.objects.count() == 0
    sms()
    tasks.sweep()
    assert [job.func() for job in OrmQ.objects.all()] == ["notices.tasks.deliver"]


def test_a_long_backlog_goes_on_in_the_next_job(settings):
    for n in range(101):
        sms(key=f"t:{n}")

    assert tasks.deliver() == 100
    assert [job.func() for job in OrmQ.objects.all()] == ["notices.tasks.deliver"]


def test_every_run_leaves_a_sign_of_life():
    sms()
    delivery.deliver_due()
    delivery.deliver_due()

    assert list(ServiceRun.objects.values_list("name", "note")) == [("outbox", "本次处理 0 条")]
