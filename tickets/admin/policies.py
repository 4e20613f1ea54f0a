"""Policy sets with their versions, and the working calendar (SL-02)."""

from datetime import date

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import localdate

from core.admin import ScopedAdmin, ScopedStackedInline
from tickets import policy_check
from tickets.models import PolicySet, PolicyVersion, Ticket, WorkDay


class VersionForm(forms.ModelForm):
    """A version that no ticket was accepted under yet, with rules that the clocks can read."""

    class Meta:
        model = PolicyVersion
        fields = ["number", "valid_from", "rules"]
        widgets = {
            "rules": forms.Textarea(attrs={"rows": 24, "class": "vLargeTextField", "spellcheck": "false"})
        }
        help_texts = {
            "rules": "JSON。每个时钟：label 名称，start 与 stop 起止事件，limits 各级分钟数（null 按约定），"
            "calendar 为 always（全天）或 working（工作时间），warn 预警百分比。"
        }
        error_messages = {"rules": {"invalid": "不是正确的 JSON：请检查引号、逗号和括号是否成对。"}}

    def clean_rules(self):
        rules = self.cleaned_data["rules"]
        if found := policy_check.problems(rules):
            raise forms.ValidationError(found)
        return rules

    def clean(self):
        data = super().clean()
        if self.instance.pk:
            # Locked against a ticket being registered under it this very moment.
            PolicyVersion.objects.select_for_update().get(pk=self.instance.pk)
            if Ticket.objects.filter(policy=self.instance).exists():
                raise forms.ValidationError("刚刚有工单按这一版登记，已不能修改；请新增一版。")
        return data


class Versions(ScopedStackedInline):
    """What both kinds of versions share."""

    model = PolicyVersion
    form = VersionForm
    fields = [("number", "valid_from"), "rules"]
    used: bool

    def get_queryset(self, request):
        used = Exists(Ticket.objects.filter(policy=OuterRef("pk")))
        return super().get_queryset(request).filter(used if self.used else ~used)


class OpenVersions(Versions):
    """Versions that can still be changed, and new ones."""

    used = False
    verbose_name_plural = "还没有工单使用的版本"


class UsedVersions(Versions):
    """Versions that tickets were accepted under: they stay as they are."""

    used = True
    verbose_name_plural = "已有工单使用的版本（不可修改）"

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(PolicySet)
class PolicySetAdmin(ScopedAdmin):
    """Everybody in scope reads the group's policies; only group-level staff change them."""

    list_display = ["code", "name", "where", "active", "newest"]
    list_filter = ["active"]
    search_fields = ["code", "name"]
    fields = ["code", "name", "estate", "active"]
    follow = ("estate",)
    ordering = ["code"]
    inlines = [OpenVersions, UsedVersions]

    def get_queryset(self, request):
        found = super().get_queryset(request).prefetch_related("versions")
        if request.user.sees_all_estates:
            return found
        return found.filter(Q(estate__isnull=True) | Q(estate__in=request.user.estate_ids()))

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and db_field.name == "estate":
            field.required = not request.user.sees_all_estates
            field.empty_label = "请选择项目" if field.required else "全部项目"
        return field

    def has_change_permission(self, request, obj=None):
        mine = obj is None or obj.estate_id is not None or request.user.sees_all_estates
        return super().has_change_permission(request, obj) and mine

    def _in_scope(self, request, obj):
        return obj is None or obj.estate_id is None or request.user.may_see_estate(obj.estate_id)

    @admin.display(description="项目", ordering="estate__code", empty_value="全部项目")
    def where(self, policy):
        return policy.estate

    @admin.display(description="最新版本")
    def newest(self, policy):
        versions = policy.versions.all()
        return f"第{versions[0].number}版，{versions[0].valid_from:%Y-%m-%d} 起" if versions else "无"


class YearFilter(admin.SimpleListFilter):
    """By year; there are a handful."""

    title = "年份"
    parameter_name = "year"

    def lookups(self, request, model_admin):
        years = WorkDay.objects.dates("day", "year", order="DESC")
        return [(str(day.year), f"{day.year}年") for day in years]

    def queryset(self, request, queryset):
        return queryset.filter(day__year=self.value()) if (self.value() or "").isdigit() else queryset


@admin.register(WorkDay)
class WorkDayAdmin(admin.ModelAdmin):
    """The days of the working calendar; days that have passed stay as clocks have counted them."""

    list_display = ["day", "weekday", "working", "note", "confirmed"]
    list_filter = ["working", "confirmed", YearFilter]
    search_fields = ["note"]
    ordering = ["day"]
    list_per_page = 62

    def get_readonly_fields(self, request, obj=None):
        return ["day"] if obj else []

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and _lies_ahead(obj)

    def has_delete_permission(self, request, obj=None):
        # A missing day would be guessed from its weekday.
        return False

    @admin.display(description="星期", ordering="day")
    def weekday(self, day):
        return f"周{'一二三四五六日'[day.day.weekday()]}"


def _lies_ahead(day: WorkDay | None) -> bool:
    return day is None or _as_date(day.day) >= localdate()


def _as_date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
