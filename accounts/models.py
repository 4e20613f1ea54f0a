"""Staff users, their roles and the estates they work for."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser, Group, UserManager
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.crypto import salted_hmac


class UserQuerySet(models.QuerySet):
    """Users; `visible_to` is where every view and picker starts (OR-01)."""

    def visible_to(self, user: "User"):
        """Colleagues: those who work for one of this user's estates, and the user."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.sees_all_estates:
            return self
        shared = User.estates.through.objects.filter(user_id=OuterRef("pk"), estate_id__in=user.estate_ids())
        return self.filter(Q(pk=user.pk) | Exists(shared))

    def active(self):
        """Those who can still sign in."""
        return self.filter(is_active=True)


class StaffManager(UserManager.from_queryset(UserQuerySet)):
    """Django's user manager with our filters."""

    use_in_migrations = False


class User(AbstractUser):
    """A person who signs in: staff of the property company, a worker or a contractor's contact.

    Owners never get a row here; they reach their tickets by a link or an SMS code.
    """

    first_name = None
    last_name = None
    full_name = models.CharField("姓名", max_length=40)
    phone = models.CharField("手机号", max_length=20, unique=True, null=True, blank=True)
    job_number = models.CharField("工号", max_length=20, blank=True)
    is_active = models.BooleanField("启用", default=True, help_text="离职或停用时取消勾选，账号不删除")
    is_staff = models.BooleanField("可进入管理后台", default=False)
    estates = models.ManyToManyField(
        "estates.Estate", verbose_name="负责项目", blank=True, related_name="staff"
    )
    all_estates = models.BooleanField("可看全部项目", default=False)
    # Part of what a session is checked against: raising it ends every session (T29).
    session_epoch = models.PositiveIntegerField("会话批次", default=0, editable=False)

    objects = StaffManager()
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        permissions = [("assign_any_role", "可授予任何角色与权限")]

    def __str__(self):
        return self.full_name or self.username

    def get_full_name(self):
        return self.full_name

    def get_short_name(self):
        return self.full_name

    def _get_session_auth_hash(self, secret=None):
        # Django's own hook for "which sessions are still good"; it knows the password only.
        key = "accounts.models.User.get_session_auth_hash"
        value = f"{self.password}:{self.session_epoch}"
        return salted_hmac(key, value, secret=secret, algorithm="sha256").hexdigest()

    @property
    def sees_all_estates(self) -> bool:
        """True for superusers and for group-level staff."""
        return self.is_superuser or self.all_estates

    def take_rights(self, *, estate_ids: list[int], permissions: set[str], is_inside: bool) -> None:
        """Keep what was read together with the row, so that it is not asked for again."""
        self._estate_ids = estate_ids
        self.is_inside = is_inside
        if self.is_active and not self.is_superuser:
            # The name under which Django's own backend keeps them.
            self._perm_cache = permissions

    def has_perm(self, perm, obj=None):
        """Django's answer, without a walk through the backends where it is known already."""
        known = self.__dict__.get("_perm_cache")
        if known is None or obj is not None or not self.is_active or self.is_superuser:
            return super().has_perm(perm, obj)
        return perm in known

    @cached_property
    def is_inside(self) -> bool:
        """Whether the user holds a role of the company's own people."""
        return self.groups.filter(role__outside=False).exists()

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
    admin = models.BooleanField("进入管理后台", default=False, help_text="授予此角色时，同时允许进入管理后台")

    class Meta:
        verbose_name = verbose_name_plural = "角色"

    def __str__(self):
        return self.group.name
