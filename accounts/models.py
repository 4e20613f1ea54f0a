"""Staff users, their roles and the estates they work for."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser, Group, UserManager
from django.db import models


class User(AbstractUser):
    """A person who signs in: staff of the property company, a worker or a contractor's contact.

    Owners never get a row here; they reach their tickets by a link or an SMS code.
    """

    first_name = None
    last_name = None
    full_name = models.CharField("姓名", max_length=40)
    phone = models.CharField("手机号", max_length=20, unique=True, null=True, blank=True)
    job_number = models.CharField("工号", max_length=20, blank=True)
    estates = models.ManyToManyField(
        "estates.Estate", verbose_name="负责项目", blank=True, related_name="staff"
    )
    all_estates = models.BooleanField("可看全部项目", default=False)

    objects = UserManager()
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"

    def __str__(self):
        return self.full_name or self.username

    def get_full_name(self):
        return self.full_name

    def get_short_name(self):
        return self.full_name

    @property
    def sees_all_estates(self) -> bool:
        """True for superusers and for group-level staff."""
        return self.is_superuser or self.all_estates

    @cached_property
    def _estate_ids(self) -> list[int]:
        return list(self.estates.values_list("pk", flat=True))

    def estate_ids(self) -> list[int]:
        """Keys of the estates in this user's scope; read once per request."""
        return self._estate_ids

    def may_see_estate(self, estate_id: int) -> bool:
        """Whether this estate is in the user's scope."""
        return self.sees_all_estates or estate_id in self._estate_ids


class Role(models.Model):
    """A role of `domain.md` §7: a group with a stable code, loaded from presets/roles.json."""

    code = models.SlugField("代码", max_length=30, unique=True)
    group = models.OneToOneField(Group, models.CASCADE, verbose_name="权限组", related_name="role")
    duty = models.CharField("职责", max_length=200, blank=True)
    outside = models.BooleanField("外部人员", default=False, help_text="只能看到分给自己的工单")

    class Meta:
        verbose_name = verbose_name_plural = "角色"

    def __str__(self):
        return self.group.name
