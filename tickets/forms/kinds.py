"""Forms of the kinds: a form for each sheet of `tickets.kinds`, the first contact, the reply (IN-11)."""

from collections.abc import Mapping
from typing import Any

from django import forms

from core import store
from core.filefields import PhotosField
from core.forms import ChineseMessages, KeyedForm
from core.widgets import SegmentedRadio
from tickets import kinds
from tickets.kind_sheets import Ask, Sheet

LONGEST, LONG = 200, 1000
MOST_MONEY, MOST_NUMBER = 100_000_000, 10_000


def field_for(ask: Ask, *, required: bool) -> forms.Field:
    """The form field of one question of a sheet."""
    needed = ask.required and required
    common: dict[str, Any] = {"label": ask.label, "required": needed, "help_text": ask.hint}
    match ask.form:
        case "choice":
            # A group of radios without an answer is left empty, not set to the first.
            return forms.ChoiceField(choices=ask.choices, widget=SegmentedRadio, **common)
        case "money":
            return forms.DecimalField(
                min_value=0, max_value=MOST_MONEY, max_digits=11, decimal_places=2, **common
            )
        case "number":
            return forms.IntegerField(min_value=1, max_value=MOST_NUMBER, **common)
        case "long":
            return forms.CharField(max_length=LONG, widget=forms.Textarea(attrs={"rows": 2}), **common)
    return forms.CharField(max_length=LONGEST, **common)


def plain_field(ask: Ask) -> forms.Field:
    """The same for owners on their own phone, in their words."""
    ask = ask.as_asked
    field = field_for(ask, required=True)
    field.error_messages["required"] = "请选择一项。" if ask.form == "choice" else "请填写这一项。"
    if len(ask.choices) > 2:
        # Sentences do not fit on buttons side by side.
        field.widget = forms.RadioSelect(choices=ask.choices)
    return field


def facts_from(sheet: Sheet, data: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in, as text by field name; what was left empty is left out."""
    found = {ask.name: data.get(ask.name) for ask in sheet.asks}
    return {name: str(value).strip() for name, value in found.items() if value not in (None, "")}


class OpeningForm(ChineseMessages, forms.Form):
    """The kind's own part of the registration form; without `strict` everything may wait.

    Stands inside the intake form with the prefix `kind`, so that its names collide with nothing there.
    """

    prefix = "kind"

    def __init__(self, *args, kind: str, strict: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        self.sheet = kinds.opening_sheet(kind)
        for ask in self.sheet.asks if self.sheet else ():
            field = field_for(ask, required=strict)
            name_messages(field)
            self.fields[ask.name] = field

    def facts(self) -> dict[str, str]:
        """The answers by field name."""
        return facts_from(self.sheet, self.cleaned_data) if self.sheet else {}


# Which field of the intake form asks for what `tickets.kinds` calls by its label.
FIELD_OF = {
    "报修人": "reporter_name",
    "联系电话": "reporter_phone",
    "故障分类": "fault",
    "故障描述": "description",
    "期望时间": "wanted",
}


def suit(form: Any) -> None:
    """Make an intake form ask what its kind needs: sets `kind`, `policy` and `opening` on it.

    The kind is the form's `fixed_kind`, else what was sent, else its initial value, else a repair.
    """
    sent = form.data.get("kind") if form.is_bound else form.initial.get("kind")
    kind = getattr(form, "fixed_kind", "") or sent
    form.of_kind = kinds.Kind(kind) if kind in kinds.POLICIES else kinds.Kind.REPAIR
    form.policy = kinds.of(form.of_kind)
    strict = not form.saves_incomplete
    form.opening = OpeningForm(
        form.data if form.is_bound else None,
        kind=form.of_kind,
        strict=strict,
        initial=form.initial.get("details"),
    )
    if form.of_kind == kinds.Kind.REPAIR:
        return
    form.initial["kind"] = form.of_kind.value
    for label, name in FIELD_OF.items():
        form.fields[name].required = label in form.policy.needs
    form.fields["description"].label = form.policy.words
    form.fields["description"].help_text = ""
    name_messages(form.fields["description"])


def name_messages(field: forms.Field) -> None:
    """Fields that are added to a form by hand say 请填写… as the others do."""
    verb = "请选择" if isinstance(field, forms.ChoiceField) else "请填写"
    field.error_messages["required"] = f"{verb}{field.label}。"


class SheetForm(KeyedForm):
    """One sheet of a ticket, with pictures where the sheet asks for them."""

    def __init__(self, *args, sheet: Sheet, photos: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        for ask in sheet.asks:
            self.fields[ask.name] = field_for(ask, required=True)
            name_messages(self.fields[ask.name])
        if sheet.photos:
            lacking = max(0, sheet.photos - photos)
            self.fields["photos"] = PhotosField(
                label="现场照片",
                required=bool(lacking),
                minimum=lacking,
                kinds=store.PHOTO,
                help_text="" if lacking else f"已有 {photos} 张，可再补充",
            )

    def facts(self) -> dict[str, str]:
        """The answers by field name."""
        return facts_from(self.sheet, self.cleaned_data)

    def photos(self) -> list:
        """What `tickets.evidence.add` takes."""
        return self.cleaned_data.get("photos") or []


class ContactForm(KeyedForm):
    """What came of the first call to somebody who complained."""

    result = forms.CharField(
        label="核实情况与业主要求",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="事实核实、业主情绪与要求、已承诺的答复时间",
    )


class ReplyForm(KeyedForm):
    """The answer, and how it was given."""

    MEANS = [("phone", "电话"), ("visit", "当面"), ("message", "短信或微信"), ("letter", "书面")]
    answer = forms.CharField(
        label="答复内容",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="业主可以在自己的进度页看到这段话，请写完整、客气",
    )
    means = forms.ChoiceField(label="答复方式", choices=MEANS, initial="phone", widget=SegmentedRadio)
