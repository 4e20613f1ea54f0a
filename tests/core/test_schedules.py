from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils.module_loading import import_string
from django.utils.timezone import localtime, now
from django_q.models import Schedule
from django_q.scheduler import scheduler

from config.schedules import SCHEDULES
from core import schedules

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-07")]


def sync():
    return +schedules.sync(at=now())


def row(name):
    return Schedule.objects.get(name=f"fangxiu:{name}")


def test_every_line_of_the_list_names_a_function():
    for plan in SCHEDULES:
        assert callable(import_string(plan.func)), plan


def test_the_database_follows_the_list_and_a_second_time_changes_nothing():
    assert sync() == Counter(added=len(SCHEDULES))
    before = list(Schedule.objects.order_by("pk").values())

    assert sync() == Counter()
    assert list(Schedule.objects.order_by("pk").values()) == before
    assert sorted(Schedule.objects.values_list("func", flat=True)) == sorted(plan.func for plan in SCHEDULES)


def test_work_of_every_minute_begins_at_once_and_nightly_work_at_night():
    sync()

    assert row("outbox").next_run <= now()
    assert (localtime(row("archive").next_run).hour, row("archive").next_run > now()) == (2, True)


def test_a_tampered_row_is_put_right():
    sync()
    Schedule.objects.filter(name="fangxiu:outbox").update(func="os.system", args="'id'", minutes=5, repeats=3)

    assert sync() == Counter(changed=1)
    healed = row("outbox")
    assert (healed.func, healed.args, healed.minutes, healed.repeats) == ("notices.tasks.sweep", None, 1, -1)


def test_a_line_taken_from_the_list_is_taken_from_the_database():
    Schedule.objects.create(name="fangxiu:former", func="core.tasks.former")
    sync()

    assert not Schedule.objects.filter(name="fangxiu:former").exists()


def test_a_row_of_somebody_else_is_left_alone_and_told(capsys):
    Schedule.objects.create(name="other", func="os.system")

    call_command("sync_schedules")

    assert Schedule.objects.filter(name="other").exists()
    assert capsys.readouterr() == (
        f"定时任务：新增 {len(SCHEDULES)}，修改 0，删除 0\n",
        "另有 1 条不在清单内的定时任务，请核对来源\n",
    )


def test_what_was_paused_stays_paused():
    sync()
    Schedule.objects.filter(name="fangxiu:outbox").update(repeats=0)

    assert sync() == Counter()
    assert row("outbox").repeats == 0


def test_a_row_written_twice_is_reduced_to_one():
    sync()
    Schedule.objects.create(name="fangxiu:outbox", func="notices.tasks.sweep")

    assert sync() == Counter(removed=1)
    assert row("outbox").minutes == 1


@pytest.mark.django_db(transaction=True)
def test_missed_turns_are_not_made_up_for(settings):
    assert settings.Q_CLUSTER["catch_up"] is False
    sync()
    Schedule.objects.filter(name="fangxiu:outbox").update(next_run=now() - timedelta(hours=2))
    scheduler()

    assert row("outbox").next_run > now()
