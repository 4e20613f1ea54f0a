"""Forms of the house book in admin: keys filled in, addresses that belong together."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core import phones
from core.workbooks import RefusedFile, open_workbook_safely
from estates import labels, pinyin
from estates.models import Building, Unit


class SameEstateForm(forms.ModelForm):
    """Refuses a building, dwelling, batch or place of another estate than the chosen one."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        estate = cleaned.get("estate")
        for name, value in list(cleaned.items()):
            if estate and getattr(value, "estate_id", estate.pk) != estate.pk:
                self.add_error(name, f"不属于“{estate}”，请重新选择。")
        unit, building = cleaned.get("unit"), cleaned.get("building")
        if unit and building and unit.building_id != building.pk:
            self.add_error("unit", f"不属于“{building}”，请重新选择。")
        return cleaned


class EstateForm(forms.ModelForm):
    """Fills the pinyin in when it is left empty or was generated from the name that changes."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        _refresh_key(self, cleaned, pinyin.place_key)
        return cleaned


class BuildingForm(SameEstateForm):
    """One building per number: 3栋 and 3号楼 would give the same short labels."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        estate, name = cleaned.get("estate"), cleaned.get("name")
        if estate and name:
            cleaned["name"] = labels.building_name(name)
            others = Building.objects.filter(estate=estate).exclude(pk=self.instance.pk)
            for other in others:
                if labels.building_key(other.name) == labels.building_key(name):
                    self.add_error("name", f"与已有的“{other.name}”编号相同。")
        return cleaned


class UnitForm(forms.ModelForm):
    """A dwelling belongs to its building's estate; its short label follows from the door."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        building, room = cleaned.get("building"), cleaned.get("room")
        if not building or not room:
            return cleaned
        cleaned["entrance"] = labels.entrance_name(cleaned.get("entrance", ""))
        cleaned["room"] = labels.room_name(room)
        self.instance.estate_id = building.estate_id
        self.instance.label = labels.label(building.name, cleaned["entrance"], room)
        same = Unit.objects.filter(estate_id=building.estate_id, label=self.instance.label)
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("room", f"简称 {self.instance.label} 在该项目中已经存在。")
        return cleaned


class OwnerForm(forms.ModelForm):
    """A phone number in its one written form, initials that follow the name."""

    def clean_phone(self) -> str:
        number = phones.normalise(self.cleaned_data["phone"])
        if not number:
            raise ValidationError("请填写 11 位手机号，或带区号的座机号（如 010-12345678）。")
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        _refresh_key(self, cleaned, pinyin.initials)
        return cleaned


def _refresh_key(form: forms.ModelForm, cleaned: dict[str, Any], key_of: Any) -> None:
    name, key = cleaned.get("name"), cleaned.get("pinyin", "").strip().lower()
    if not name:
        return
    generated = "name" in form.changed_data and key == key_of(form.initial.get("name") or "")
    cleaned["pinyin"] = key_of(name) if not key or generated else key


class UploadForm(forms.Form):
    """The workbook to import; once valid, `rows` holds what it says (T23)."""

    import_file = forms.FileField(
        label="Excel 文件",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={
            "required": "请选择要导入的 Excel 文件。",
            "empty": "文件是空的，请重新选择。",
        },
    )

    def clean_import_file(self) -> Any:
        upload = self.cleaned_data["import_file"]
        try:
            self.rows = open_workbook_safely(upload)
        except RefusedFile as refused:
            raise ValidationError(refused.message) from refused
        if len(self.rows.cells) < 2:
            raise ValidationError(f"工作表“{self.rows.sheet}”里没有数据：第一行应为列名，从第二行起为数据。")
        return upload


class ExportForm(forms.Form):
    """In which kind of file the house book leaves."""

    file_format = forms.ChoiceField(
        label="文件格式",
        choices=[("xlsx", "Excel 工作簿（.xlsx）"), ("csv", "CSV 文本（.csv）")],
        initial="xlsx",
        widget=forms.RadioSelect,
    )
