"""Faults, trades and scripts in the admin (IN-15, OR-02)."""

import re

from django import forms
from django.contrib import admin
from django.db.models import Count

from core.admin import HouseAdmin
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


@admin.register(Trade)
class TradeAdmin(HouseAdmin):
    list_display = ["code", "name", "needs_certificate", "fault_count"]
    list_filter = ["needs_certificate"]
    search_fields = ["code", "name"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(faults_total=Count("faults"))

    @admin.display(description="故障项数", ordering="faults_total")
    def fault_count(self, row):
        return row.faults_total


@admin.register(Department)
class DepartmentAdmin(HouseAdmin):
    list_display = ["name", "code", "order", "active"]
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
        "coverage",
        "place",
        "typical_minutes",
        "active",
    ]
    list_display_links = ["code", "fault"]
    list_filter = ["active", "default_level", "place", "coverage", "trades"]
    search_fields = ["code", "area", "component", "fault", "synonyms"]
    filter_horizontal = ["trades"]
    list_per_page = 120
    fieldsets = [
        (None, {"fields": ["code", "area", "component", "fault", "active"]}),
        ("检索", {"fields": ["synonyms"]}),
        ("处理", {"fields": ["default_level", "place", "trades", "typical_minutes", "materials"]}),
        ("保修", {"fields": ["coverage"]}),
    ]


@admin.register(Script)
class ScriptAdmin(HouseAdmin):
    form = ScriptForm
    list_display = ["code", "title", "kind", "moment", "fault_prefixes", "active"]
    list_display_links = ["code", "title"]
    list_filter = ["kind", "moment", "active"]
    search_fields = ["code", "title", "body", "fault_prefixes"]
