import hashlib
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils.timezone import now
from django_q.models import OrmQ

from reports import runs, tasks
from reports.models import ReportRun
from reports.periods import Month
from tests.house import House
from tests.reports.conftest import NOVEMBER, content_of
from tests.reports.rows import at

pytestmark = pytest.mark.row("RE-02")
State = ReportRun.State
AT = at("12-02 09:00")


def clock():
    return AT


def ask(user, estates, moment=AT, month=NOVEMBER):
    return runs.request_run(by=user, month=month, estates=estates, at=moment)


def jobs():
    return [(job.key, job.func(), job.args()) for job in OrmQ.objects.order_by("pk")]


@pytest.mark.django_db
class TestAsking:
    def test_a_run_waits_in_the_long_queue(self, director, estates):
        run = ask(director, estates)

        assert (run.state, run.progress, run.month) == (State.QUEUED, 0, NOVEMBER.first)
        assert list(run.estates.order_by("code")) == estates
        assert jobs() == [("long", "reports.tasks.build_run", (run.pk,))]

    def test_asking_twice_gives_the_same_run(self, director, estates):
        assert ask(director, estates) == ask(director, estates[::-1], AT + timedelta(minutes=1))
        assert len(jobs()) == 1

    def test_other_estates_or_another_month_are_another_run(self, director, estates):
        found = {
            ask(director, estates),
            ask(director, estates[:1]),
            ask(director, estates, month=Month(2026, 10)),
        }

        assert len(found) == 3

    def test_a_finished_run_is_not_returned_again_but_kept(self, director, estates):
        first = ask(director, estates)
        runs.build(run_id=first.pk, now=clock)

        assert ask(director, estates) != first
        assert ReportRun.objects.filter(pk=first.pk, state=State.DONE).count() == 1

    def test_nobody_asks_for_foreign_estates(self, supervisor, estates):
        with pytest.raises(runs.NotInScope):
            ask(supervisor, estates)
        assert ReportRun.objects.count() == 0

    def test_nobody_asks_without_the_permission(self, estates):
        with pytest.raises(PermissionDenied):
            ask(House.person("front_desk", *estates), estates)

    @pytest.mark.parametrize("month", [Month(2026, 12).later(1), Month(2027, 6)])
    def test_a_month_that_has_not_begun_has_no_report(self, director, estates, month):
        with pytest.raises(ValueError, match="nothing"):
            ask(director, estates, month=month)

    def test_no_estates_make_no_report(self, director):
        with pytest.raises(ValueError, match="nothing"):
            ask(director, [])


@pytest.mark.django_db
class TestBuilding:
    def test_the_file_is_kept_with_its_size_and_hash(self, director, estates):
        run = ask(director, estates)

        assert runs.build(run_id=run.pk, now=clock) is True

        run.refresh_from_db()
        content = content_of(run)
        assert (run.state, run.progress, run.step, run.attempt) == (State.DONE, 100, "已完成", 1)
        assert (run.size, run.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert run.finished_at == AT

    def test_a_second_job_for_a_finished_run_changes_nothing(self, director, estates, kept):
        run = ask(director, estates)
        runs.build(run_id=run.pk, now=clock)
        before, files = ReportRun.objects.values().get(), kept()

        assert tasks.build_run(run.pk) is False
        assert (ReportRun.objects.values().get(), kept()) == (before, files)

    def test_a_run_that_is_gone_is_no_error(self):
        assert runs.build(run_id=10**9, now=clock) is False

    def test_a_job_that_was_killed_is_built_anew(self, director, estates):
        run = ask(director, estates)
        ReportRun.objects.update(state=State.RUNNING, progress=60, attempt=1)

        assert runs.build(run_id=run.pk, now=clock) is True
        assert ReportRun.objects.values_list("state", "attempt").get() == (State.DONE, 2)

    def test_of_two_builds_at_once_the_earlier_writes_nothing(self, director, estates, store, kept):
        run = ask(director, estates)
        files = kept()
        store("Overtaking")

        assert runs.build(run_id=run.pk, now=clock) is False

        run.refresh_from_db()
        assert (run.state, run.attempt, run.file) == (State.RUNNING, 2, "")
        assert kept() == files

    @pytest.mark.parametrize(
        ("name", "error", "words"),
        [("FullDisk", OSError, "存储空间已满"), ("OutOfTime", SystemExit, "生成时间过长")],
    )
    def test_a_failure_is_noted_with_its_reason_and_can_be_tried_again(
        self, director, estates, store, settings, name, error, words
    ):
        run = ask(director, estates)
        sound = settings.STORAGES
        store(name)

        with pytest.raises(error):
            runs.build(run_id=run.pk, now=clock)

        run.refresh_from_db()
        assert (run.state, run.finished_at, words in run.error) == (State.FAILED, AT, True)
        assert runs.build(run_id=run.pk, now=clock) is False, "a failed run waits for a person"
        settings.STORAGES = sound
        runs.restart(run=run, at=AT)
        assert runs.build(run_id=run.pk, now=clock) is True
        assert ReportRun.objects.values_list("state", "error").get() == (State.DONE, "")

    def test_only_a_failed_run_is_restarted(self, director, estates):
        run = ask(director, estates)
        runs.build(run_id=run.pk, now=clock)

        assert runs.restart(run=run, at=AT).state == State.DONE


@pytest.mark.django_db
class TestSweeping:
    def test_a_run_that_was_lost_three_times_is_given_up(self, director, estates):
        ask(director, estates)
        ReportRun.objects.update(state=State.RUNNING, attempt=3)

        assert runs.sweep(at=AT + timedelta(hours=1)) == 1

        run = ReportRun.objects.get()
        assert (run.state, run.error[:9], jobs()[1:]) == (State.FAILED, "生成3次均未完成，", [])

    def test_finished_runs_are_left_alone(self, director, estates):
        runs.build(run_id=ask(director, estates).pk, now=clock)

        assert runs.sweep(at=AT + timedelta(days=9)) == 0
        assert tasks.sweep() == 0


@pytest.mark.django_db(transaction=True)
def test_five_requests_at_once_make_one_run(director, estates):
    start = threading.Barrier(5)
    found = []

    def request():
        start.wait()
        found.append(ask(director, estates, now()).pk)
        connection.close()

    threads = [threading.Thread(target=request) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 5
    assert len(set(found)) == 1
    assert len(jobs()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_workbook_is_built_from_one_view_of_the_database_outside_any_transaction(director, estates):
    run = ask(director, estates)

    assert tasks.build_run(run.pk) is True
    assert ReportRun.objects.get().state == State.DONE


@pytest.mark.django_db(transaction=True)
def test_a_run_whose_job_was_lost_is_queued_again_after_35_minutes(director, estates):
    run = ask(director, estates)
    OrmQ.objects.all().delete()

    assert runs.sweep(at=AT + timedelta(minutes=35)) == 0
    assert runs.sweep(at=AT + timedelta(minutes=36)) == 1
    assert jobs() == [("long", "reports.tasks.build_run", (run.pk,))]
    assert runs.sweep(at=AT + timedelta(minutes=37)) == 0


@pytest.mark.django_db(transaction=True)
def test_a_restarted_run_waits_in_the_long_queue_again(director, estates):
    run = ask(director, estates)
    OrmQ.objects.all().delete()
    ReportRun.objects.update(state=State.FAILED, error="失败")

    runs.restart(run=run, at=AT)
    runs.restart(run=run, at=AT)

    assert jobs() == [("long", "reports.tasks.build_run", (run.pk,))]
