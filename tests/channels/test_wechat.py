"""The service account as a door: messages become drafts, the menu signs owners in."""

import hashlib
import re
from datetime import timedelta
from io import StringIO
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.timezone import now

from channels import tasks
from channels.models import WeChatMessage
from notices import presets as templates
from notices.models import Message, WeChatUser
from tests.factories_files import picture
from tests.house import House
from tests.notices.wechat_server import wechat_server
from tickets import incoming, links
from tickets.actors import Actor
from tickets.models import Incoming

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-01")]
HOOK, ENTER, BACK = reverse("wechat"), reverse("wechat_enter"), reverse("wechat_back")


@pytest.fixture
def server(settings):
    with wechat_server(settings) as running:
        yield running


def signed(token: str = "webhook-token") -> str:
    words = sorted([token, "1778200000", "nonce"])
    signature = hashlib.sha1("".join(words).encode()).hexdigest()
    return f"{HOOK}?timestamp=1778200000&nonce=nonce&signature={signature}"


def xml(kind: str = "text", msg_id: str = "1", sender: str = "openid-1", **values) -> bytes:
    facts = {"ToUserName": "gh_1", "FromUserName": sender, "CreateTime": "1778200000", "MsgType": kind}
    facts |= ({"MsgId": msg_id} if msg_id else {}) | values
    inside = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in facts.items())
    return f"<xml>{inside}</xml>".encode()


def say(client, body: bytes, url: str = ""):
    return client.post(url or signed(), body, content_type="text/xml")


def test_without_a_service_account_there_is_nothing(client):
    answers = [client.get(HOOK), say(client, xml(Content="漏水")), client.get(ENTER), client.get(BACK)]

    assert [answer.status_code for answer in answers] == [404] * 4


def test_the_address_proves_itself_to_wechat(client, server):
    good = client.get(signed() + "&echostr=12345")
    bad = client.get(signed("another-token") + "&echostr=12345")

    assert (good.status_code, good.content, good["Content-Type"]) == (200, b"12345", "text/plain")
    assert bad.status_code == 403


def test_a_message_without_our_signature_is_refused(client, server):
    assert say(client, xml(Content="漏水"), HOOK).status_code == 403
    assert Incoming.objects.count() == 0


@pytest.mark.parametrize("length", ["nine", "-1", "99999999"])
def test_a_length_that_is_none_or_too_much_is_refused(client, server, length):
    answer = client.post(signed(), xml(Content="漏水"), content_type="text/xml", CONTENT_LENGTH=length)

    assert (answer.status_code, Incoming.objects.count()) == (413, 0)


def test_words_become_a_draft_and_are_answered_in_chinese(client, server):
    answer = say(client, xml(Content="厨房漏水，13800138000"))

    row = Incoming.objects.get()
    assert (row.channel, row.text, row.sender_openid) == ("wechat", "厨房漏水，13800138000", "openid-1")
    assert row.sender_phone == "13800138000"
    assert "已收到您的报修" in answer.content.decode()
    assert b"<ToUserName>openid-1</ToUserName>" in answer.content


def test_a_message_delivered_three_times_is_one(client, server):
    answers = [say(client, xml(Content="漏水")) for _ in range(3)]

    assert [answer.content == b"success" for answer in answers] == [False, True, True]
    assert (Incoming.objects.count(), Incoming.objects.get().text) == (1, "漏水")


def test_a_photo_is_fetched_into_the_draft_of_the_words_before_it(client, server):
    server.files["m-1"] = picture()
    say(client, xml(Content="漏水"))
    answer = say(client, xml("image", "2", MediaId="m-1", PicUrl="http://127.0.0.1:9/never"))

    assert tasks.fetch_wechat_media() == 1

    row = Incoming.objects.get()
    assert [(file.kind, file.name) for file in row.files.all()] == [("photo", "微信照片")]
    assert "已补充" in answer.content.decode()
    assert (tasks.fetch_wechat_media(), WeChatMessage.objects.get(pk="2").fetch_at) == (0, None)


def test_what_comes_after_somebody_took_the_draft_up_is_a_new_one(client, server):
    say(client, xml(Content="漏水"))
    incoming.dismiss(pk=Incoming.objects.get().pk, reason="已处理", by=Actor.system(), at=now())
    say(client, xml(Content="又漏了", msg_id="2"))

    assert Incoming.objects.filter(state="new").get().text == "又漏了"


def test_another_person_and_another_time_are_other_drafts(client, server):
    say(client, xml(Content="漏水"))
    say(client, xml(Content="没电", msg_id="2", sender="openid-2"))
    WeChatMessage.objects.update(came_at=now() - timedelta(hours=1))
    say(client, xml(Content="门坏了", msg_id="3"))

    assert Incoming.objects.count() == 3


def test_a_photo_that_comes_after_the_ticket_goes_to_the_ticket(client, server):
    house = House.build("front_desk")
    server.files["m-1"] = picture()
    say(client, xml(Content="漏水"))
    say(client, xml("image", "2", MediaId="m-1"))
    ticket = house.register(channel="wechat")
    row = incoming.claim(Incoming.objects.get().pk)
    incoming.take(incoming=row, ticket=ticket, by=house.actor("front_desk"), at=now())

    tasks.fetch_wechat_media()

    assert [proof.kind for proof in ticket.evidence.all()] == ["photo"]
    assert ticket.events.filter(name="add_evidence").count() == 2


def test_the_sender_gets_the_number_by_wechat(client, server):
    house = House.build("front_desk")
    say(client, xml(Content="漏水"))
    ticket = house.register(channel="wechat")
    row = incoming.claim(Incoming.objects.get().pk)

    incoming.take(incoming=row, ticket=ticket, by=house.actor("front_desk"), at=now())

    told = Message.objects.get(channel="wechat")
    assert (told.address, ticket.number in told.body) == ("openid-1", True)


def test_a_photo_that_is_gone_is_said_to_the_desk(client, server):
    say(client, xml("image", "2", MediaId="gone"))

    assert tasks.fetch_wechat_media() == 0

    assert Incoming.objects.get().remarks == "有一份照片没能取到，请让业主重新发送。"


def test_a_photo_that_cannot_be_had_now_is_tried_again(client, server):
    server.files["m-1"] = picture()
    server.moods["/cgi-bin/media/get"] = [503]
    say(client, xml("image", "2", MediaId="m-1"))
    first = tasks.fetch_wechat_media()
    WeChatMessage.objects.update(fetch_at=now())

    assert (first, tasks.fetch_wechat_media()) == (0, 1)


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><xml><MsgType>&a;</MsgType></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
        b"<xml><MsgType>text",
        b"\xff\xfe\x00",
        b"",
    ],
)
def test_hostile_xml_is_refused(client, server, body):
    assert say(client, body).status_code == 400


def test_a_message_that_is_too_large_is_refused(client, server):
    assert say(client, xml(Content="漏" * 40_000)).status_code == 413


def test_following_is_greeted_and_leaving_is_noted(client, server):
    greeted = say(client, xml("event", "", Event="subscribe"))
    say(client, xml("event", "", Event="unsubscribe"))

    assert "我要报修" in greeted.content.decode()
    assert (WeChatUser.objects.get().subscribed, Incoming.objects.count()) == (False, 0)


@pytest.mark.row("OR-03")
@pytest.mark.parametrize(
    ("status", "state", "subscribed"),
    [
        ("success", "sent", True),
        ("failed:user block", "dead", False),
        ("failed: system failed", "dead", True),
    ],
)
def test_a_receipt_tells_what_became_of_a_message(client, server, status, state, subscribed):
    WeChatUser.objects.create(openid="openid-1", phone="13800138000", bound_at=now())
    at = now()
    facts = {"key": "t:1", "template": "N01", "title": "标题", "body": "正文", "created_at": at}
    Message.objects.create(
        channel="wechat", address="openid-1", state="sent", provider_id="201", next_try_at=at, **facts
    )

    say(client, xml("event", "", Event="TEMPLATESENDJOBFINISH", MsgID="201", Status=status))

    assert (Message.objects.get().state, WeChatUser.objects.get().subscribed) == (state, subscribed)


def test_what_we_cannot_read_is_answered_kindly(client, server):
    answer = say(client, xml("link", Url="http://x"))

    assert ("请发送文字或照片" in answer.content.decode(), Incoming.objects.count()) == (True, 0)


# -- the menu -----------------------------------------------------------------


def go_by_wechat(client, server, openid: str = "openid-1", to: str = "owner_reports"):
    """Press the menu and come back with a code, as the browser in WeChat does."""
    asked = parse_qs(urlsplit(client.get(ENTER, {"to": to}).url).query)
    server.codes["code-1"] = openid
    return client.get(BACK, {"code": "code-1", "state": asked["state"][0]})


@pytest.mark.row("IN-05")
def test_the_menu_asks_wechat_who_it_is(client, server, settings):
    answer = client.get(ENTER, {"to": "owner_report"})

    asked = parse_qs(urlsplit(answer.url).query)
    assert answer.url.startswith("https://open.weixin.qq.com/connect/oauth2/authorize?")
    assert (asked["appid"], asked["scope"]) == (["wx-test"], ["snsapi_base"])
    assert asked["redirect_uri"] == [settings.SITE_URL + BACK]


@pytest.mark.row("IN-05")
def test_who_is_not_known_proves_the_phone_once_and_is_known_from_then_on(client, server):
    templates.load()
    first = go_by_wechat(client, server)
    client.post(reverse("owner_login"), {"form_key": str(uuid4()), "phone": "13800138000"})
    code = re.search(r"\d{6}", Message.objects.get(template="N18").body)[0]
    client.post(reverse("owner_code"), {"form_key": str(uuid4()), "code": code})
    client.cookies.clear()
    again = go_by_wechat(client, server)

    assert (first.url, again.url) == (reverse("owner_login"), reverse("owner_reports"))
    assert client.session[links.PHONE_KEY] == "13800138000"


@pytest.mark.row("IN-05")
def test_signing_out_forgets_the_phone(client, server):
    WeChatUser.objects.create(openid="openid-1", phone="13800138000", bound_at=now())
    go_by_wechat(client, server)
    client.post(reverse("owner_logout"))

    assert go_by_wechat(client, server).url == reverse("owner_login")


@pytest.mark.row("IN-05")
def test_a_code_without_the_state_of_this_session_opens_nothing(client, server):
    WeChatUser.objects.create(openid="openid-1", phone="13800138000", bound_at=now())
    server.codes["code-1"] = "openid-1"
    client.get(ENTER)

    answer = client.get(BACK, {"code": "code-1", "state": "planted"})

    assert (answer.url, links.PHONE_KEY in client.session) == (reverse("owner_login"), False)


@pytest.mark.row("IN-05")
def test_a_proof_of_long_ago_is_asked_for_again(client, server):
    WeChatUser.objects.create(
        openid="openid-1", phone="13800138000", bound_at=now() - WeChatUser.BOUND_FOR - timedelta(days=1)
    )

    assert go_by_wechat(client, server).url == reverse("owner_login")


def test_the_menu_is_put_in_place(server, settings):
    out = StringIO()
    call_command("wechat_menu", stdout=out)

    names = [button["name"] for button in server.sent[0]["button"]]
    assert (names, out.getvalue()) == (["我要报修", "我的报修"], "公众号菜单已更新。\n")


def test_the_menu_needs_a_service_account():
    with pytest.raises(CommandError):
        call_command("wechat_menu")
