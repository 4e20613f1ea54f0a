"""Faults, trades and scripts in the admin (IN-15, OR-02)."""

import re

from django import forms
from django.contrib import admin
from django.db.models import Count

from core.admin import HouseAdmin
from knowledge import coverage_names
from knowledge.models import Department, FaultCategory, Script, Trade


class FaultCategoryForm(forms.ModelForm):
    class Meta:
        model = FaultCategory
        fields = [
            "code",
            "area",
            "component",
            "fault",
            "active",
            "synonyms",
            "default_level",
            "department",
            "needs_device",
            "place",
            "trades",
            "typical_minutes",
            "materials",
            "destructive",
            "coverage",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "coverage" in self.fields and (known := coverage_names.names()):
            self.fields["coverage"] = self._coverage(known)

    def _coverage(self, known: coverage_names.Names) -> forms.ChoiceField:
        """A choice by name; a code without a term stays until another is chosen."""
        own = self.instance.coverage
        rows = sorted(known.items(), key=lambda row: row[0])
        unknown = [(own, f"{own}（没有保修期限）")] if own and own not in known else []
        return forms.ChoiceField(
            label="保修部位",
            choices=[("", "请选择保修部位"), *unknown, *((code, f"{name}（{code}）") for code, name in rows)],
            help_text="名称与期限在“保修期限”里维护。",
        )

    def clean_code(self) -> str:
        return self.cleaned_data["code"].strip().upper()

    def clean_coverage(self) -> str:
        code = self.cleaned_data["coverage"].strip().upper()
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", code):
            raise forms.ValidationError("保修部位编码只能用字母、数字和下划线，例如 WET_WP。")
        return code

    def clean_synonyms(self) -> str:
        """Commas and line breaks become the blanks that search cuts at."""
        return " ".join(dict.fromkeys(re.split(r"[\s,，、;；|]+", self.cleaned_data["synonyms"].strip())))


class ScriptForm(forms.ModelForm):
    class Meta:
        model = Script
        fields = ["code", "kind", "moment", "title", "body", "fault_prefixes", "source", "active"]

    def clean_fault_prefixes(self) -> str:
        prefixes = re.split(r"[\s,，、;；|]+", self.cleaned_data["fault_prefixes"].strip().upper())
        if bad := [prefix for prefix in prefixes if prefix and not re.fullmatch(r"[A-Z0-9]{1,10}", prefix)]:
            raise forms.ValidationError(f"“{bad[0]}”不是故障代码前缀，例如 WP 或 EL03。")
        return " ".join(prefixes)


class CoverageFilter(admin.AllValuesFieldListFilter):
    """By component, each under its name."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.title = "保修部位"

    def choices(self, changelist):
        known = coverage_names.names()
        for choice in super().choices(changelist):
            yield choice | {"display": known.get(choice["display"], choice["display"])}


@admin.register(Trade)
class TradeAdmin(HouseAdmin):
    list_display = ["name", "needs_certificate", "fault_count", "code"]
    list_filter = ["needs_certificate"]
    search_fields = ["code", "name"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(faults_total=Count("faults"))

    @admin.display(description="故障项数", ordering="faults_total")
    def fault_count(self, row):
        return row.faults_total


@admin.register(Department)
class DepartmentAdmin(HouseAdmin):
    list_display = ["name", "order", "active", "code"]
    list_editable = ["order", "active"]
    search_fields = ["name", "code"]


@admin.register(FaultCategory)
class FaultCategoryAdmin(HouseAdmin):
    form = FaultCategoryForm
    list_display = [
        "code",
        "area",
        "component",
        "fault",
        "default_level",
        "covered_as",
        "place",
        "minutes",
        "active",
    ]
    list_display_links = ["code", "fault"]
    list_filter = ["active", "default_level", "place", ("coverage", CoverageFilter), "trades"]
    search_fields = ["code", "area", "component", "fault", "synonyms"]
    filter_horizontal = ["trades"]
    list_per_page = 120
    fieldsets = [
        (None, {"fields": ["code", "area", "component", "fault", "active"]}),
        ("检索", {"fields": ["synonyms"]}),
        (
            "处理",
            {"fields": ["default_level", "department", "place", "trades", "typical_minutes", "materials"]},
        ),
        ("派单前须有", {"fields": ["needs_device", "destructive"]}),
        ("保修", {"fields": ["coverage"]}),
    ]

    readonly_fields = ["covered_words"]

    def get_fieldsets(self, request, obj=None):
        """Who only looks reads the component's name; its code is for the form."""
        shown = "coverage" if self.has_change_permission(request, obj) else "covered_words"
        return [*self.fieldsets[:-1], ("保修", {"fields": [shown]})]

    @admin.display(description="保修部位")
    def covered_words(self, row):
        return coverage_names.names().get(row.coverage, row.coverage)

    def get_changelist_instance(self, request):
        """The names are read once for the page, not for each of its rows."""
        page, known = super().get_changelist_instance(request), coverage_names.names()
        for row in page.result_list:
            row.coverage_name = known.get(row.coverage, row.coverage)
        return page

    @admin.display(description="工时（分）", ordering="typical_minutes")
    def minutes(self, row):
        return row.typical_minutes

    @admin.display(description="保修部位", ordering="coverage")
    def covered_as(self, row):
        return row.coverage_name


@admin.register(Script)
class ScriptAdmin(HouseAdmin):
    form = ScriptForm
    list_display = ["code", "title", "kind", "moment", "fault_prefixes", "active"]
    list_display_links = ["code", "title"]
    list_filter = ["kind", "moment", "active"]
    search_fields = ["code", "title", "body", "fault_prefixes"]
