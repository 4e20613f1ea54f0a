"""The ticket: one fault in one place."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.text import Truncator
from django.utils.timezone import localdate

from core.models import EstateScoped
from core.templatetags.fangxiu import dated, when
from tickets import kinds, wishes
from tickets.kinds import Kind
from tickets.models.machine import TicketMachine
from tickets.states import WATCHED, Status
from warranty import contractors


class Class(models.TextChoices):
    DAILY = "daily", "日常"
    IMPORTANT = "important", "重要"
    ACCIDENT = "accident", "事故"


class Covered(models.TextChoices):
    YES = "yes", "保修期内"
    NO = "no", "已过保修期"
    UNKNOWN = "unknown", "待判定"


STATUS_LABELS = dict(Status.choices)
# Characters of the caller's own words that stand for a fault in a message.
BEGINNING = 20
LEVELS = [(1, "1级 紧急"), (2, "2级 较急"), (3, "3级 一般"), (4, "4级 预约")]


class TicketQuerySet(EstateScoped):
    def visible_to(self, user):
        """Tickets of the user's estates; outside parties and workers see what was given to them."""
        if user.is_authenticated and not user.has_perm("tickets.view_estate_tickets"):
            return self.filter(self._given_to(user)).distinct()
        return super().visible_to(user)

    @staticmethod
    def _given_to(user) -> Q:
        """Given to this user, or to a worker of the company that this user acts for (DI-12)."""
        found = Q(handler=user) | Q(holders__user=user)
        if company := contractors.company_of(user):
            found |= Q(holders__user__worker__contractor=company)
        return found

    def open(self):
        """Tickets that somebody still has to do something about."""
        return self.exclude(status__in=[Status.CLOSED, *Ticket.OVER])


class Ticket(TicketMachine):
    """One fault in one place, from the first call to the archive.

    `status` is written by transitions alone, and those only inside
    `tickets.workflow`. `version` counts the events: the row's version is the
    sequence number of its last event, which a database trigger holds true.
    """

    OVER = (Status.ARCHIVED, Status.CANCELLED, Status.MERGED, Status.TRANSFERRED)

    number = models.CharField("单号", max_length=40, unique=True)
    report = models.ForeignKey("tickets.Report", models.PROTECT, verbose_name="报事", related_name="tickets")
    kind = models.CharField("类型", max_length=14, choices=Kind, default=Kind.REPAIR)
    version = models.PositiveIntegerField("版本", default=1, editable=False)
    round = models.PositiveSmallIntegerField("轮次", default=1, editable=False)

    # Without an index of its own, as others below: the list's index begins with it. Every index is
    # written with every ticket.
    estate = models.ForeignKey(
        "estates.Estate", models.PROTECT, verbose_name="项目", related_name="tickets", db_index=False
    )
    building = models.ForeignKey(
        "estates.Building", models.PROTECT, verbose_name="楼栋", related_name="tickets", null=True, blank=True
    )
    unit = models.ForeignKey(
        "estates.Unit",
        models.PROTECT,
        verbose_name="房屋",
        related_name="tickets",
        null=True,
        blank=True,
        db_index=False,
    )
    place = models.ForeignKey(
        "estates.PublicPlace",
        models.PROTECT,
        verbose_name="公共部位",
        related_name="tickets",
        null=True,
        blank=True,
        db_index=False,
    )
    # "3栋2单元1201" as it was called when the ticket was opened: lists need no joins.
    place_label = models.CharField("位置", max_length=120)
    owner = models.ForeignKey(
        "estates.Owner", models.PROTECT, verbose_name="业主", related_name="tickets", null=True, blank=True
    )
    reporter_name = models.CharField("报修人", max_length=60, blank=True)
    reporter_phone = models.CharField("联系电话", max_length=20, blank=True, db_index=True)

    fault = models.ForeignKey(
        "knowledge.FaultCategory",
        models.PROTECT,
        verbose_name="故障分类",
        related_name="tickets",
        null=True,
        blank=True,
    )
    # Who the matter belongs to 保洁、安保、工程…; its index is partial, since most rows are old.
    department = models.ForeignKey(
        "knowledge.Department",
        models.PROTECT,
        verbose_name="部门标签",
        related_name="tickets",
        null=True,
        blank=True,
        db_index=False,
    )
    description = models.TextField("故障描述", blank=True)
    wanted = models.CharField("期望时间", max_length=80, blank=True)
    level = models.PositiveSmallIntegerField("级别", choices=LEVELS, default=3)
    level_reason = models.CharField("定级理由", max_length=200, blank=True)
    severity = models.CharField("类别", max_length=10, choices=Class, default=Class.DAILY)
    rework = models.BooleanField("回访整改", default=False)
    # Prying a lock, breaking a door: not dispatched before the owner's written application is there (IN-14).
    destructive = models.BooleanField("破坏性作业", default=False, db_default=False, editable=False)
    # Counted on the row, so that lists and messages know without asking.
    urged = models.PositiveSmallIntegerField("催单次数", default=0, db_default=0, editable=False)
    follower_count = models.PositiveSmallIntegerField("跟进人数", default=0, db_default=0, editable=False)
    repeat_of = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="二次返修原单",
        related_name="repeats",
        null=True,
        blank=True,
        db_index=False,
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="并入工单",
        related_name="merged",
        null=True,
        blank=True,
        db_index=False,
    )

    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="维修人员",
        related_name="tickets",
        null=True,
        blank=True,
        db_index=False,
    )
    policy = models.ForeignKey(
        "tickets.PolicyVersion", models.PROTECT, verbose_name="时效策略版本", related_name="tickets"
    )
    # The warranty verdict the ticket was accepted under (WA-01, WA-02).
    phase = models.CharField("房修阶段", max_length=20, blank=True)
    covered = models.CharField("保修判断", max_length=8, choices=Covered, default=Covered.UNKNOWN)
    verdict = models.JSONField("保修判断依据", default=dict, blank=True)

    registered_at = models.DateTimeField("登记时间", db_index=True)
    dispatched_at = models.DateTimeField("派单时间", null=True, blank=True)
    completed_at = models.DateTimeField("完成时间", null=True, blank=True)
    closed_at = models.DateTimeField("闭环时间", null=True, blank=True)
    deferred_until = models.DateField("延期至", null=True, blank=True)

    # The words of the owner's care flags, while the ticket is being registered (tickets.intake).
    care_words: tuple[str, ...] = ()

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工单"
        ordering = ["-registered_at", "-pk"]
        indexes = [
            models.Index(fields=["estate", "status", "-registered_at"], name="ticket_desk_list"),
            models.Index(fields=["handler", "status"], name="ticket_handler_list"),
            models.Index(fields=["unit", "-registered_at"], name="ticket_unit_history"),
            # Few tickets have one of these.
            models.Index(fields=["place"], name="ticket_of_place", condition=Q(place__isnull=False)),
            models.Index(fields=["repeat_of"], name="ticket_repeat_of", condition=Q(repeat_of__isnull=False)),
            models.Index(
                fields=["merged_into"], name="ticket_merged_into", condition=Q(merged_into__isnull=False)
            ),
            models.Index(
                fields=["department", "-registered_at"],
                name="ticket_department_list",
                condition=Q(department__isnull=False),
            ),
            models.Index(
                fields=["kind", "-registered_at"],
                name="ticket_kind_list",
                condition=~Q(kind=Kind.REPAIR),
            ),
            # The class watch looks here every few minutes: what is over must not slow it down.
            models.Index(
                fields=["severity", "registered_at"],
                name="ticket_class_watch",
                condition=Q(status__in=WATCHED),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="ticket_level_1_to_4", condition=Q(level__gte=1, level__lte=4)),
            models.CheckConstraint(
                name="ticket_dispatched_has_handler",
                condition=~Q(status__in=["dispatched", "accepted", "scheduled", "surveying", "repairing"])
                | Q(handler__isnull=False),
            ),
            models.CheckConstraint(
                name="ticket_answered_is_not_sent",
                condition=~Q(kind__in=kinds.ANSWERED) | Q(status__in=kinds.ANSWERED_STATES),
            ),
            models.CheckConstraint(
                name="ticket_merged_has_target", condition=~Q(status="merged") | Q(merged_into__isnull=False)
            ),
            models.CheckConstraint(
                name="ticket_deferred_has_date",
                condition=~Q(status="deferred") | Q(deferred_until__isnull=False),
            ),
        ]
        permissions = [
            ("view_estate_tickets", "查看负责项目的全部工单"),
            ("register_ticket", "报修登记"),
            ("triage_ticket", "补全、分级与合并"),
            ("dispatch_ticket", "派单与改派"),
            ("work_ticket", "接单、到场与完工上报"),
            ("judge_ticket", "责任与保修判定"),
            ("plan_ticket", "方案卡编制"),
            ("review_plan", "方案审核"),
            ("inspect_ticket", "巡查与预验收"),
            ("follow_up_ticket", "回访"),
            ("close_ticket", "关闭工单"),
            ("archive_ticket", "归档"),
            ("cancel_ticket", "作废与转出"),
            ("reveal_phone", "查看完整联系电话"),
            ("export_ticket", "导出工单"),
            ("reply_ticket", "答复投诉、咨询与建议"),
            ("lower_level", "降低级别与类别"),
            ("supervise_ticket", "督办与审批超期"),
            ("direct_accident", "事故答复与事故说明审批"),
        ]

    @property
    def problem(self) -> str:
        """What is wrong in a word or two: the fault, or how the caller's own words begin."""
        return self.fault.fault if self.fault else Truncator(self.description).chars(BEGINNING, truncate="…")

    @property
    def cover_label(self) -> str:
        """The verdict of the badge: what no warranty ever covered has not run out of it."""
        never = self.covered == Covered.NO and not self.verdict.get("owner_until")
        return "不在保修范围" if never and self.verdict else self.get_covered_display()

    @property
    def wish(self) -> str:
        """When the owner would like us to come, as it reads today: 今天 was the day of the report."""
        said_on = localdate(self.registered_at)
        return wishes.reads(self.wanted, said_on=said_on, today=localdate(), call=when)

    @property
    def wish_dated(self) -> str:
        """The same for paper, with the date of the day."""
        return wishes.fixed(self.wanted, said_on=localdate(self.registered_at), call=dated)

    def __str__(self):
        return self.number

    def get_status_display(self) -> str:
        """The state in Chinese; Django's own would lay out all choices anew for each row."""
        return STATUS_LABELS.get(self.status, self.status)

    def is_visible_to(self, user) -> bool:
        """Whether `objects.visible_to(user)` holds this row, for one that is read already (OR-01)."""
        if user.is_authenticated and not user.has_perm("tickets.view_estate_tickets"):
            return self.handler_id == user.pk or self._was_with(user)
        return user.is_authenticated and user.is_active and user.may_see_estate(self.estate_id)

    def _was_with(self, user) -> bool:
        mine = Q(user=user)
        if company := contractors.company_of(user):
            mine |= Q(user__worker__contractor=company)
        return self.holders.filter(mine).exists()
