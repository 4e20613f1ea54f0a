"""The rules of levels and classes in the admin: data, not code (SL-01, SL-06)."""

import re

from django import forms
from django.contrib import admin

from core.admin import HouseAdmin
from tickets import level_rules
from tickets.models import ClassRule, LevelRule
from warranty.admin import OwnAndDefaultAdmin


@admin.register(ClassRule)
class ClassRuleAdmin(OwnAndDefaultAdmin):
    """When a class is raised and by when it must be answered, for all or for one estate."""

    list_display = [
        "__str__",
        "important_hours",
        "approval_hours",
        "accident_days",
        "answer_days",
        "solve_days",
    ]


class LevelRuleForm(forms.ModelForm):
    class Meta:
        model = LevelRule
        fields = ["name", "fault_prefixes", "season", "raise_by", "active"]

    def clean_fault_prefixes(self) -> str:
        """Codes by blanks; a rule without any would raise every fault there is."""
        prefixes = re.split(r"[\s,，、;；|]+", self.cleaned_data["fault_prefixes"].strip().upper())
        if bad := [prefix for prefix in prefixes if not re.fullmatch(r"[A-Z0-9]{1,10}", prefix)]:
            raise forms.ValidationError(f"“{bad[0]}”不是故障代码前缀，例如 HV 或 HV03。")
        return " ".join(prefixes)


@admin.register(LevelRule)
class LevelRuleAdmin(HouseAdmin):
    """Which faults go up a level, always or in a season."""

    form = LevelRuleForm
    list_display = ["name", "fault_prefixes", "season", "raise_by", "active"]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        level_rules.forget()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        level_rules.forget()
