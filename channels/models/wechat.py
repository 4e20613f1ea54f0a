"""Messages that came in through the WeChat service account (IN-01)."""

from django.db import models
from django.db.models import Q


class WeChatMessage(models.Model):
    """One message of one person; WeChat delivers it up to three times under one id.

    Its words stand in the draft. What it shows has to be fetched within three days.
    """

    msg_id = models.CharField("消息编号", max_length=64, primary_key=True)
    openid = models.CharField("微信标识", max_length=64)
    kind = models.CharField("类型", max_length=20)
    incoming = models.ForeignKey(
        "tickets.Incoming", models.PROTECT, verbose_name="来件", related_name="wechat_messages"
    )
    media_id = models.CharField("素材编号", max_length=200, blank=True)
    came_at = models.DateTimeField("收到时间")
    # When to try next to fetch the media; empty once that is done or given up.
    fetch_at = models.DateTimeField("下次取回时间", null=True, blank=True)
    tries = models.PositiveSmallIntegerField("取回次数", default=0)
    error = models.CharField("失败原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "微信消息"
        indexes = [
            models.Index(fields=["fetch_at"], name="wechat_to_fetch", condition=Q(fetch_at__isnull=False)),
            models.Index(fields=["openid", "-came_at"], name="wechat_by_person"),
        ]

    def __str__(self):
        return f"{self.kind} {self.msg_id}"
