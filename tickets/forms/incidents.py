"""What the desk writes down of an incident and of who called about it (IN-17)."""

from functools import partial

from django import forms
from django.utils.timezone import localtime, now

from core import phones
from core.forms import FoundField, KeyedForm
from core.widgets import DateTimeInput
from estates.models import Building, Estate, PublicPlace, Unit
from estates.queries import find_home
from knowledge.models import FaultCategory
from tickets.incidents import Caller, Facts
from tickets.models import Incident


class BuildingField(forms.ModelMultipleChoiceField):
    """Buildings of one estate, by their short names."""

    def label_from_instance(self, building: Building) -> str:
        return building.name


class CheckList(forms.CheckboxSelectMultiple):
    """Many of them: a list of options would lose what was chosen with one tap without the Ctrl key."""

    template_name = "tickets/widgets/check_list.html"


class IncidentForm(KeyedForm):
    """Entered once, for everybody who will call."""

    estate = forms.ModelChoiceField(Estate.objects.none(), label="项目", empty_label="请选择项目")
    title = forms.CharField(
        label="事件",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "例如：东侧供水主管爆裂，全区停水"}),
    )
    words = forms.CharField(
        label="对业主的话",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="来电时照着念：发生了什么、正在怎么处理、预计何时恢复、现在可以怎么做",
    )
    started_at = forms.DateTimeField(label="开始时间", widget=DateTimeInput)
    expected_end = forms.DateTimeField(label="预计恢复", required=False, widget=DateTimeInput)
    buildings = BuildingField(
        Building.objects.none(),
        label="影响楼栋",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不选表示整个项目",
        error_messages={"invalid_choice": "请只选择这个项目的楼栋。"},
    )
    faults = forms.ModelMultipleChoiceField(
        FaultCategory.objects.none(),
        label="相关故障",
        required=False,
        widget=CheckList,
        help_text="可多选；选了以后，来电为其他故障时不再提示",
    )
    field_order = ["estate", "title", "words", "started_at", "expected_end", "buildings", "faults"]

    def __init__(self, *args, user, incident: Incident | None = None, estate: Estate | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.incident = incident
        estates = Estate.objects.visible_to(user)
        self.fields["estate"].queryset = estates
        self.fields["faults"].queryset = FaultCategory.objects.filter(active=True)
        buildings = Building.objects.visible_to(user)
        if incident or estate:
            chosen = incident.estate_id if incident else estate.pk
            buildings = buildings.filter(estate=chosen)
            self.fields["estate"].queryset = estates.filter(pk=chosen)
            self.fields["estate"].empty_label = None
        self.fields["buildings"].queryset = buildings

    @classmethod
    def initial_of(cls, incident: Incident) -> dict:
        """The incident as the form shows it."""
        initial = {name: getattr(incident, name) for name in ("title", "words")}
        for name in ("started_at", "expected_end"):
            value = getattr(incident, name)
            initial[name] = localtime(value) if value else None
        return initial | {
            "estate": incident.estate_id,
            "buildings": list(incident.buildings.values_list("pk", flat=True)),
            "faults": list(incident.faults.values_list("pk", flat=True)),
        }

    def clean_started_at(self):
        started = self.cleaned_data["started_at"]
        if started > now():
            raise forms.ValidationError("开始时间不能晚于现在；计划停水停电请发公告。")
        return started

    def clean(self):
        data = super().clean()
        started, expected = data.get("started_at"), data.get("expected_end")
        if started and expected and expected <= started:
            self.add_error("expected_end", "预计恢复要晚于开始时间。")
        return data

    def facts(self) -> Facts:
        """For `tickets.incidents`."""
        return Facts(**{name: value for name, value in self.cleaned_data.items() if name != "form_key"})


class EndForm(KeyedForm):
    """What everybody who called is told."""

    words = forms.CharField(
        label="告知来电人的话",
        max_length=120,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如：主管已修复，自来水已恢复，初期水浑请放水片刻",
    )


class CallForm(KeyedForm):
    """What an incident keeps of a call: the intake form sent elsewhere, so nothing is required."""

    reporter_name = forms.CharField(label="来电人", max_length=60, required=False)
    reporter_phone = forms.CharField(label="联系电话", max_length=30, required=False)
    description = forms.CharField(label="来电内容", max_length=2000, required=False, widget=forms.Textarea)
    unit = FoundField(Unit.objects.none(), required=False, widget=forms.HiddenInput)
    place = FoundField(PublicPlace.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["unit"].find = partial(find_home, user)
        self.fields["place"].find = self._find_place

    def _find_place(self, pk: int) -> PublicPlace | None:
        return PublicPlace.objects.visible_to(self.user).filter(pk=pk).first()

    def clean_reporter_phone(self) -> str:
        """The number as the house book writes it; a caller who gives none, or half of one, is counted too."""
        return phones.normalise(self.cleaned_data["reporter_phone"]) or ""

    def caller(self) -> Caller:
        """For `tickets.incidents.attach`."""
        data = self.cleaned_data
        return Caller(
            name=data["reporter_name"].strip(),
            phone=data["reporter_phone"],
            unit=data["unit"],
            place=data["place"],
            note=data["description"].strip()[:300],
        )
