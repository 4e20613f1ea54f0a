"""The shortest forms: what a patrol sees, and what another port passes on (IN-06, IN-01)."""

from datetime import datetime

from django import forms

from channels import where as places
from channels.owner_report import faults_meant
from core import phones, store
from core.filefields import PhotosField
from core.forms import FixedChoiceField, FixedMultipleChoiceField, FoundField, KeyedForm, PhoneField
from core.widgets import SegmentedRadio
from estates.models import PublicPlace, Unit
from estates.queries import household_of
from knowledge.models import FaultCategory
from knowledge.queries import find_active, find_faults
from tickets.intake import Intake
from tickets.levels import Danger
from tickets.models import Channel, Port

WORDS = forms.Textarea(attrs={"rows": 3, "enterkeyhint": "done"})


class ShortForm(KeyedForm):
    """Where, and what is wrong. `q` is what was typed to find the place, `where` the one picked."""

    homes = False

    q = forms.CharField(label="位置", max_length=60, required=False)
    where = forms.CharField(label="位置", max_length=20, required=False, widget=forms.HiddenInput)
    description = forms.CharField(label="问题", max_length=500, widget=WORDS)
    fault = FoundField(
        FaultCategory.objects.none(), label="故障分类", required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["fault"].find = find_active

    def clean(self):
        data = super().clean()
        data["place"] = self._picked(data)
        if data["place"] is None:
            self.add_error("q", "请选择位置：输入后在下面点选一处。")
        return data

    def _picked(self, data) -> Unit | PublicPlace | None:
        found = places.named(self.user, data.get("where", ""), homes=self.homes)
        if found is None and data.get("q"):
            hits = places.find(self.user, data["q"], homes=self.homes)
            # One answer to what was typed needs no further tap.
            found = places.named(self.user, hits[0].value, homes=self.homes) if len(hits) == 1 else None
        return found

    def hits(self) -> list[places.Hit]:
        """The places to offer beside what was typed; the one picked before is always there."""
        hits = places.find(self.user, str(self["q"].value() or ""), homes=self.homes)
        picked = places.named(self.user, str(self["where"].value() or ""), homes=self.homes)
        if picked and places.hit_of(picked) not in hits:
            hits.insert(0, places.hit_of(picked))
        return hits

    def faults(self) -> list[FaultCategory]:
        """The faults that the words so far may mean."""
        picked = places.named(self.user, str(self["where"].value() or ""), homes=self.homes)
        return faults_for(str(self["description"].value() or ""), picked)

    def intake(self, *, at: datetime) -> Intake:
        """What was taken down, for `tickets.intake.register`."""
        raise NotImplementedError


def faults_for(text: str, where: Unit | PublicPlace | None = None) -> list[FaultCategory]:
    """A few faults that the words of a desk or, where none has all of them, a sentence may mean there."""
    at = where.name if isinstance(where, PublicPlace) else ""
    return find_faults(text, limit=4, at=at) or faults_meant(text, limit=4)


class PatrolForm(ShortForm):
    """What somebody on a round has found in a public place, with its photo (IN-06)."""

    dangers = FixedMultipleChoiceField(
        label="紧急情况", choices=Danger, required=False, widget=forms.CheckboxSelectMultiple
    )
    photos = PhotosField(label="现场照片", minimum=1, kinds=store.PHOTO)

    def intake(self, *, at: datetime) -> Intake:
        data, place = self.cleaned_data, self.cleaned_data["place"]
        repairs = ("tickets.work_ticket", "tickets.judge_ticket", "tickets.dispatch_ticket")
        ours = any(self.user.has_perm(name) for name in repairs)
        return Intake(
            estate=place.estate,
            started_at=at,
            channel=Channel.PATROL,
            port=Port.REPAIR if ours else Port.PROPERTY,
            place=place,
            reporter_name=self.user.get_full_name(),
            fault=data["fault"],
            description=data["description"],
            wanted="尽快",
            dangers=tuple(data["dangers"]),
        )


class RelayForm(ShortForm):
    """What another port has heard and passes on to the repair department (IN-01, S5)."""

    homes = True
    field_order = ["port", "q", "reporter_phone", "description"]

    port = FixedChoiceField(
        label="受理端口",
        choices=[(port.value, port.label) for port in Port if port != Port.REPAIR],
        widget=SegmentedRadio,
    )
    reporter_phone = PhoneField(label="联系电话")

    def intake(self, *, at: datetime) -> Intake:
        data, place = self.cleaned_data, self.cleaned_data["place"]
        unit = place if isinstance(place, Unit) else None
        phone = phones.normalise(data["reporter_phone"]) or data["reporter_phone"]
        owner = self._owner(unit, phone)
        return Intake(
            estate=place.estate,
            started_at=at,
            channel=Channel.PHONE,
            port=data["port"],
            unit=unit,
            place=None if unit else place,
            owner=owner,
            reporter_name=owner.name if owner else "",
            reporter_phone=phone,
            fault=data["fault"],
            description=data["description"],
            wanted="由师傅电话约定",
        )

    def _owner(self, unit: Unit | None, phone: str):
        """Who lives there and has this number."""
        homes = household_of(unit) if unit else []
        return next((home.owner for home in homes if home.owner.phone == phone), None)


class ReceiveForm(KeyedForm):
    """One press: the repair department has it."""
