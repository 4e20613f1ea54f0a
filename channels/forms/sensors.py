"""What an alarm's body may say; a machine reads the mistakes, a person reads its log."""

import json
from datetime import datetime, timedelta
from typing import Any

from django import forms

from channels.models import Alarm, AlarmKind
from core.forms import PlainForm

EARLIEST, LATEST = timedelta(hours=24), timedelta(minutes=5)


class Unreadable(Exception):
    """A body that is no JSON object of plain values."""


class AlarmForm(PlainForm):
    """device, kind, state, and where known value and at."""

    device = forms.CharField(label="device", max_length=40)
    kind = forms.ChoiceField(label="kind", choices=AlarmKind)
    state = forms.ChoiceField(label="state", choices=Alarm.State)
    value = forms.CharField(label="value", max_length=60, required=False)
    at = forms.CharField(label="at", max_length=40, required=False)

    def __init__(self, body: bytes, *, signer: str, now: datetime):
        super().__init__(_plain(body))
        self.signer, self.now = signer, now

    def clean_device(self) -> str:
        """A body speaks for the device that signed it, and for no other."""
        if self.cleaned_data["device"] != self.signer:
            raise forms.ValidationError("与 X-Device 不是同一台设备。")
        return self.cleaned_data["device"]

    def clean_at(self) -> datetime:
        """When it happened; now where the device has no clock."""
        text = self.cleaned_data["at"]
        if not text:
            return self.now
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise forms.ValidationError("应为带时区的时间，例如 2026-05-08T09:00:00+08:00。")
        if not self.now - EARLIEST <= at <= self.now + LATEST:
            raise forms.ValidationError("应在最近 24 小时内，且不晚于现在。")
        return min(at, self.now)


def _plain(body: bytes) -> dict[str, str]:
    """The object's plain values as text. Raises Unreadable."""
    try:
        found = json.loads(body.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Unreadable("请求体应为 UTF-8 的 JSON 对象。") from error
    if not isinstance(found, dict):
        raise Unreadable("请求体应为 JSON 对象。")
    return {name: _text(name, value) for name, value in found.items() if value is not None}


def _text(name: str, value: Any) -> str:
    if isinstance(value, dict | list):
        raise Unreadable(f"{name[:40]} 应为文字或数字。")
    # A float beyond all numbers prints as inf, half a surrogate pair as nothing that can be stored.
    text = str(value)
    return text.encode(errors="replace").decode()


def _refuse(name: str) -> None:
    raise ValueError(name)
