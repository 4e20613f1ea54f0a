"""What is brought in from before: the job, its file and findings, and which tickets came by it (IN-16)."""

from django.conf import settings
from django.db import models

from core.runs import Run, RunQuerySet


class ImportJobQuerySet(RunQuerySet):
    def visible_to(self, user):
        """A user's own jobs; group-level staff who may import see all."""
        if not user.is_authenticated or not user.has_perm("channels.run_importjob"):
            return self.none()
        return self if user.sees_all_estates else self.filter(requested_by=user)


class ImportJob(Run):
    """One workbook: uploaded, checked in the background, confirmed by a person, written in one piece."""

    class Kind(models.TextChoices):
        TICKETS = "tickets", "历史工单"

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        CHECKING = "checking", "核对中"
        READY = "ready", "待确认"
        REFUSED = "refused", "有误未导入"
        WRITING = "writing", "写入中"
        DONE = "done", "已导入"
        FAILED = "failed", "失败"

    UNDER_WAY = (State.QUEUED, State.CHECKING, State.WRITING)

    kind = models.CharField("内容", max_length=8, choices=Kind, default=Kind.TICKETS)
    name = models.CharField("文件名", max_length=120)
    # In the private store; emptied when the file is thrown away.
    file = models.CharField("文件", max_length=120, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上传人", related_name="import_jobs"
    )
    requested_at = models.DateTimeField("上传时间")
    state = models.CharField("状态", max_length=8, choices=State, default=State.QUEUED)
    rows = models.PositiveIntegerField("行数", default=0)
    new = models.PositiveIntegerField("新增", default=0)
    same = models.PositiveIntegerField("已有", default=0)
    wrong = models.PositiveIntegerField("有误", default=0)
    # [[row, where, [[column, message], …]], …] and [[row, cells…], …], the first of each.
    mistakes = models.JSONField("错误", default=list)
    preview = models.JSONField("预览", default=list)
    seconds = models.FloatField("用时（秒）", default=0)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "数据导入"
        ordering = ["-requested_at", "-pk"]
        permissions = [("run_importjob", "导入历史工单")]

    def __str__(self):
        return f"{self.get_kind_display()} {self.name}"


class PastTicket(models.Model):
    """A ticket from before: its number there, and the job that brought it in."""

    ticket = models.OneToOneField(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="past", primary_key=True
    )
    estate = models.ForeignKey("estates.Estate", models.PROTECT, verbose_name="项目", related_name="+")
    old_number = models.CharField("原单号", max_length=40)
    job = models.ForeignKey(ImportJob, models.PROTECT, verbose_name="导入", related_name="tickets")

    class Meta:
        verbose_name = verbose_name_plural = "历史工单"
        constraints = [
            models.UniqueConstraint(fields=["estate", "old_number"], name="past_number_once_per_estate")
        ]

    def __str__(self):
        return self.old_number
