"""The desk's forms about the other doors."""

from django import forms

from core.forms import FixedChoiceField, KeyedForm, PlainForm
from core.widgets import SegmentedRadio
from estates.models import Building, Estate, PublicPlace, Unit

ESTATE, BUILDINGS, PLACES, UNITS = "estate", "buildings", "places", "units"
KINDS = [(ESTATE, "小区"), (BUILDINGS, "楼栋"), (PLACES, "公共部位"), (UNITS, "户门")]
# Twelve to a sheet of A4; more than a tall building has doors would only be printed by mistake.
MOST = 400


class AcknowledgeForm(KeyedForm):
    """One press: we have seen it."""


class CodesForm(PlainForm):
    """Whose QR codes are to be printed."""

    estate = forms.ModelChoiceField(Estate.objects.none(), label="项目", empty_label="请选择")
    kind = FixedChoiceField(label="贴在哪里", choices=KINDS, widget=SegmentedRadio, initial=PLACES)
    building = forms.ModelChoiceField(
        Building.objects.none(),
        label="楼栋",
        required=False,
        empty_label="全部",
        help_text="打印户门的二维码时必须选择楼栋",
    )

    # One place alone, as its page in the admin asks.
    place = forms.ModelChoiceField(PublicPlace.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["estate"].queryset = Estate.objects.visible_to(user)
        places = PublicPlace.objects.visible_to(user).select_related("estate", "building__estate")
        self.fields["place"].queryset = places
        self.fields["building"].queryset = Building.objects.visible_to(user).select_related("estate")

    def clean(self):
        data = super().clean()
        building = data.get("building")
        if data.get("kind") == UNITS and not building:
            self.add_error("building", "请选择楼栋。")
        if building and data.get("estate") and building.estate_id != data["estate"].pk:
            self.add_error("building", "这个楼栋不在所选项目里。")
        return data

    def places(self) -> list[Estate | Building | PublicPlace | Unit]:
        """The rows whose codes are asked for, in the order one walks."""
        if place := self.cleaned_data["place"]:
            return [place]
        estate, building = self.cleaned_data["estate"], self.cleaned_data["building"]
        within = {"building": building} if building else {}
        match self.cleaned_data["kind"]:
            case "buildings":
                rows = Building.objects.filter(estate=estate).order_by("pk")
                rows = rows.filter(pk=building.pk) if building else rows
                return list(rows.select_related("estate")[:MOST])
            case "places":
                places = PublicPlace.objects.filter(estate=estate, **within).order_by("building_id", "pk")
                return list(places.select_related("estate", "building__estate")[:MOST])
            case "units":
                units = Unit.objects.filter(estate=estate, **within)
                order = ("entrance", "floor", "room")
                return list(units.select_related("building__estate").order_by(*order)[:MOST])
        return [estate]
