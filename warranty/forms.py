"""What the admin accepts as a coverage term or a season; mistakes stand at their field."""

import re
from typing import Any

from django import forms

from warranty.coverage import DATED, SEASONAL
from warranty.law import floor_of
from warranty.models import CoverageTerm, Season


class CoverageTermForm(forms.ModelForm):
    """A term that keeps above the floors of the law (WA-02)."""

    class Meta:
        model = CoverageTerm
        fields = [
            "estate",
            "component",
            "name",
            "kind",
            "promised",
            "contractor_months",
            "owner_floor_months",
            "source",
        ]
        help_texts = {
            "component": "大写字母编码，与故障分类的“保修部位编码”一致，例如 WET_WP。",
            "promised": "以《住宅质量保证书》为准；合同没有约定时留空，按法定期限计算。",
            "contractor_months": "自竣工验收合格日起；留空按法定期限。",
            "owner_floor_months": "自交付日起；留空按法定期限。",
        }

    def clean_component(self) -> str:
        code = self.cleaned_data["component"].strip().upper()
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", code):
            raise forms.ValidationError("部位编码只能用字母、数字和下划线，并以字母开头。")
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if kind and "component" in data:
            self._check_law(data["component"], kind, data)
        if kind in SEASONAL and data.get("promised") is None:
            self._refuse("promised", "季节型保修请填写承诺的季数。")
        if kind == "months" and all(
            data.get(name) is None for name in ("promised", "contractor_months", "owner_floor_months")
        ):
            self._refuse("promised", "请至少填写一项期限。")
        return data

    def _check_law(self, component: str, kind: str, data: dict[str, Any]) -> None:
        law = floor_of(component)
        if law and law.kind != kind:
            label = CoverageTerm.Kind(law.kind).label
            self._refuse("kind", f"{component}有法定最低保修期，计期方式必须是“{label}”。")
            return
        unit = "季" if kind in SEASONAL else "个月"
        least_owner = max(law.owner or 0 if law else 0, data.get("owner_floor_months") or 0)
        floors = {
            "promised": ("对业主承诺", least_owner if kind in DATED else 0),
            "contractor_months": ("施工方保修期", law.contractor if law else 0),
            "owner_floor_months": ("对业主的下限", law.owner if law else 0),
        }
        for name, (label, least) in floors.items():
            given = data.get(name)
            if given is not None and least and given < least:
                self._refuse(name, f"{label}不能低于下限{least}{unit}。")

    def _refuse(self, name: str, words: str) -> None:
        if name not in self.errors:
            self.add_error(name, words)


class SeasonForm(forms.ModelForm):
    """A season that overlaps no other of its kind and estate."""

    class Meta:
        model = Season
        fields = ["estate", "kind", "starts_on", "ends_on"]
        help_texts = {"starts_on": "按当地公告填写。"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not {"kind", "starts_on", "ends_on"} <= data.keys() or "estate" not in data:
            return data
        others = Season.objects.filter(estate=data["estate"], kind=data["kind"]).exclude(pk=self.instance.pk)
        other = others.filter(starts_on__lte=data["ends_on"], ends_on__gte=data["starts_on"]).first()
        if other:
            self.add_error("starts_on", f"与已有的{other}重叠。")
        return data
