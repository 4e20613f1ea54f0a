"""Stores in which something happens while a workbook is saved."""

import errno

from django.db.models import F

from core.storages import DurableStorage
from reports.models import ReportRun


class FullDisk(DurableStorage):
    """There is no room left."""

    def _save(self, name, content):
        raise OSError(errno.ENOSPC, "No space left on device")


class Overtaking(DurableStorage):
    """Another job takes the run over just before the file is written."""

    def _save(self, name, content):
        ReportRun.objects.update(attempt=F("attempt") + 1)
        return super()._save(name, content)


class OutOfTime(DurableStorage):
    """The job queue's time limit strikes, as django-q2 does it."""

    def _save(self, name, content):
        raise SystemExit("Task exceeded maximum timeout value")
