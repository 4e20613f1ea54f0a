"""The outbox: every message to a person, written with the fact that causes it (OR-03)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q


class Channel(models.TextChoices):
    APP = "app", "站内消息"
    SMS = "sms", "短信"
    EMAIL = "email", "邮件"
    WECHAT = "wechat", "微信"


class Template(models.Model):
    """The words of a message, with variables in braces (domain.md §6, N01–N17)."""

    code = models.CharField("模板", max_length=20, unique=True)
    name = models.CharField("名称", max_length=40)
    title = models.CharField("标题", max_length=80)
    body = models.TextField("正文", help_text="变量写在花括号内，例如 {单号}")
    active = models.BooleanField("启用", default=True)
    # The template of the service account's back office that carries this message, and what stands in its
    # fields: {"character_string1": "{单号}", "thing2": "{问题}"}. Without it, SMS.
    wechat_template = models.CharField("微信模板编号", max_length=60, blank=True)
    wechat_fields = models.JSONField(
        "微信模板字段",
        default=dict,
        blank=True,
        help_text='例如 {"thing2": "{问题}"}；字段名见公众平台的模板',
    )

    class Meta:
        verbose_name = verbose_name_plural = "消息模板"
        ordering = ["code"]

    def __str__(self):
        return f"{self.code} {self.name}"


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user) -> "MessageQuerySet":
        """The in-app messages addressed to this user; nobody reads another's inbox."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(channel=Channel.APP, user=user)

    def unread(self) -> "MessageQuerySet":
        """In-app messages that were not opened yet."""
        return self.filter(channel=Channel.APP, read_at__isnull=True)

    def due(self, at: datetime) -> "MessageQuerySet":
        """Messages to be sent by now, those with an unclear outcome included; most urgent first."""
        return self.filter(state__in=["new", "sending"], next_try_at__lte=at).order_by("next_try_at", "pk")


class Message(models.Model):
    """One message to one recipient on one channel: at most one per key (T49).

    `attempts` rises before the provider is called, so that a message whose
    sending kills the worker is given up in the end instead of tried for ever (F3).
    """

    class State(models.TextChoices):
        NEW = "new", "待发送"
        # In somebody's hands until `next_try_at`; beyond it nobody knows whether it went out.
        SENDING = "sending", "发送中"
        SENT = "sent", "已发送"
        DEAD = "dead", "发送失败"

    # "<event or cause>:<template>:<recipient>:<channel>"
    key = models.CharField("唯一键", max_length=160, unique=True)
    template = models.CharField("模板", max_length=20)
    channel = models.CharField("渠道", max_length=8, choices=Channel)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="接收人",
        related_name="messages",
        null=True,
        blank=True,
    )
    # Phone number or mail address of a recipient outside the staff.
    address = models.CharField("接收地址", max_length=120, blank=True)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文")
    link = models.CharField("链接", max_length=300, blank=True)
    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="messages", null=True, blank=True
    )
    # What only one way out needs: the Message-ID a mail answers, the fields of a WeChat template, and
    # the phone that gets an SMS when WeChat refuses.
    extra = models.JSONField("附加信息", null=True, blank=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    # An unclear outcome may be a message that did go out: one resend, no more (T49).
    resent = models.BooleanField("结果不明后已重发", default=False)
    next_try_at = models.DateTimeField("下次发送时间")
    created_at = models.DateTimeField("创建时间")
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)
    provider_id = models.CharField("服务商回执号", max_length=80, blank=True)
    error = models.CharField("失败原因", max_length=300, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        indexes = [
            models.Index(
                fields=["next_try_at"], name="message_due", condition=Q(state__in=["new", "sending"])
            ),
            models.Index(fields=["provider_id"], name="message_wechat_id", condition=Q(channel="wechat")),
            models.Index(fields=["user", "-created_at"], name="message_inbox", condition=Q(channel="app")),
            models.Index(
                fields=["user"], name="message_unread", condition=Q(channel="app", read_at__isnull=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_has_recipient", condition=Q(user__isnull=False) | ~Q(address="")
            ),
        ]

    def __str__(self):
        return f"{self.get_channel_display()} {self.title}"


class WeChatToken(models.Model):
    """The access token of a service account: one for all processes, renewed by one at a time."""

    app_id = models.CharField("公众号", max_length=40, primary_key=True)
    token = models.CharField("令牌", max_length=600, blank=True)
    expires_at = models.DateTimeField("失效时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "微信令牌"

    def __str__(self):
        return self.app_id


class WeChatUser(models.Model):
    """Somebody of the service account, and the phone they have proved by a code, if any."""

    # Numbers change hands: the code is asked for again twice a year.
    BOUND_FOR = timedelta(days=180)

    openid = models.CharField("微信标识", max_length=64, unique=True)
    phone = models.CharField("手机号", max_length=20, blank=True, db_index=True)
    bound_at = models.DateTimeField("绑定时间", null=True, blank=True)
    subscribed = models.BooleanField("已关注", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "微信用户"

    def __str__(self):
        return f"微信用户 {self.pk}"
