"""What a worker fills in on the phone: few fields, big thumbs, photos first (EX-01)."""

from datetime import datetime
from decimal import Decimal

from django import forms

from core import store
from core.filefields import PhotosField
from core.forms import KeyedForm
from core.widgets import SegmentedRadio
from tickets.calendars import SHANGHAI
from tickets.forms.owner import AcceptForm, SignForm
from tickets.forms.steps import PauseForm, ReasonForm
from tickets.plans import Plan

__all__ = ["AcceptForm", "PauseForm", "ReasonForm", "SignForm"]

DURATIONS = [
    (30, "半小时"),
    (60, "1小时"),
    (120, "2小时"),
    (240, "半天"),
    (480, "1天"),
    (1440, "3天"),
    (5760, "更长"),
]

# How long ago the hands were still: reports that waited for a network tell the truth.
ENDED = [(0, "刚刚"), (10, "10分钟前"), (30, "半小时前"), (60, "1小时前"), (180, "3小时前")]


CALLED = ("业主电话", "家人或租户", "物业管家", "敲门和门铃")


def area(label: str, *, rows: int = 3, **kwargs) -> forms.CharField:
    """A text of several lines."""
    return forms.CharField(label=label, max_length=500, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class ArriveForm(KeyedForm):
    """On site: a photo of the place proves it."""

    photos = PhotosField(label="到场照片", minimum=1, kinds=store.PHOTO)


class DeclineForm(ReasonForm):
    """A task that the worker cannot take."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = "例如不会做这一项、手上走不开、离得太远；工单退回派单员另行安排"


class NoAccessForm(KeyedForm):
    """Nobody opened the door: a photo, and who was called (EX-11)."""

    photos = PhotosField(label="门口照片", minimum=1, kinds=store.PHOTO)
    called = forms.MultipleChoiceField(
        label="已联系谁", choices=[(each, each) for each in CALLED], widget=forms.CheckboxSelectMultiple
    )
    reason = area("联系情况", help_text="按了几次门铃、几点打过电话、留言条放在哪里")


class ContainForm(KeyedForm):
    """A temporary measure while the plan must wait (EX-04)."""

    measure = area("临时措施")
    photos = PhotosField(label="措施照片", minimum=1, kinds=store.PHOTO)


class PhotosForm(KeyedForm):
    """Photos and videos of the work."""

    photos = PhotosField(label="照片或视频", minimum=1)


class FinishForm(KeyedForm):
    """What was done, with what, and how it looks now (EX-09)."""

    work_done = area("维修内容")
    materials = forms.CharField(label="使用材料", max_length=300, required=False)
    photos = PhotosField(label="完工照片", minimum=1)
    ended_ago = forms.TypedChoiceField(
        label="什么时候干完的",
        choices=ENDED,
        coerce=int,
        empty_value=0,
        initial=0,
        required=False,
        widget=SegmentedRadio,
    )


class PlanForm(KeyedForm):
    """The plan card (EX-02)."""

    cause = area("故障原因", rows=2)
    method = area("维修方案与工艺")
    duration_minutes = forms.TypedChoiceField(
        label="预计工期", choices=DURATIONS, coerce=int, initial=60, widget=SegmentedRadio
    )
    protection = forms.CharField(
        label="影响与防护",
        max_length=300,
        initial="作业面铺垫布，完工清扫",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    materials = forms.CharField(label="材料", max_length=300, required=False)
    cost = forms.DecimalField(
        label="费用（元）",
        min_value=Decimal(0),
        max_digits=10,
        decimal_places=2,
        initial=0,
        help_text="保修范围内填 0",
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )

    def plan(self) -> Plan:
        """The plan for `tickets.plans.submit`."""
        return Plan(**{name: value for name, value in self.cleaned_data.items() if name != "form_key"})


class WindowForm(KeyedForm):
    """One of the free windows; `slots` are those of the chosen day."""

    window = forms.ChoiceField(label="上门时段", widget=SegmentedRadio)

    def __init__(self, *args, slots, **kwargs):
        super().__init__(*args, **kwargs)
        self.free = {
            f"{slot.start.isoformat()}/{slot.end.isoformat()}": slot for slot in slots if slot.state == "free"
        }
        self.fields["window"].choices = [(key, slot.label) for key, slot in self.free.items()]
        self.fields["window"].error_messages["invalid_choice"] = "这个时段已被占用或已过去，请重新选择。"

    def span(self) -> tuple[datetime, datetime]:
        """Start and end of the chosen window."""
        slot = self.free[self.cleaned_data["window"]]
        return slot.start.astimezone(SHANGHAI), slot.end.astimezone(SHANGHAI)


class MoveForm(WindowForm):
    """Another window, and why."""

    reason = area("改约原因", rows=2)
