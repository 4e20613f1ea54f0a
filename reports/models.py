"""Runs of a report: who asked, how far it is, and the file it made (RE-02)."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef

from core.runs import Run, RunQuerySet


class ReportRunQuerySet(RunQuerySet):
    def visible_to(self, user):
        """A user's own runs of estates that are still theirs; group-level staff see all."""
        if not user.is_authenticated or not user.has_perm("reports.view_reportrun"):
            return self.none()
        if user.sees_all_estates:
            return self
        foreign = ReportRun.estates.through.objects.filter(reportrun=OuterRef("pk")).exclude(
            estate__in=user.estate_ids()
        )
        return self.filter(~Exists(foreign), requested_by=user)


class ReportRun(Run):
    """One workbook: asked for, built in the background, kept, downloadable again."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "生成中"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"

    UNDER_WAY = (State.QUEUED, State.RUNNING)

    month = models.DateField("月份", help_text="当月第一天")
    # The scope the run was asked under: what it may contain, whoever downloads it.
    estates = models.ManyToManyField("estates.Estate", verbose_name="项目", related_name="report_runs")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="申请人", related_name="report_runs"
    )
    requested_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=8, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField("第几次生成", default=0)
    file = models.CharField("文件", max_length=120, blank=True)
    size = models.PositiveIntegerField("大小（字节）", default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)

    objects = ReportRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报表"
        ordering = ["-requested_at", "-pk"]
        permissions = [("run_report", "生成月报")]

    def __str__(self):
        return f"{self.month:%Y年%m月} 月报"
