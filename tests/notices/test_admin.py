import pytest
from django.contrib.auth.models import Permission
from django_q.models import OrmQ

from accounts.models import User
from notices.models import Message, Template
from tests.notices.rows import sms

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-03")]
SECRET = "Zq3_" * 10


@pytest.fixture
def admin(client):
    client.force_login(User.objects.create_superuser("root", full_name="管理员"))
    return client


def template_form(**values):
    return {"name": "报修受理", "title": "已受理 {单号}", "body": "您好，{业主}", "active": "on"} | values


def test_neither_numbers_nor_links_are_shown_in_full(admin):
    message = sms(body=f"请看 https://x.cn/o/s/{SECRET} 或致电13912345678")

    pages = (
        admin.get("/admin/notices/message/").content
        + admin.get(f"/admin/notices/message/{message.pk}/change/").content
    )

    text = pages.decode()
    assert SECRET not in text
    assert "13812345678" not in text
    assert "138****5678" in text
    assert "https://x.cn/o/s/*** 或致电139****5678" in text


def test_given_up_messages_can_be_sent_again(admin):
    dead, sent = sms(key="a", state="dead", attempts=5), sms(key="b", state="sent", attempts=1)

    answer = admin.post(
        "/admin/notices/message/",
        {"action": "send_again", "_selected_action": [dead.pk, sent.pk]},
        follow=True,
    )

    assert "已安排重新发送 1 条消息。" in answer.content.decode()
    assert list(Message.objects.order_by("key").values_list("state", "attempts")) == [("new", 0), ("sent", 1)]
    assert [job.func() for job in OrmQ.objects.all()] == ["notices.tasks.deliver"]


@pytest.mark.parametrize("act", ["add/", "{}/delete/"])
def test_messages_are_neither_made_nor_deleted_by_hand(admin, act):
    message = sms()

    assert admin.get("/admin/notices/message/" + act.format(message.pk)).status_code == 403


def test_messages_of_other_estates_are_not_there(client):
    limited = User.objects.create_user("limited", full_name="项目管理员", is_staff=True)
    limited.user_permissions.add(Permission.objects.get(codename="view_message"))
    client.force_login(limited)
    message = sms()

    assert client.get(f"/admin/notices/message/{message.pk}/change/").status_code == 302
    assert "138****5678" not in client.get("/admin/notices/message/").content.decode()


def test_a_template_is_edited_and_previewed(admin, templates):
    template = Template.objects.get(code="N01")

    admin.post(f"/admin/notices/template/{template.pk}/change/", template_form())
    page = admin.get(f"/admin/notices/template/{template.pk}/change/").content.decode()

    assert "您好，王女士" in page
    assert "已受理 FX250318-0042" in page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"body": "{业主}{房间号}"}, "没有这样的变量：{房间号}。"),
        ({"title": "{单}"}, "没有这样的变量：{单}。"),
        ({"body": "您好{业主"}, "花括号没有成对。"),
    ],
)
def test_a_template_with_an_unknown_variable_is_refused(admin, templates, values, words):
    template = Template.objects.get(code="N01")

    page = admin.post(f"/admin/notices/template/{template.pk}/change/", template_form(**values))

    assert words in page.content.decode()
    assert Template.objects.get(code="N01") == template


def test_messages_are_listed_and_filtered_by_the_name_of_their_template(admin):
    Template.objects.update_or_create(
        code="N01", defaults={"name": "报修受理", "title": "已受理", "body": "您好"}
    )
    sms(key="a", template="N01", title="一楼"), sms(key="b", template="W99", title="二楼")

    every = admin.get("/admin/notices/message/").content.decode()
    some = admin.get("/admin/notices/message/", {"template": "N01"}).content.decode()

    assert ("报修受理" in every, ">N01<" in every, ">W99<" in every) == (True, False, True)
    assert ("一楼" in some, "二楼" in some) == (True, False)
