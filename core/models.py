"""Tables that every floor leans on."""

from django.conf import settings
from django.db import models


class FormKey(models.Model):
    """A one-time key of a form and the answer its first use gave (T43, T45).

    The same key with the same body gets the stored answer again; the same key
    with another body is refused. Written in the transaction of the act itself.
    """

    key = models.UUIDField("表单键", primary_key=True)
    scope = models.CharField("使用者", max_length=64)
    digest = models.CharField("内容摘要", max_length=64)
    answer = models.CharField("结果", max_length=300, blank=True)
    created_at = models.DateTimeField("创建时间", auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "表单键"

    def __str__(self):
        return str(self.key)


SERVICES = {"cluster": "后台任务", "outbox": "消息发送", "mailbox": "报修邮箱"}


class ServiceRun(models.Model):
    """The last sign of life of a background service, one row per name (F1)."""

    name = models.CharField("服务", max_length=60, primary_key=True)
    beat_at = models.DateTimeField("最近心跳")
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "后台心跳"

    def __str__(self):
        return SERVICES.get(self.name, self.name)


class EstateScoped(models.QuerySet):
    """A queryset that knows which estate its rows belong to.

    Subclasses name the path to the estate's key in `estate_path`; `visible_to`
    is where every view starts (OR-01).
    """

    estate_path = "estate_id"

    def visible_to(self, user: settings.AUTH_USER_MODEL):
        """Rows of the estates this user works for; nothing for strangers."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.sees_all_estates:
            return self
        return self.filter(**{f"{self.estate_path}__in": user.estate_ids()})
