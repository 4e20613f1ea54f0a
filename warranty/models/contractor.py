"""Contractors under warranty and third parties: who they are and whom to ring (WA-06, WA-12)."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q


class ContractorQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Companies that work in one of the user's estates; those that work nowhere yet are everybody's."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.sees_all_estates:
            return self
        # Read through the reverse relation: workers live on a floor above.
        workers = self.model._meta.get_field("workers").related_model.objects
        agreements = self.model._meta.get_field("agreements").related_model.objects
        mine = user.estate_ids()
        signed = agreements.filter(contractor=OuterRef("pk"))
        works = workers.filter(contractor=OuterRef("pk"))
        return self.filter(
            Exists(signed.filter(estate__in=mine))
            | Exists(works.filter(user__estates__in=mine))
            | (~Exists(signed) & ~Exists(works))
        )


class Contractor(models.Model):
    """A company outside: 保修单位, bound by its warranty, or 第三方, commissioned (WA-06, WA-12)."""

    class Kind(models.TextChoices):
        CONTRACTOR = "contractor", "保修单位"
        THIRD_PARTY = "third_party", "第三方"

    name = models.CharField("单位名称", max_length=80, unique=True)
    kind = models.CharField("类别", max_length=12, choices=Kind, default=Kind.CONTRACTOR)
    active = models.BooleanField("启用", default=True, help_text="停用后不再派单，历史保留")
    note = models.CharField("备注", max_length=300, blank=True)

    objects = ContractorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保修单位与第三方"
        ordering = ["name"]

    def __str__(self):
        return self.name


class OfContractors(models.QuerySet):
    """Rows of a company; seen by whoever may know about the company (OR-01)."""

    def visible_to(self, user):
        """Rows of the companies this user may know about."""
        if user.is_authenticated and user.is_active and user.sees_all_estates:
            return self
        return self.filter(contractor__in=Contractor.objects.visible_to(user))


class Contact(models.Model):
    """A person of the company who takes notices and acts for it; at least two are wanted (domain.md §4.1).

    `user` is the account under which this person acts, by a link or a login; it is made
    with the first link and keeps the history, whoever hands out links later.
    """

    contractor = models.ForeignKey(Contractor, models.PROTECT, verbose_name="单位", related_name="contacts")
    name = models.CharField("姓名", max_length=40)
    phone = models.CharField("电话", max_length=20)
    email = models.EmailField("邮箱", blank=True)
    duty = models.CharField("职务", max_length=40, blank=True, help_text="例如 项目保修负责人")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="账号",
        related_name="contact",
        null=True,
        blank=True,
        help_text="留空时，第一次生成链接会自动建立",
    )
    active = models.BooleanField("启用", default=True)

    objects = OfContractors.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位联系人"
        ordering = ["pk"]
        permissions = [("act_for_company", "代表单位办理工单")]
        constraints = [
            models.UniqueConstraint(fields=["contractor", "phone"], name="contact_phone_once_per_contractor")
        ]

    def __str__(self):
        return f"{self.name}（{self.contractor}）"

    def clean(self):
        """An account of our own people is nobody's contact."""
        if self.user and (self.user.is_staff or self.user.is_inside):
            raise ValidationError({"user": "内部账号不能作为单位联系人的账号。"})


class Craftsman(models.Model):
    """Somebody on the company's roster 花名册 who is sent to the site; needs no account (F14)."""

    contractor = models.ForeignKey(Contractor, models.CASCADE, verbose_name="单位", related_name="craftsmen")
    name = models.CharField("姓名", max_length=40)
    phone = models.CharField("电话", max_length=20)
    active = models.BooleanField("在册", default=True)

    objects = OfContractors.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位工人"
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["contractor", "phone"], name="craftsman_phone_once")]

    def __str__(self):
        return f"{self.name} {self.phone}"


class AuthorisationLetter(models.Model):
    """授权委托书: who may take notices for the company, as a scan with its validity (F14)."""

    contractor = models.ForeignKey(Contractor, models.PROTECT, verbose_name="单位", related_name="letters")
    valid_from = models.DateField("生效日期")
    # The last day on which it holds.
    valid_to = models.DateField("有效期至")
    # Names in the file store.
    original = models.CharField("原件", max_length=120, editable=False)
    preview = models.CharField("预览", max_length=120, blank=True, editable=False)
    thumbnail = models.CharField("缩略图", max_length=120, blank=True, editable=False)
    kind = models.CharField("类型", max_length=10, editable=False)
    content_type = models.CharField("内容类型", max_length=60, editable=False)
    name = models.CharField("文件名", max_length=120, editable=False)
    sha256 = models.CharField("校验", max_length=64, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")

    objects = OfContractors.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "授权委托书"
        ordering = ["-valid_to", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="letter_ends_after_it_begins",
                condition=Q(valid_to__gte=F("valid_from")),
                violation_error_message="有效期不能早于生效日期。",
            )
        ]

    def __str__(self):
        return f"{self.contractor} 授权委托书"
