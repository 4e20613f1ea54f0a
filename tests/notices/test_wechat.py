"""Messages by WeChat over a real connection to a server that speaks its interface."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now

from notices import delivery, outbox, queries, wechat, wording
from notices.models import Message, Template, WeChatToken, WeChatUser
from notices.outbox import Recipient
from tests.notices import senders
from tests.notices.rows import make_due
from tests.notices.wechat_server import wechat_server

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-03")]
SEND = "/cgi-bin/message/template/send"
TOKEN = "/cgi-bin/stable_token"


@pytest.fixture
def server(settings):
    with wechat_server(settings) as running:
        yield running


@pytest.fixture
def carried(templates):
    """N01 goes by a template of the service account."""
    fields = {"character_string1": "{单号}", "thing2": "{问题}"}
    Template.objects.filter(code="N01").update(wechat_template="tpl-1", wechat_fields=fields)
    wording.forget()


def told(**values) -> Message:
    facts = {"单号": "FX-1", "问题": "漏水", "链接": "https://fx.example.cn/o/s/abc/"}
    recipient = Recipient.wechat("openid-1", fallback="13800138000")
    outbox.post(template="N01", key="t:1", recipients=[recipient], values=facts | values, at=now())
    return Message.objects.get()


def states() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("pk").values_list("channel", "state"))


def test_a_message_goes_out_in_the_fields_of_its_template(server, carried):
    told(问题="厨房水槽下面的角阀接口处一直在往外渗水而且越来越大")

    delivery.deliver_due()

    assert server.sent[0]["data"] == {
        "character_string1": {"value": "FX-1"},
        "thing2": {"value": "厨房水槽下面的角阀接口处一直在往外渗水…"},
    }
    assert (server.sent[0]["touser"], server.sent[0]["template_id"]) == ("openid-1", "tpl-1")
    assert server.sent[0]["url"] == "https://fx.example.cn/o/s/abc/"
    sent = Message.objects.get()
    assert (sent.state, sent.provider_id, sent.extra) == ("sent", "201", None)


def test_words_without_a_template_go_by_sms(server, templates):
    told()

    assert states() == [("sms", "new")]


def test_the_token_is_fetched_once_and_shared(server, carried):
    for _ in range(3):
        wechat.send_text("openid-1", "您好")

    assert server.counts[TOKEN] == 1


@pytest.mark.parametrize("code", [40001, 42001])
def test_a_token_that_is_no_longer_taken_is_renewed_once(server, carried, code):
    wechat.access_token()
    server.moods[SEND] = [code]
    told()

    delivery.deliver_due()

    assert (states(), server.counts[TOKEN], server.counts[SEND]) == ([("wechat", "sent")], 2, 2)


def test_a_token_that_is_refused_again_is_no_endless_loop(server):
    server.moods["/cgi-bin/message/custom/send"] = [40001, 40001, 40001]

    with pytest.raises(wechat.Refused):
        wechat.send_text("openid-1", "您好")

    assert (server.counts["/cgi-bin/message/custom/send"], server.counts[TOKEN]) == (2, 2)


def test_a_token_about_to_end_is_renewed(server):
    wechat.access_token()
    WeChatToken.objects.update(expires_at=now() + timedelta(minutes=1))

    wechat.access_token()

    assert server.counts[TOKEN] == 2


@pytest.mark.django_db(transaction=True)
def test_many_who_need_a_token_at_once_fetch_it_once(server):
    found: list[str] = []

    def fetch():
        found.append(wechat.access_token())
        connection.close()

    threads = [threading.Thread(target=fetch) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (server.counts[TOKEN], set(found), len(found)) == (1, {"token-1"}, 6)


def test_a_busy_server_is_asked_again_at_once(server, carried):
    server.moods[SEND] = [-1, -1]
    told()

    delivery.deliver_due()

    assert (states(), server.counts[SEND]) == ([("wechat", "sent")], 3)


@pytest.mark.parametrize("trouble", [45009, 503])
def test_a_used_up_quota_and_a_broken_server_are_tried_later(server, carried, trouble):
    server.moods[SEND] = [trouble]
    message = told()

    delivery.deliver_due()
    before = states()
    make_due(message)
    delivery.deliver_due()

    assert (before, states()) == ([("wechat", "new")], [("wechat", "sent")])


def test_an_answer_that_never_comes_is_sent_again_under_the_same_key(server, carried):
    server.moods[SEND] = ["hang up"]
    message = told()

    delivery.deliver_due()
    before = states()
    make_due(message)
    delivery.deliver_due()

    keys = {body["client_msg_id"] for path, _, body in server.asked if path == SEND}
    assert (before, states(), len(keys)) == ([("wechat", "sending")], [("wechat", "sent")], 1)


def test_who_does_not_follow_gets_an_sms_with_the_same_words(server, carried):
    WeChatUser.objects.create(openid="openid-1", phone="13800138000", bound_at=now())
    server.moods[SEND] = [43004]
    told()

    delivery.deliver_due()
    delivery.deliver_due()

    assert states() == [("wechat", "dead"), ("sms", "sent")]
    phone, text, _ = senders.KeepingSms.sent[0]
    assert (phone, "https://fx.example.cn/o/s/abc/" in text) == ("13800138000", True)
    assert WeChatUser.objects.get().subscribed is False


def test_only_a_fresh_proof_of_the_phone_counts(server):
    WeChatUser.objects.create(openid="old", phone="13800138000", bound_at=now() - timedelta(days=181))
    before = queries.openid_of("13800138000", at=now())
    WeChatUser.objects.create(openid="new", phone="13800138000", bound_at=now())

    assert (before, queries.openid_of("13800138000", at=now())) == ("", "new")


def test_nobody_is_written_to_without_a_service_account(settings):
    settings.WECHAT_APP_ID = ""
    WeChatUser.objects.create(openid="new", phone="13800138000", bound_at=now())

    assert queries.openid_of("13800138000", at=now()) == ""


def test_no_error_tells_the_secret_or_the_token(server, settings):
    wechat.access_token()
    settings.WECHAT_API_URL = "http://127.0.0.1:1"

    with pytest.raises(wechat.Refused) as refused:
        wechat.openid_by_code("code")

    assert str(refused.value) == "微信接口：连接失败（ConnectionError）"
    assert refused.value.__cause__ is None
