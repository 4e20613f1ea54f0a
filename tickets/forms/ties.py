"""Forms for what ties tickets together: followers, cases, care tasks (IN-09, IN-18, IN-21)."""

import re
from functools import partial

from django import forms

from core.forms import FixedChoiceField, FoundField, KeyedForm, PhoneField
from core.widgets import SegmentedRadio
from estates.models import Unit
from estates.queries import find_home
from tickets import cases
from tickets.following import Caller
from tickets.models import Case, CaseTicket, Channel, Ticket

SIDES = CaseTicket.Side.choices
# One ticket alone is no case.
ALONE = "请填写另一方的工单号，至少一张；对方还没有报修的，登记后再来关联。"


class FollowForm(KeyedForm):
    """Who follows; its fields are named as the intake form's, which may be sent here with one press."""

    reporter_name = forms.CharField(label="跟进人", max_length=60, required=False)
    reporter_phone = PhoneField(label="联系电话")
    channel = FixedChoiceField(label="渠道", choices=Channel, initial=Channel.PHONE)
    description = forms.CharField(
        label="补充说明",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="跟进人看到的情况，有助于师傅判断",
    )
    unit = FoundField(Unit.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].find = partial(find_home, user)

    def caller(self) -> Caller:
        """For `tickets.following.follow`."""
        data = self.cleaned_data
        return Caller(
            phone=data["reporter_phone"],
            name=data["reporter_name"].strip(),
            via=data["channel"],
            unit=data["unit"],
            note=data["description"].strip()[:300],
        )


class CaseForm(KeyedForm):
    """What the case is about and who answers for it."""

    title = forms.CharField(label="案由", max_length=80)
    responsible = forms.ModelChoiceField(
        Case.objects.none(), label="负责人", help_text="统一协调查因、维修与各户沟通"
    )
    cause = forms.CharField(
        label="原因说明", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, estate_id: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.estate_id = estate_id
        self.fields["responsible"].queryset = cases.candidates(estate_id)

    def facts(self) -> cases.Facts:
        """For `tickets.cases`."""
        data = self.cleaned_data
        return cases.Facts(title=data["title"], responsible=data["responsible"], cause=data["cause"])


class NumbersField(forms.CharField):
    """Ticket numbers, cut at blanks and commas; cleans to a list of words in capitals."""

    def to_python(self, value) -> list[str]:
        words = re.split(r"[\s,，、;；]+", super().to_python(value) or "")
        return list(dict.fromkeys(word.upper() for word in words if word))

    def validate(self, value) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value) -> None:
        """Of the whole text: the words themselves are looked up by the form."""
        super().run_validators(" ".join(value))


class WithTickets(KeyedForm):
    """Mixin: numbers of tickets that the user may see, of one estate."""

    user = None

    def _found(self, name: str) -> list[Ticket]:
        wanted = self.cleaned_data[name]
        if len(wanted) > 30:
            raise forms.ValidationError("一次最多关联30张工单。")
        rows = Ticket.objects.visible_to(self.user).filter(number__in=wanted, estate=self.estate_id)
        found = list(rows)
        if unknown := [number for number in wanted if number not in {row.number for row in found}]:
            raise forms.ValidationError(f"本项目没有这些工单：{'、'.join(unknown)}。")
        return found


class OpenCaseForm(WithTickets, CaseForm):
    """A new case from a ticket's page: its own side, and the tickets of the other one."""

    side = forms.ChoiceField(
        label="本单是",
        choices=SIDES,
        widget=SegmentedRadio,
        initial="damage",
        error_messages={"required": "请选择本单是原因方还是受损方。"},
    )
    others = NumbersField(
        label="另一方的工单号",
        max_length=1200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="多张用空格分开；以后还有受影响的，可以在案件页添加",
        error_messages={"required": ALONE},
    )
    field_order = ["title", "side", "others", "responsible", "cause"]

    def __init__(self, *args, user, ticket: Ticket, **kwargs):
        super().__init__(*args, estate_id=ticket.estate_id, **kwargs)
        self.user, self.ticket = user, ticket

    def clean_others(self) -> list[Ticket]:
        """The tickets of the other side, without this one."""
        others = [each for each in self._found("others") if each != self.ticket]
        if not others:
            raise forms.ValidationError(ALONE)
        return others


class JoinForm(WithTickets):
    """Further tickets of one side of a case."""

    side = forms.ChoiceField(label="哪一方", choices=SIDES, widget=SegmentedRadio, initial="damage")
    numbers = NumbersField(label="工单号", max_length=1200)

    def __init__(self, *args, user, estate_id: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.estate_id = user, estate_id

    def clean_numbers(self) -> list[Ticket]:
        return self._found("numbers")


class CareForm(KeyedForm):
    """What the owner said when somebody looked after them."""

    note = forms.CharField(
        label="跟进情况",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="怎么联系的、业主怎么说、是否需要额外帮助",
    )
