"""Why a limit was missed."""

from django import forms

from core.forms import KeyedForm
from core.widgets import SegmentedRadio
from tickets.delays import Cause


class ExplainForm(KeyedForm):
    """A kind of reason for the reports, words for people, and whether the owner reads them (SL-05)."""

    cause = forms.ChoiceField(label="原因类别", choices=Cause, widget=SegmentedRadio)
    words = forms.CharField(
        label="为什么晚了",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写清当时的情况，例如：上一户水管爆裂，处理到 15:20 才离开",
    )
    tell_owner = forms.BooleanField(
        label="把这段话发给业主", required=False, help_text="会以短信发出，请用业主听得懂、不推责的话"
    )
