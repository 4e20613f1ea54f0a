import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils.timezone import now

from notices.models import Message
from tests.notices.rows import letter, sms

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-03")]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def inbox(client, worker):
    client.force_login(worker)
    return client


def titles(answer):
    return [message.title for message in answer.context["page_obj"]]


def test_the_inbox_holds_my_messages_only_unread_ones_first(inbox, worker, colleague):
    at = now()
    letter(worker, key="a", title="旧的未读", created_at=at - timedelta(hours=2))
    letter(worker, key="b", title="新的已读", created_at=at, read_at=at)
    letter(worker, key="c", title="新的未读", created_at=at - timedelta(hours=1))
    letter(colleague, key="d", title="别人的")
    sms(key="e")

    assert titles(inbox.get("/inbox/")) == ["新的未读", "旧的未读", "新的已读"]
    assert titles(inbox.get("/inbox/?show=unread")) == ["新的未读", "旧的未读"]


def test_a_stranger_is_sent_to_the_login(client):
    answer = client.get("/inbox/")

    assert (answer.status_code, answer.url) == (302, "/login/?next=/inbox/")


def test_thirty_messages_make_a_page(inbox, worker):
    for n in range(31):
        letter(worker, key=f"k{n}", title=f"第{n}条")

    assert len(titles(inbox.get("/inbox/"))) == 30
    assert titles(inbox.get("/inbox/?page=2")) == ["第0条"]


def test_htmx_gets_the_list_alone(inbox, worker):
    letter(worker)

    assert "notices/inbox.html" not in [t.name for t in inbox.get("/inbox/", **HTMX).templates]
    restored = inbox.get("/inbox/", **HTMX, HTTP_HX_HISTORY_RESTORE_REQUEST="true")
    assert "notices/inbox.html" in [t.name for t in restored.templates]


def test_opening_marks_as_read_and_leads_to_the_ticket(inbox, worker):
    message = letter(worker, link="/desk/t/FX1/")

    answer = inbox.post(f"/inbox/{message.pk}/open/")

    assert (answer.status_code, answer.url) == (302, "/desk/t/FX1/")
    assert Message.objects.get().read_at is not None


@pytest.mark.parametrize(
    "link", ["", "https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil"]
)
def test_a_message_never_leads_off_the_site(inbox, worker, link):
    message = letter(worker, link=link)

    assert inbox.post(f"/inbox/{message.pk}/open/").url == "/inbox/"


@pytest.mark.parametrize("act", ["open", "read"])
def test_another_s_message_does_not_exist_for_me(inbox, colleague, act):
    message = letter(colleague)

    assert inbox.post(f"/inbox/{message.pk}/{act}/").status_code == 404
    assert Message.objects.get().read_at is None


def test_an_sms_is_in_nobody_s_inbox(inbox, worker):
    message = sms(user=worker)

    assert inbox.post(f"/inbox/{message.pk}/open/").status_code == 404


@pytest.mark.parametrize("path", ["/inbox/1/open/", "/inbox/1/read/", "/inbox/read/"])
def test_reading_needs_a_post(inbox, path):
    assert inbox.get(path).status_code == 405


def test_marking_one_as_read_gives_htmx_the_row_and_tells_the_bell(inbox, worker):
    message = letter(worker)

    answer = inbox.post(f"/inbox/{message.pk}/read/", **HTMX)

    assert answer["HX-Trigger"] == "inbox-changed"
    assert "is-unread" not in answer.content.decode()
    assert inbox.post(f"/inbox/{message.pk}/read/").url == "/inbox/"


def test_the_time_of_reading_is_the_first_one(inbox, worker):
    first = now() - timedelta(days=1)
    message = letter(worker, read_at=first)

    inbox.post(f"/inbox/{message.pk}/open/")

    assert Message.objects.get().read_at == first


def test_marking_all_leaves_other_people_s_messages_alone(inbox, worker, colleague):
    letter(worker, key="a")
    letter(worker, key="b")
    letter(colleague, key="c")

    answer = inbox.post("/inbox/read/", follow=True)

    assert "已将 2 条消息标为已读。" in answer.content.decode()
    assert Message.objects.filter(read_at=None).count() == 1


@pytest.mark.parametrize(("unread", "shown"), [(0, None), (3, "3"), (100, "99+")])
def test_the_bell_shows_how_many_wait(inbox, worker, unread, shown):
    for n in range(unread):
        letter(worker, key=f"k{n}")

    page = inbox.get("/inbox/count/").content.decode()

    found = re.search(r'class="tool-count"[^>]*>([^<]+)<', page)
    assert (found[1] if found else None) == shown


def test_what_a_message_says_is_shown_as_text(inbox, worker):
    letter(worker, title="<script>alert(1)</script>", body="<b>x</b>")

    page = inbox.get("/inbox/").content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<b>x</b>" not in page


def test_who_only_repairs_gets_the_phone_s_frame(inbox, worker):
    assert inbox.get("/inbox/").context["base"] == "desk_base.html"

    worker.user_permissions.add(Permission.objects.get(codename="work_ticket"))

    assert inbox.get("/inbox/").context["base"] == "field_base.html"
