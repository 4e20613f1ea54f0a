"""Policy sets with their versions, and the working calendar (SL-02)."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.urls import path
from django.utils.functional import cached_property
from django.utils.timezone import localdate

from core.admin import HouseAdmin, ScopedAdmin, ScopedStackedInline
from tickets import policy_check
from tickets.admin import policy_notes, policy_pages
from tickets.admin.policy_edit import LimitsEditor, unread_limits
from tickets.clocks import NO_CLOCK
from tickets.models import PolicySet, PolicyVersion, Ticket, WorkDay


class VersionForm(forms.ModelForm):
    """A version that no ticket was accepted under yet, with rules that the clocks can read."""

    # The set as it was just typed; the database may still hold another.
    parent: PolicySet

    class Meta:
        model = PolicyVersion
        fields = ["number", "valid_from", "valid_to", "rules"]
        labels = {"rules": "各级时限"}
        widgets = {
            "rules": LimitsEditor(attrs={"rows": 24, "class": "vLargeTextField", "spellcheck": "false"})
        }
        help_texts = {
            "rules": "每格写分钟数、“2 小时”、“3 天”、“按约定”或“不计”。不勾选的行不写进这一版："
            "内部目标不写的就不计时；承诺、底线和高峰模式只勾选写明的那几行，其余照内部目标。"
        }
        error_messages = {"rules": {"invalid": "不是正确的 JSON：请检查引号、逗号和括号是否成对。"}}

    def clean_rules(self):
        rules = self.cleaned_data["rules"]
        if found := unread_limits(rules) or policy_check.problems(rules):
            raise forms.ValidationError(found)
        return rules

    def clean(self):
        data = super().clean()
        if self.parent.nature == PolicySet.Nature.PEAK and data.get("rules"):
            self._clean_peak(data)
        if self.instance.pk:
            # Locked against a ticket being registered under it this very moment.
            PolicyVersion.objects.select_for_update().get(pk=self.instance.pk)
            if Ticket.objects.filter(policy=self.instance).exists():
                raise forms.ValidationError("刚刚有工单按这一版登记，已不能修改；请新增一版。")
        return data

    def _clean_peak(self, data) -> None:
        """Peak mode ends, and leaves levels 1 and 2 alone (domain.md §8.1)."""
        if not data.get("valid_to"):
            self.add_error("valid_to", "高峰或灾害模式必须写明失效日期。")
        named = [
            spec["label"]
            for spec in data["rules"]["clocks"].values()
            if {spec["limits"]["1"], spec["limits"]["2"]} != {NO_CLOCK}
        ]
        if named:
            self.add_error(
                "rules", f'高峰或灾害模式只能放宽 3、4 级，{"、".join(named)}的 1、2 级请写 "none"。'
            )


class VersionSet(forms.BaseInlineFormSet):
    """Tells each version to which set it belongs; a new one starts as a copy of the newest."""

    def _construct_form(self, i, **kwargs):
        return self._belonging(super()._construct_form(i, **kwargs))

    @property
    def empty_form(self):
        """What the button for another version copies."""
        return self._belonging(super().empty_form)

    def _belonging(self, form: VersionForm) -> VersionForm:
        form.parent = self.instance
        if form.instance.pk is None:
            form.initial |= self._start
        return form

    @cached_property
    def _start(self) -> dict[str, Any]:
        # Not the dates: a version nobody filled in has to stay unchanged for the form.
        written = PolicyVersion.objects.filter(settled="").order_by("-number")
        own = written.filter(policy=self.instance).first() if self.instance.pk else None
        model = own or written.filter(policy__code="P-DEFAULT").first()
        if model is None:
            return {}
        return {"number": own.number + 1 if own else 1, "rules": model.rules}


class Versions(ScopedStackedInline):
    """What both kinds of versions share."""

    model = PolicyVersion
    form = VersionForm
    formset = VersionSet
    readonly_fields = ["limits", "others"]
    used: bool

    @admin.display(description="提醒、暂停与上门")
    def others(self, version: PolicyVersion) -> str:
        """What the rules say besides the limits, in words."""
        if not (version.rules or {}).get("clocks"):
            return "与上一版相同，可在“全部规则”里修改。"
        notes = {"notes": policy_notes.notes(version.rules)}
        return render_to_string("admin/tickets/policyset/_notes.html", notes)

    @admin.display(description="规则")
    def limits(self, version: PolicyVersion) -> str:
        """The rules in words and a table: few people read them as they are kept."""
        clocks = (version.rules or {}).get("clocks", {})
        if not clocks:
            return "保存后显示。"
        shown = {"limits": policy_pages.limit_rows(clocks), "notes": policy_notes.notes(version.rules)}
        return render_to_string("admin/tickets/policyset/_rules.html", shown)

    def get_queryset(self, request):
        used = Exists(Ticket.objects.filter(policy=OuterRef("pk")))
        return super().get_queryset(request).filter(used if self.used else ~used, settled="")


class OpenVersions(Versions):
    """Versions that can still be changed, and new ones."""

    used = False
    verbose_name_plural = "还没有工单使用的版本"

    def has_change_permission(self, request, obj=None):
        """Who may only read a set sees its versions in words, not the rules as they are kept."""
        sets = self.admin_site.get_model_admin(PolicySet)
        return super().has_change_permission(request, obj) and sets.has_change_permission(request, obj)

    def get_fieldsets(self, request, obj=None):
        """A table to fill in for those who may change it, the table alone for all others."""
        shown = ["rules", "others"] if self.has_change_permission(request, obj) else ["limits"]
        return [(None, {"fields": [("number", "valid_from", "valid_to"), *shown]})]


class UsedVersions(Versions):
    """Versions that tickets were accepted under: they stay as they are."""

    used = True
    verbose_name_plural = "已有工单使用的版本（不可修改）"
    fieldsets = [
        (None, {"fields": [("number", "valid_from", "valid_to"), "limits"]}),
        ("规则全文", {"fields": ["rules"], "classes": ["collapse"]}),
    ]

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class SetForm(forms.ModelForm):
    """One scope, and somebody who answers for peak mode."""

    def clean(self):
        data = super().clean()
        if data.get("area") and data.get("estate"):
            self.add_error("estate", "片区和项目只能选一个。")
        if data.get("nature") == PolicySet.Nature.PEAK and not data.get("publisher"):
            self.add_error("publisher", "高峰或灾害模式须写明发布人。")
        return data


@admin.register(PolicySet)
class PolicySetAdmin(ScopedAdmin):
    """Everybody in scope reads the group's policies; only group-level staff change them."""

    list_display = ["code", "name", "nature", "where", "active", "newest"]
    list_filter = ["active", "nature"]
    search_fields = ["code", "name"]
    form = SetForm
    fields = ["code", "name", "nature", ("area", "estate"), "active", "publisher", "note"]
    follow = ("area", "estate", "publisher")
    change_form_template = "admin/tickets/policyset/change_form.html"
    change_list_template = "admin/tickets/policyset/change_list.html"
    ordering = ["code"]
    inlines = [OpenVersions, UsedVersions]

    def get_queryset(self, request):
        found = super().get_queryset(request).prefetch_related("versions")
        if request.user.sees_all_estates:
            return found
        return found.filter(Q(estate__isnull=True) | Q(estate__in=request.user.estate_ids()))

    def get_urls(self):
        view = self.admin_site.admin_view(self.explain_view)
        return [path("explain/", view, name="tickets_policyset_explain"), *super().get_urls()]

    def explain_view(self, request):
        """Which policy applies to an estate, and why."""
        return policy_pages.explain(self, request)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        def save():
            return super(PolicySetAdmin, self).changeform_view(request, object_id, form_url, extra_context)

        if request.method == "POST" and policy_pages.PREVIEW in request.POST:
            return policy_pages.preview(self, request, object_id, save)
        return save()

    def message_user(self, request, *args, **kwargs):
        """Say nothing of what a preview takes back."""
        if policy_pages.PREVIEW not in request.POST:
            super().message_user(request, *args, **kwargs)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and db_field.name == "estate":
            field.required = not request.user.sees_all_estates
            field.empty_label = "请选择项目" if field.required else "全部项目"
            # Who answers for some estates cannot leave it empty.
            field.help_text = "" if field.required else field.help_text
        return field

    def has_change_permission(self, request, obj=None):
        mine = obj is None or obj.estate_id is not None or request.user.sees_all_estates
        return super().has_change_permission(request, obj) and mine

    def _in_scope(self, request, obj):
        return obj is None or obj.estate_id is None or request.user.may_see_estate(obj.estate_id)

    @admin.display(description="范围", ordering="estate__code")
    def where(self, policy):
        return policy_pages.scope_words(policy)

    @admin.display(description="最新版本")
    def newest(self, policy):
        versions = [version for version in policy.versions.all() if not version.settled]
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
class WorkDayAdmin(HouseAdmin):
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
