"""Background work of reports: fetch the time, call one service; each may run twice."""

from django.utils.timezone import localdate, now

from reports import peaks, runs


def build_run(run_id):
    """In the long queue: the workbook of one run."""
    return runs.build(run_id=run_id, now=now)


def sweep():
    """Every five minutes: runs whose job was lost."""
    return runs.sweep(at=now())


def warn_of_peaks():
    """Every morning: estates where the coming week may bring more than the people on duty can do."""
    return peaks.warn(today=localdate(), at=now())
