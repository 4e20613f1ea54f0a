"""How the people of a company come in, and when they were last here (DI-12)."""

from django.conf import settings
from django.db import models

from warranty.models import Contact
from warranty.models.contractor import Contractor


class OfContacts(models.QuerySet):
    """Rows of a contact; seen by whoever may know about the company (OR-01)."""

    def visible_to(self, user):
        """Rows of the companies this user may know about."""
        if user.is_authenticated and user.is_active and user.sees_all_estates:
            return self
        return self.filter(contact__contractor__in=Contractor.objects.visible_to(user))


class PartnerLink(models.Model):
    """A personal link of one contact: known by the hash of its secret, until it ends or is revoked (T04)."""

    contact = models.ForeignKey(Contact, models.PROTECT, verbose_name="联系人", related_name="links")
    token_sha256 = models.CharField("口令摘要", max_length=64, unique=True)
    created_at = models.DateTimeField("生成时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="生成人", related_name="+"
    )
    expires_at = models.DateTimeField("有效期至")
    revoked_at = models.DateTimeField("吊销时间", null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="吊销人",
        related_name="+",
        null=True,
        blank=True,
    )

    objects = OfContacts.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位链接"
        ordering = ["-created_at", "-pk"]
        permissions = [("manage_partner", "管理单位链接、委托书与函件")]
        constraints = [
            # Making a new one ends the old one: nobody has two doors.
            models.UniqueConstraint(
                fields=["contact"],
                condition=models.Q(revoked_at__isnull=True),
                name="partner_link_one_live_per_contact",
            )
        ]

    def __str__(self):
        return f"{self.contact} {self.created_at:%Y-%m-%d}"


class PartnerVisit(models.Model):
    """That a contact was here on a day, first and last when, and how often they came in."""

    contact = models.ForeignKey(Contact, models.PROTECT, verbose_name="联系人", related_name="visits")
    day = models.DateField("日期")
    first_at = models.DateTimeField("首次")
    last_at = models.DateTimeField("末次")
    times = models.PositiveIntegerField("次数", default=1)
    ip = models.GenericIPAddressField("地址", null=True, blank=True)

    objects = OfContacts.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位来访"
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["contact", "day"], name="partner_visit_once_a_day")]

    def __str__(self):
        return f"{self.contact} {self.day:%Y-%m-%d}"
