"""The incident log 突发事件: an outage or a burst main, entered once, and who called about it (IN-17)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.models import EstateScoped


class IncidentQuerySet(EstateScoped):
    def going_on(self):
        """Those that nobody has ended yet."""
        return self.filter(ended_at__isnull=True)

    def touching(self, *, estate_id: int, building_id: int | None):
        """Those of this building and of the whole estate; without a building the latter alone."""
        everywhere = Q(buildings__isnull=True)
        here = everywhere | Q(buildings=building_id) if building_id else everywhere
        return self.filter(here, estate=estate_id).distinct()


class Incident(models.Model):
    """One cause that many owners call about; no buildings means the whole estate, no faults any fault."""

    estate = models.ForeignKey(
        "estates.Estate", models.PROTECT, verbose_name="项目", related_name="incidents"
    )
    title = models.CharField("事件", max_length=60)
    buildings = models.ManyToManyField(
        "estates.Building", verbose_name="影响楼栋", related_name="incidents", blank=True
    )
    faults = models.ManyToManyField(
        "knowledge.FaultCategory", verbose_name="相关故障", related_name="incidents", blank=True
    )
    words = models.TextField("对业主的话", max_length=500)
    started_at = models.DateTimeField("开始时间")
    expected_end = models.DateTimeField("预计恢复", null=True, blank=True)
    ended_at = models.DateTimeField("恢复时间", null=True, blank=True)
    end_words = models.CharField("恢复说明", max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="incidents"
    )
    entered_at = models.DateTimeField("登记时间")
    # Counted here: a list of incidents reads no calls.
    call_count = models.PositiveIntegerField("来电数", default=0, editable=False)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "突发事件"
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(fields=["estate"], name="incident_going_on", condition=Q(ended_at__isnull=True))
        ]
        constraints = [
            models.CheckConstraint(
                name="incident_ends_after_start",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
            )
        ]

    def __str__(self):
        return self.title


class IncidentCall(models.Model):
    """One caller who was told of the incident instead of getting a ticket; a phone counts once."""

    incident = models.ForeignKey(Incident, models.PROTECT, verbose_name="突发事件", related_name="calls")
    name = models.CharField("来电人", max_length=60, blank=True)
    phone = models.CharField("联系电话", max_length=20, blank=True)
    unit = models.ForeignKey(
        "estates.Unit",
        models.PROTECT,
        verbose_name="房屋",
        related_name="incident_calls",
        null=True,
        blank=True,
    )
    place_label = models.CharField("位置", max_length=120, blank=True)
    note = models.CharField("来电内容", max_length=300, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="受理人", related_name="incident_calls"
    )
    at = models.DateTimeField("来电时间")
    last_at = models.DateTimeField("最近来电")
    times = models.PositiveSmallIntegerField("来电次数", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "突发事件来电"
        ordering = ["-last_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "phone"], condition=~Q(phone=""), name="incident_call_once_per_phone"
            )
        ]

    def __str__(self):
        return f"{self.place_label} {self.name}"
