"""A run belongs to the job that took it up last; what its words are, each line of runs says itself."""

from datetime import timedelta

import pytest

from channels.history_import import jobs
from channels.models import ImportJob
from core import runs
from planning import runs as plans
from reports import runs as reports
from reports.models import ReportRun
from tests.factories_dispatch import staff
from tests.house import AT

State = ReportRun.State
LINE = reports.LINE


@pytest.fixture
def run(db) -> ReportRun:
    """A report that waits for its job."""
    return LINE.start(by=staff("director"), at=AT, month=AT.date().replace(day=1))


def claimed(run: ReportRun) -> ReportRun:
    return LINE.claim(run.pk, at=AT, state=State.RUNNING)


def test_a_job_that_lost_its_run_moves_nothing(run):
    first, second = claimed(run), claimed(run)

    with pytest.raises(runs.Overtaken):
        runs.move(first, AT, progress=10)
    runs.move(second, AT, progress=20)

    run.refresh_from_db()
    assert (run.attempt, run.progress) == (2, 20)


def test_a_job_that_lost_its_run_notes_no_failure_on_it(run):
    first = claimed(run)
    claimed(run)

    def act():
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        LINE.work(first, act, now=lambda: AT)

    run.refresh_from_db()
    assert (run.state, run.error) == (State.RUNNING, "")


def test_a_run_in_another_state_is_not_claimed(run):
    ReportRun.objects.update(state=State.DONE)

    assert claimed(run) is None
    assert LINE.claim(10**9, at=AT) is None


def test_work_that_still_moves_is_not_given_up(run):
    runs.move(claimed(run), AT + timedelta(minutes=30), progress=90)

    assert LINE.sweep(at=AT + timedelta(minutes=60)) == 0
    assert LINE.sweep(at=AT + timedelta(minutes=66)) == 1


@pytest.mark.parametrize("line", [LINE, plans.LINE, jobs.LINE], ids=lambda line: line.what)
def test_every_failure_is_told_in_words(line):
    told = [line.why(error) for error in (SystemExit(), KeyError("x"))]

    assert ["已停止" in told[0], "（KeyError）" in told[1], "已停止" in line.waiting] == [True, True, False]
    assert "3" in line.given_up


def test_an_import_that_was_lost_while_it_wrote_goes_on_writing(db):
    by = staff("director")
    job = jobs.LINE.start(by=by, at=AT, name="旧单.xlsx", sha256="0" * 64, state="writing", progress=40)

    assert jobs.sweep(at=AT + timedelta(hours=1)) == 1

    kept = ImportJob.objects.get(pk=job.pk)
    assert (kept.state, kept.progress, jobs.LINE.task(kept)) == ("writing", 40, "channels.tasks.write_import")
