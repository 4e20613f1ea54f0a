"""What breaks, who mends it, and what to say about it."""

from django.db import models


class Trade(models.Model):
    """A craft 工种 that a fault needs and a worker is skilled in."""

    code = models.SlugField("代码", max_length=30, unique=True)
    name = models.CharField("工种", max_length=40, unique=True)
    needs_certificate = models.BooleanField("须持证上岗", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "工种"
        ordering = ["code"]

    def __str__(self):
        return self.name


class Department(models.Model):
    """A label of whom a matter belongs to 部门标签: 工程, 保洁, 安保, 投诉… (IN-11)."""

    code = models.SlugField("代码", max_length=20, unique=True)
    name = models.CharField("部门", max_length=20, unique=True)
    order = models.PositiveSmallIntegerField("排序", default=50)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "部门标签"
        ordering = ["order", "pk"]

    def __str__(self):
        return self.name


class FaultCategory(models.Model):
    """A leaf of the fault taxonomy 故障分类: part, component, problem (domain.md §2)."""

    class Place(models.TextChoices):
        PUBLIC = "public", "公共部位"
        PRIVATE = "private", "户内"
        BOTH = "both", "户内或公共"

    code = models.CharField("代码", max_length=10, unique=True)
    area = models.CharField("部位", max_length=40)
    component = models.CharField("分项", max_length=60)
    fault = models.CharField("问题", max_length=60)
    synonyms = models.TextField("口语说法", blank=True, help_text="用空格分开，例如：漏水 渗水 滴水")
    trades = models.ManyToManyField(Trade, verbose_name="所需工种", related_name="faults")
    default_level = models.PositiveSmallIntegerField("默认级别", choices=[(n, f"{n}级") for n in range(1, 5)])
    # The component code of warranty.CoverageTerm that decides what is covered until when.
    coverage = models.CharField("保修部位编码", max_length=20, help_text="与保修期限表的部位编码一致")
    place = models.CharField("位置", max_length=8, choices=Place)
    typical_minutes = models.PositiveIntegerField("标准工时（分钟）")
    materials = models.TextField("常用材料", blank=True, help_text="用竖线分开")
    destructive = models.BooleanField(
        "破坏性作业",
        default=False,
        db_default=False,
        help_text="例如撬锁、破门：派单前须上传业主书面申请",
    )
    department = models.ForeignKey(
        Department, models.PROTECT, verbose_name="部门标签", related_name="faults", null=True, blank=True
    )
    needs_device = models.BooleanField(
        "须填设备型号与照片",
        default=False,
        db_default=False,
        help_text="工程设备类：缺设备型号或照片时不能派单",
    )
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "故障分类"
        ordering = ["code"]

    def __str__(self):
        return f"{self.area}·{self.component}·{self.fault}"

    @property
    def title(self) -> str:
        """What is broken, for the head of a card: the problem alone ("渗漏") does not say where."""
        return f"{self.component} {self.fault}"


class Script(models.Model):
    """Words to say 话术 or self-rescue advice, shown beside the intake form (IN-15)."""

    class Kind(models.TextChoices):
        TALK = "talk", "话术"
        RESCUE = "rescue", "自救指引"

    class Moment(models.TextChoices):
        """When in a ticket's life the words are said."""

        INTAKE = "intake", "接报"
        CONTACT = "contact", "联系预约"
        VISIT = "visit", "上门维修"
        FINISH = "finish", "完工验收"
        FOLLOW_UP = "follow_up", "回访"
        COMPLAINT = "complaint", "投诉与来访"

    code = models.CharField("编号", max_length=12, unique=True)
    kind = models.CharField("类型", max_length=8, choices=Kind, default=Kind.TALK)
    moment = models.CharField("使用环节", max_length=10, choices=Moment, default=Moment.INTAKE)
    title = models.CharField("主题", max_length=60)
    body = models.TextField("内容")
    # Prefixes of fault codes ("WP", "EL0"); empty means: for every call.
    fault_prefixes = models.CharField(
        "适用故障代码前缀", max_length=200, blank=True, help_text="用空格分开；留空表示通用"
    )
    source = models.CharField("来源", max_length=40, blank=True)
    active = models.BooleanField("启用", default=True)
    # The body with the call's own values put in; set by knowledge.queries.scripts_for.
    words: str

    class Meta:
        verbose_name = verbose_name_plural = "话术与指引"
        ordering = ["code"]

    def __str__(self):
        return self.title
