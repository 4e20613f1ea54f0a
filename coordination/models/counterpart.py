"""Whom the repair department asks outside itself, and by when they usually answer: data, not code."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q


class Counterpart(models.Model):
    """A kind of counterpart 协作对象: its name, the usual words and the default deadline (S1)."""

    class Calendar(models.TextChoices):
        ALWAYS = "always", "小时（全天计）"
        WORKING = "working", "个工作日"

    code = models.SlugField("代码", max_length=30, unique=True)
    name = models.CharField("协作对象", max_length=40)
    limit = models.PositiveSmallIntegerField("默认时限", validators=[MinValueValidator(1)])
    calendar = models.CharField("时限单位", max_length=8, choices=Calendar, default=Calendar.ALWAYS)
    asks = models.CharField("常用说法", max_length=200, blank=True, help_text="发起时没有填写内容就用这句话")
    active = models.BooleanField("启用", default=True)
    order = models.PositiveSmallIntegerField("顺序", default=50)

    class Meta:
        verbose_name = verbose_name_plural = "协作对象"
        ordering = ["order", "pk"]
        constraints = [models.CheckConstraint(name="counterpart_limit_not_zero", condition=Q(limit__gte=1))]

    def __str__(self):
        return self.name

    @property
    def limit_words(self) -> str:
        """The default deadline in words: 24小时, 3个工作日."""
        unit = "个工作日" if self.calendar == self.Calendar.WORKING else "小时"
        return f"{self.limit}{unit}"
