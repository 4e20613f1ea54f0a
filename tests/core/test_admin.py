import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.utils.timezone import now
from django_q.models import OrmQ, Schedule, Task

from accounts.models import User
from core import schedules
from core.admin import cron_words
from core.beats import beat

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-07")]
PAGE = "/admin/django_q/schedule/"


@pytest.fixture
def keeper(client):
    schedules.sync(at=now())
    client.force_login(User.objects.create_superuser("root", full_name="管理员"))
    return client


def act(client, action, *rows):
    answer = client.post(PAGE, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)
    return answer.content.decode()


def test_of_django_q2_only_the_schedules_are_in_the_admin():
    found = [model.__name__ for model in admin.site._registry if model._meta.app_label == "django_q"]

    assert found == ["Schedule"]


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 3 * * *", "每天 03:00"),
        ("45 7 * * 1", "每周一 07:45"),
        ("5 6 * * 0", "每周日 06:05"),
        ("0 8 1 * *", "0 8 1 * *"),
        ("*/5 8 * * *", "*/5 8 * * *"),
    ],
)
def test_a_daily_or_weekly_line_is_put_into_words(cron, words):
    assert cron_words(cron) == words


def test_the_page_of_one_job_speaks_of_it_as_the_list_does(keeper):
    row = Schedule.objects.get(name="fangxiu:heartbeat")

    page = keeper.get(f"{PAGE}{row.pk}/change/").content.decode()

    assert [words in page for words in ("后台心跳", "core.tasks.heartbeat", "stored in UTC", "+00:00")] == [
        *(True, False),
        *(False, False),
    ]


def test_the_page_of_a_service_is_called_by_its_name(keeper):
    beat("outbox", at=now())

    page = keeper.get("/admin/core/servicerun/outbox/change/").content.decode()

    assert ("<h2>消息发送</h2>" in page, ">outbox<" in page) == (True, False)


def test_the_services_are_called_by_their_names_not_by_ours(keeper):
    beat("cluster", at=now())
    beat("outbox", at=now())

    page = keeper.get("/admin/core/servicerun/").content.decode()

    assert [words in page for words in ("后台任务", "消息发送", ">outbox<", ">cluster<")] == [
        True,
        True,
        False,
        False,
    ]


def test_every_schedule_is_seen_with_its_last_and_next_run(keeper):
    outbox = Schedule.objects.get(name="fangxiu:outbox")
    Task.objects.create(id="0" * 32, name="x", func=outbox.func, started=now(), stopped=now(), success=True)
    Schedule.objects.filter(pk=outbox.pk).update(task="0" * 32)

    page = keeper.get(PAGE).content.decode()

    for words in ("补发消息", "每 1 分钟", "每天 02:00", "闭环工单归档", "每周一 08:00"):
        assert words in page


def test_a_schedule_can_be_run_at_once(keeper):
    page = act(keeper, "run_now", Schedule.objects.get(name="fangxiu:outbox"))

    assert "补发消息：已排队，稍后运行" in page
    assert [job.func() for job in OrmQ.objects.all()] == ["notices.tasks.sweep"]


def test_a_schedule_can_be_switched_off_and_on(keeper):
    row = Schedule.objects.get(name="fangxiu:outbox")

    assert "补发消息：已停用" in act(keeper, "switch_off", row)
    assert Schedule.objects.get(pk=row.pk).repeats == 0
    assert "补发消息：已启用" in act(keeper, "switch_on", row)
    assert Schedule.objects.get(pk=row.pk).repeats == -1


@pytest.mark.parametrize("action", ["run_now", "switch_off", "switch_on"])
def test_a_row_that_is_not_in_the_list_is_refused(keeper, action):
    foreign = Schedule.objects.create(name="evil", func="os.system", args="'id'")
    tampered = Schedule.objects.get(name="fangxiu:outbox")
    Schedule.objects.filter(pk=tampered.pk).update(func="os.system")
    before = list(Schedule.objects.order_by("pk").values())

    page = act(keeper, action, foreign, tampered)

    assert page.count("不在清单内，未执行") == 2
    assert OrmQ.objects.count() == 0
    assert list(Schedule.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("path", ["add/", "{}/delete/"])
def test_no_schedule_can_be_written_in_the_admin(keeper, path):
    row = Schedule.objects.first()

    assert keeper.get(PAGE + path.format(row.pk)).status_code == 403
    assert keeper.post(f"{PAGE}{row.pk}/change/", {"func": "os.system"}).status_code == 403


def test_who_may_only_look_cannot_run(client):
    schedules.sync(at=now())
    looker = User.objects.create_user("looker", full_name="审计", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_schedule"))
    client.force_login(looker)

    assert "补发消息" in client.get(PAGE).content.decode()
    act(client, "run_now", Schedule.objects.get(name="fangxiu:outbox"))
    assert OrmQ.objects.count() == 0


@pytest.mark.row("OR-02")
def test_every_picker_with_a_search_shows_its_rows_in_an_order(rf):
    """Without one, the pages of the picker repeat rows and leave others out."""
    request = rf.get("/admin/")
    request.user = User.objects.create_superuser("root", full_name="管理员")
    pages = [(each, each.model) for each in admin.site._registry.values()]
    pages += [(inline(model, admin.site), inline.model) for page, model in pages for inline in page.inlines]
    picked = {
        model._meta.get_field(name).related_model
        for page, model in pages
        for name in page.get_autocomplete_fields(request)
    }

    unordered = {
        model.__name__ for model in picked if not admin.site._registry[model].get_queryset(request).ordered
    }

    assert unordered == set()
