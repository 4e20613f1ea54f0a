"""What an owner fills in on the phone to sign in and to report (IN-05)."""

import unicodedata
from itertools import groupby
from typing import Any

from django import forms
from django.utils.timezone import localtime

from channels import owner_report
from channels.owner_report import Told
from channels.qr import Spot
from core import phones, store
from core.forms import FixedChoiceField, KeyedForm, PhoneField, PhotosField
from core.widgets import OnceInput, PhotoInput, SegmentedRadio
from estates.models import Estate, Unit
from knowledge.models import FaultCategory
from tickets import kinds
from tickets.forms.kinds import facts_from, plain_field
from tickets.levels import Danger
from tickets.models import Kind

OTHER = "other"
UNSURE = "unsure"
YES, NO = "yes", "no"
YES_OR_NO = [(YES, "是"), (NO, "否")]
NOON, EVENING, NIGHT = 11, 17, 20
NO_SMS = "请填写能接收短信的 11 位手机号。"


class PhoneForm(KeyedForm):
    """The mobile number that gets the code."""

    phone = PhoneField(
        label="手机号",
        error_messages={"invalid": NO_SMS},
        widget=forms.TextInput(
            attrs={"inputmode": "tel", "autocomplete": "tel-national", "maxlength": 20, "data-focus": True}
        ),
    )

    # Drawn by the page when a captcha has to be answered, and asked for nowhere else.
    captcha = forms.CharField(
        label="上面的5位数字",
        required=False,
        max_length=20,
        widget=OnceInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 20}),
    )

    def clean_captcha(self) -> str:
        """The digits alone, however they were grouped or typed."""
        return "".join(
            str(unicodedata.digit(each)) for each in self.cleaned_data["captcha"] if each.isdigit()
        )

    def clean_phone(self) -> str:
        """A landline gets no SMS."""
        number = self.cleaned_data["phone"]
        if not phones.MOBILE.fullmatch(number):
            raise forms.ValidationError(NO_SMS)
        return number


class FollowForm(KeyedForm):
    """One press: tell me as well."""


class CodeForm(KeyedForm):
    """The six digits of the SMS."""

    code = forms.RegexField(
        r"^\d{6}$",
        label="短信验证码",
        error_messages={"invalid": "请填写短信里的6位数字。"},
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "maxlength": 6,
                "autocomplete": "one-time-code",
                "data-focus": True,
            }
        ),
    )


def _question(label: str, help_text: str) -> forms.ChoiceField:
    return FixedChoiceField(
        label=label,
        help_text=help_text,
        choices=YES_OR_NO,
        widget=SegmentedRadio,
        error_messages={"required": "请选择“是”或“否”。"},
    )


class OwnForm(KeyedForm):
    """What every report of an owner asks: where, what, pictures, and whom we speak with."""

    photos = PhotosField(
        label="照片或视频",
        required=False,
        limit=10,
        kinds=store.PHOTO_AND_VIDEO,
        help_text="先拍一张近处，看清哪里坏了；再拍一张远处，看清在什么位置。最多9张照片和一段视频，不方便拍可以跳过。",
        widget=PhotoInput(tile="拍照或从相册选择", camera=False),
    )
    where = forms.ChoiceField(
        label="哪里坏了",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择位置。", "invalid_choice": "请重新选择位置。"},
    )
    estate = forms.ChoiceField(label="小区")
    said_place = forms.CharField(
        label="楼栋、单元、房号或公共部位",
        max_length=60,
        help_text="例如 3栋2单元1201，或 3栋大堂、地下车库B区",
    )
    description = forms.CharField(
        label="怎么了？",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "例如：厨房水槽下面一直滴水，柜子都泡了"}),
        help_text="用您自己的话说就行：什么东西、怎么坏的、从什么时候开始。",
        error_messages={"required": "请写一句发生了什么。"},
    )
    wanted = forms.ChoiceField(
        label="希望什么时候上门",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择上门时间。"},
    )
    name = forms.CharField(
        label="怎么称呼您",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "请填写您的称呼。"},
    )

    ELSEWHERE = "其他房屋或公共部位"

    def __init__(self, *args, phone: str, spot: Spot | None, at, **kwargs):
        self.phone, self.spot = phone, spot
        self.households = owner_report.homes(phone)
        super().__init__(*args, **kwargs)
        self.fields["where"].choices = [*self._known_places(), (OTHER, self.ELSEWHERE)]
        self.fields["estate"].choices = [("", "请选择"), *Estate.objects.values_list("pk", "name")]
        self.fields["wanted"].choices = [(word, word) for word in wanted_words(localtime(at).hour)]
        if not self.is_bound:
            self._suggest()
        elif self.data.get("where") != OTHER:
            # Nobody sees them then.
            self.fields["estate"].required = self.fields["said_place"].required = False

    def _known_places(self) -> list[tuple[str, str]]:
        """What was scanned first, then the dwellings of the phone, each once."""
        found: dict[str, str] = {}
        if self.spot and (self.spot.unit or self.spot.place):
            row = self.spot.unit or self.spot.place
            found[f"{'u' if self.spot.unit else 'p'}{row.pk}"] = self.spot.words
        for household in self.households:
            found.setdefault(f"u{household.unit_id}", str(household.unit))
        return list(found.items())

    def _suggest(self) -> None:
        known = self.fields["where"].choices
        self.initial.setdefault("where", known[0][0])
        if self.spot and not (self.spot.unit or self.spot.place):
            self.initial |= {"where": OTHER, "estate": self.spot.estate.pk}
            if self.spot.building:
                self.initial["said_place"] = self.spot.building.name
        if self.households:
            self.initial.setdefault("name", self.households[0].owner.name)

    def clean(self):
        data = super().clean()
        if sum(info.kind == "video" for _, info in data.get("photos") or []) > 1:
            self.add_error("photos", "一次只能上传一段视频。")
        return data

    def told(self) -> Told:
        """What was answered, for `channels.owner_report.submit`."""
        data = self.cleaned_data
        return Told(
            phone=self.phone,
            name=data["name"].strip(),
            description=data["description"],
            wanted=data.get("wanted", ""),
            photos=data["photos"],
            **self._place(),
            **self._facts(),
        )

    def _facts(self) -> dict[str, Any]:
        """What this form asks besides."""
        return {}

    def _place(self) -> dict:
        where = self.cleaned_data["where"]
        if where == OTHER:
            estate = Estate.objects.get(pk=self.cleaned_data["estate"])
            said = self.cleaned_data["said_place"].strip()
            unit, place = owner_report.place_said(estate, said) if said else (None, None)
            return {
                "estate": estate,
                "unit": unit,
                "place": place,
                "said_place": "" if unit or place else said,
            }
        if where.startswith("p"):
            return {"estate": self.spot.estate, "place": self.spot.place}
        unit = Unit.objects.select_related("estate", "building__estate", "building__batch").get(pk=where[1:])
        return {"estate": unit.estate, "unit": unit}


class ReportForm(OwnForm):
    """A repair, photo first; a script shows it step by step, without it it is one page."""

    kind = Kind.REPAIR
    fault = forms.ChoiceField(label="最像哪一种", required=False)
    running_water = _question("现在还在往外流水吗？", "水管、马桶、屋顶等正在漏水、喷水。")
    power_threat = _question("有没有停电、打火，或者水流到插座、电器？", "跳闸后合不上、有焦味也算。")
    person_at_risk = _question(
        "有没有人受伤、被困，或有危险？", "例如东西要掉下来、闻到燃气味、家里有人靠电器治病。"
    )

    DANGERS = (Danger.RUNNING_WATER, Danger.POWER_THREAT, Danger.PERSON_AT_RISK)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["fault"].choices = self._faults()

    def _faults(self) -> list:
        rows = FaultCategory.objects.filter(active=True)
        groups = [
            (area, [(str(row.pk), f"{row.component}：{row.fault}") for row in each])
            for area, each in groupby(rows, key=lambda row: row.area)
        ]
        return [("", "请选择"), (UNSURE, "说不清，请客服判断"), *groups]

    def _facts(self) -> dict[str, Any]:
        dangers = [danger for danger in self.DANGERS if self.cleaned_data[danger.value] == YES]
        return {"fault": self._fault(), "dangers": dangers}

    def _fault(self) -> FaultCategory | None:
        chosen = self.cleaned_data["fault"]
        return FaultCategory.objects.filter(pk=chosen, active=True).first() if chosen.isdigit() else None


class MatterForm(OwnForm):
    """What is no repair: the short form of its kind, as `tickets.kinds` says, in a layman's words (IN-11)."""

    ELSEWHERE = "其他地方，或说不清在哪里"

    def __init__(self, *args, kind: str, **kwargs):
        self.kind, self.policy = Kind(kind), kinds.of(kind)
        self.sheet = kinds.opening_sheet(kind)
        super().__init__(*args, **kwargs)
        for ask in self.sheet.asks:
            self.fields[ask.name] = plain_field(ask)
        self._reword()
        if "期望时间" not in self.policy.needs:
            del self.fields["wanted"]
        if "房屋或公共部位" not in self.policy.needs:
            self.fields["said_place"].required = False

    def _reword(self) -> None:
        door, description = self.policy.door, self.fields["description"]
        description.label, description.help_text = door.says, ""
        description.widget.attrs["placeholder"] = door.example
        description.error_messages["required"] = "请写几句，让我们知道是什么事。"
        self.fields["where"].label = "和哪里有关"
        self.fields["photos"].help_text = door.photos

    def steps(self) -> list[dict[str, Any]]:
        """The sections in which the form is shown: id, heading, and (field, advice for a yes) of each."""
        first, *others = self.sheet.asks
        asked = [(first.name, ""), ("description", "")]
        asked += [(ask.name, ask.plain.advice if ask.plain else "") for ask in others]
        last = [name for name in ("wanted", "name") if name in self.fields]
        return [
            self._step("what", "说说情况", asked),
            {"id": "where", "title": "在什么位置", "where": True},
            self._step("photos", "有照片吗", [("photos", "")]),
            self._step("who", "怎么联系您", [(name, "") for name in last]) | {"phone": self.phone},
        ]

    def _step(self, name: str, title: str, fields: list[tuple[str, str]]) -> dict[str, Any]:
        return {
            "id": name,
            "title": title,
            "fields": [(self[field], advice) for field, advice in fields],
        }

    def _facts(self) -> dict[str, Any]:
        door = self.policy.door
        fault = FaultCategory.objects.filter(code=door.fault, active=True).first() if door.fault else None
        return {"kind": self.kind, "fault": fault, "details": facts_from(self.sheet, self.cleaned_data)}


def wanted_words(hour: int) -> list[str]:
    """The wishes that can still come true at this hour of the day, as the desk words them."""
    today = [("今天上午", NOON), ("今天下午", EVENING), ("今天晚上", NIGHT)]
    left = [word for word, until in today if hour < until]
    return ["尽快", *left, "明天上午", "明天下午", "本周末", "由师傅电话约定"]
