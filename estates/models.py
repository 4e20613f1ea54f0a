"""Where things break and who lives there."""

import secrets

from django.contrib.postgres.indexes import OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Reverse

from core.models import EstateScoped

# Under the C collation one plain index finds a beginning (LIKE 'x%') and gives the
# rows in order; under others a search for `zw` would walk the whole index.
SEARCHED = "C"


class Area(models.Model):
    """A district that workers cover; its neighbours help out when nobody is free (DI-02)."""

    code = models.SlugField("代码", max_length=30, unique=True)
    name = models.CharField("片区", max_length=40, unique=True)
    neighbours = models.ManyToManyField("self", verbose_name="相邻片区", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "片区"
        ordering = ["code"]

    def __str__(self):
        return self.name


class EstateQuerySet(EstateScoped):
    estate_path = "pk"


class Estate(models.Model):
    """A housing estate 项目/小区: the unit of scope, policy and reporting."""

    code = models.SlugField("项目代码", max_length=12, unique=True, help_text="用于工单号，例如 BJHY")
    name = models.CharField("项目名称", max_length=60, unique=True)
    pinyin = models.CharField("拼音", max_length=200, blank=True, help_text="留空自动生成")
    area = models.ForeignKey(Area, models.PROTECT, verbose_name="片区", related_name="estates")
    address = models.CharField("地址", max_length=200, blank=True)
    # Degrees, GCJ-02 as Chinese maps give it: WGS-84 would be some 500 m off.
    latitude = models.FloatField(
        "纬度", null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        "经度", null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    hotline = models.CharField("服务热线", max_length=20, blank=True)
    design_life_years = models.PositiveSmallIntegerField("主体结构设计年限（年）", default=50)

    objects = EstateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目"
        ordering = ["code"]

    def __str__(self):
        return self.name


class Batch(models.Model):
    """One handover batch 交付批次 of an estate, with the dates that phases and warranty count from."""

    estate = models.ForeignKey(Estate, models.PROTECT, verbose_name="项目", related_name="batches")
    name = models.CharField("批次", max_length=40)
    completed_on = models.DateField("竣工验收合格日")
    handover_from = models.DateField("集中交付开始日")
    handover_to = models.DateField("集中交付完成日")

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "交付批次"
        constraints = [
            models.UniqueConstraint(fields=["estate", "name"], name="batch_name_once_per_estate"),
            models.CheckConstraint(
                name="batch_handover_in_order",
                condition=Q(handover_from__lte=F("handover_to")),
                violation_error_message="集中交付完成日不能早于开始日。",
            ),
        ]

    def __str__(self):
        return f"{self.estate} {self.name}"


class Building(models.Model):
    """A building 楼栋."""

    estate = models.ForeignKey(Estate, models.PROTECT, verbose_name="项目", related_name="buildings")
    batch = models.ForeignKey(Batch, models.PROTECT, verbose_name="交付批次", related_name="buildings")
    name = models.CharField("楼栋", max_length=30, help_text="例如 3栋")

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "楼栋"
        ordering = ["estate_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "name"], name="building_name_once_per_estate")
        ]

    def __str__(self):
        return f"{self.estate} {self.name}"


class Unit(models.Model):
    """A dwelling 房屋: one door with a number."""

    estate = models.ForeignKey(Estate, models.PROTECT, verbose_name="项目", related_name="units")
    building = models.ForeignKey(Building, models.PROTECT, verbose_name="楼栋", related_name="units")
    entrance = models.CharField("单元", max_length=20, blank=True, help_text="例如 2单元")
    room = models.CharField("房号", max_length=20, db_collation=SEARCHED)
    floor = models.SmallIntegerField("楼层", null=True, blank=True)
    label = models.CharField(
        "房屋简称",
        max_length=60,
        help_text="例如 3-2-1201，前台检索用",
        db_collation=SEARCHED,
    )
    layout = models.CharField("户型", max_length=40, blank=True)
    size_m2 = models.DecimalField("建筑面积（㎡）", max_digits=7, decimal_places=2, null=True, blank=True)
    # Both dates are kept: which one counts is a matter of policy (domain.md §1.2).
    contract_handover_on = models.DateField("合同交付日", null=True, blank=True)
    taken_over_on = models.DateField("实际收房日", null=True, blank=True)

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "房屋"
        ordering = ["building_id", "label"]
        constraints = [
            models.UniqueConstraint(fields=["building", "entrance", "room"], name="unit_once_per_building"),
            models.UniqueConstraint(fields=["estate", "label"], name="unit_label_once_per_estate"),
        ]
        indexes = [
            models.Index(fields=["label"], name="unit_label"),
            models.Index(fields=["estate", "room", "building"], name="unit_room_of_estate"),
        ]
        permissions = [("import_unit", "可以导入房屋与业主"), ("export_unit", "可以导出房屋与业主")]

    def __str__(self):
        return f"{self.building}{self.entrance}{self.room}"


class PublicPlace(models.Model):
    """A place that belongs to everybody: lobby, lift, garage, garden."""

    estate = models.ForeignKey(Estate, models.PROTECT, verbose_name="项目", related_name="places")
    building = models.ForeignKey(
        Building, models.PROTECT, verbose_name="楼栋", related_name="places", null=True, blank=True
    )
    name = models.CharField("公共部位", max_length=60)
    # Printed on the QR code of the place; says where, gives no right by itself.
    token = models.CharField("二维码标识", max_length=64, unique=True, default=secrets.token_urlsafe)

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公共部位"
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "building", "name"], nulls_distinct=False, name="place_once_per_building"
            )
        ]

    def __str__(self):
        return f"{self.building or self.estate} {self.name}"


class Equipment(models.Model):
    """A device with a plate: lift, pump, boiler, door; engineering tickets name its model (IN-11)."""

    estate = models.ForeignKey(Estate, models.PROTECT, verbose_name="项目", related_name="equipment")
    place = models.ForeignKey(
        PublicPlace,
        models.PROTECT,
        verbose_name="所在公共部位",
        related_name="equipment",
        null=True,
        blank=True,
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="所在房屋", related_name="equipment", null=True, blank=True
    )
    name = models.CharField("设备", max_length=60)
    model = models.CharField("型号", max_length=80)
    maker = models.CharField("厂家", max_length=80, blank=True)
    installed_on = models.DateField("安装日期", null=True, blank=True)

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "设备"

    def __str__(self):
        return f"{self.name} {self.model}"


class OwnerQuerySet(EstateScoped):
    def visible_to(self, user):
        """Owners with a household in the user's estates."""
        if not user.is_authenticated or user.sees_all_estates:
            return super().visible_to(user)
        inside = Household.objects.visible_to(user)
        return self.filter(pk__in=inside.values("owner_id"))


class Owner(models.Model):
    """A person of a household 业主/住户: owner, family member or tenant."""

    name = models.CharField("姓名", max_length=60, db_collation=SEARCHED)
    phone = models.CharField("电话", max_length=20, db_collation=SEARCHED)
    pinyin = models.CharField(
        "拼音首字母",
        max_length=30,
        blank=True,
        db_collation=SEARCHED,
        help_text="留空自动生成",
    )

    objects = OwnerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "业主/住户"
        indexes = [
            models.Index(fields=["name"], name="owner_name"),
            models.Index(fields=["phone"], name="owner_phone"),
            models.Index(fields=["pinyin"], name="owner_pinyin"),
            # The last digits of a number, read backwards, are a prefix.
            models.Index(OpClass(Reverse("phone"), name="text_pattern_ops"), name="owner_phone_tail"),
        ]

    def __str__(self):
        return self.name


class HouseholdQuerySet(EstateScoped):
    estate_path = "unit__estate_id"

    def current(self, *, on):
        """Households that have not ended before the given day."""
        return self.filter(Q(until=None) | Q(until__gte=on))


class Household(models.Model):
    """Who belongs to which unit, as what, from when to when."""

    class Relation(models.TextChoices):
        OWNER = "owner", "业主"
        FAMILY = "family", "家庭成员"
        TENANT = "tenant", "租户"
        AGENT = "agent", "受托人"

    unit = models.ForeignKey(Unit, models.CASCADE, verbose_name="房屋", related_name="households")
    owner = models.ForeignKey(Owner, models.CASCADE, verbose_name="住户", related_name="households")
    relation = models.CharField("关系", max_length=10, choices=Relation, default=Relation.OWNER)
    since = models.DateField("起始日期", null=True, blank=True)
    until = models.DateField("结束日期", null=True, blank=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "住户关系"
        constraints = [
            models.UniqueConstraint(fields=["unit", "owner", "relation"], name="household_relation_once")
        ]

    def __str__(self):
        return f"{self.unit} {self.get_relation_display()} {self.owner}"


class DirectoryEntry(models.Model):
    """One household as the desk's search reads it: estate and search keys side by side (IN-03).

    Kept by triggers of the database alone (migration 0003), whoever writes owners,
    households or dwellings. Without the estate in the index, a search within a small
    estate would walk through everybody of that name.
    """

    household = models.OneToOneField(
        Household, models.DO_NOTHING, verbose_name="住户关系", primary_key=True, related_name="+"
    )
    estate = models.ForeignKey(
        Estate, models.DO_NOTHING, verbose_name="项目", related_name="+", db_index=False
    )
    name = models.CharField("姓名", max_length=60, db_collation=SEARCHED)
    phone = models.CharField("电话", max_length=20, db_collation=SEARCHED)
    # The number read backwards: its last digits are a prefix.
    tail = models.CharField("电话倒序", max_length=20, db_collation=SEARCHED)
    pinyin = models.CharField("拼音首字母", max_length=30, blank=True, db_collation=SEARCHED)
    until = models.DateField("结束日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "住户检索目录"
        indexes = [
            models.Index(fields=["estate", "name", "household"], name="directory_name"),
            models.Index(fields=["estate", "pinyin", "household"], name="directory_pinyin"),
            models.Index(fields=["estate", "phone", "household"], name="directory_phone"),
            models.Index(fields=["estate", "tail", "household"], name="directory_tail"),
        ]

    def __str__(self):
        return self.name


class CareFlagQuerySet(EstateScoped):
    def visible_to(self, user):
        """Flags of the owners this user may know about."""
        return self.filter(owner__in=Owner.objects.visible_to(user))


class CareFlag(models.Model):
    """Somebody who needs more care 关怀标记; raises priority by rule (IN-09)."""

    class Kind(models.TextChoices):
        ELDERLY_ALONE = "elderly_alone", "高龄独居"
        DISABLED = "disabled", "残障"
        INFANT = "infant", "婴幼儿"
        VIP = "vip", "VIP"
        OTHER = "other", "其他关怀"

    owner = models.ForeignKey(Owner, models.CASCADE, verbose_name="住户", related_name="care_flags")
    kind = models.CharField("类型", max_length=20, choices=Kind)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = CareFlagQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "关怀标记"
        constraints = [models.UniqueConstraint(fields=["owner", "kind"], name="care_flag_once")]

    def __str__(self):
        return self.get_kind_display()


class Hint(models.Model):
    """What one should know before going there: valve, access code, pets, dispute (IN-19)."""

    class Kind(models.TextChoices):
        VALVE = "valve", "阀门位置"
        ACCESS = "access", "门禁与通行"
        PETS = "pets", "宠物"
        DISPUTE = "dispute", "纠纷提示"
        SAFETY = "safety", "安全提示"
        OTHER = "other", "其他提示"

    estate = models.ForeignKey(Estate, models.CASCADE, verbose_name="项目", related_name="hints")
    building = models.ForeignKey(
        Building, models.CASCADE, verbose_name="楼栋", related_name="hints", null=True, blank=True
    )
    unit = models.ForeignKey(
        Unit, models.CASCADE, verbose_name="房屋", related_name="hints", null=True, blank=True
    )
    kind = models.CharField("类型", max_length=12, choices=Kind)
    text = models.CharField("内容", max_length=300)
    inside_only = models.BooleanField("仅内部人员可见", default=False)

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "位置提示"

    def __str__(self):
        return self.text
