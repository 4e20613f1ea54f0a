"""Putting a message aside: why (IN-01)."""

from django import forms

from core.forms import FixedChoiceField, KeyedForm
from tickets.models import Ticket

REASONS = [
    "与报修无关",
    "重复来件，已有工单",
    "广告或垃圾信息",
    "已电话处理，无需登记",
    "其他",
]


class DismissForm(KeyedForm):
    """A reason from the list; 其他 needs words of its own."""

    reason = FixedChoiceField(label="忽略原因", choices=[("", "请选择"), *((each, each) for each in REASONS)])
    words = forms.CharField(label="补充说明", max_length=150, required=False)

    def clean(self):
        data = super().clean()
        if data.get("reason") == "其他" and not data.get("words"):
            self.add_error("words", "请写明忽略的原因。")
        return data

    def why(self) -> str:
        """The reason as it is kept."""
        chosen, words = self.cleaned_data["reason"], self.cleaned_data["words"]
        if chosen == "其他":
            return words
        return f"{chosen}：{words}" if words else chosen


class AddForm(KeyedForm):
    """The number of the ticket that a message is about; cleans to the ticket, if this user may see it."""

    number = forms.CharField(
        label="工单号", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_number(self) -> Ticket:
        typed = self.cleaned_data["number"].strip()
        ticket = Ticket.objects.visible_to(self.user).filter(number__iexact=typed).first()
        if ticket is None:
            raise forms.ValidationError("没有找到这张工单，请核对单号。")
        return ticket


class RestoreForm(KeyedForm):
    """Nothing to fill in: the message waits again."""
