"""The base of every form: one template for a field, a one-time key, Chinese words for every mistake."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Input

from core import phones, quickwidgets
from core.filefields import PhotosField, Signature, SignatureField
from core.formcopies import QuickFields, SharedChoices
from core.widgets import PhotoInput, PlainHidden, SignatureInput, StarInput

__all__ = [
    "ChineseMessages",
    "FangxiuRenderer",
    "KeyedForm",
    "PhoneField",
    "PhotosField",
    "PlainForm",
    "SearchField",
    "Signature",
    "SignatureField",
    "name_empty_choice",
]


# A key of a table, within the reach of its column.
KEY = re.compile(r"[0-9]{1,18}")
# What Django writes into a select for "nothing".
DASHES = BLANK_CHOICE_DASH[0][1]


class FangxiuBoundField(forms.BoundField):
    """A bound field whose widget carries the class of its kind."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        names = [attrs.get("class") or widget.attrs.get("class", ""), css_class(widget)]
        if self.errors:
            names.append("is-invalid")
        if joined := " ".join(filter(None, names)):
            attrs["class"] = joined
        return attrs


def css_class(widget: forms.Widget) -> str:
    """The class that makes a plain control look like ours; empty for those with a template of their own."""
    match widget:
        case SignatureInput() | PhotoInput() | forms.HiddenInput() | forms.MultipleHiddenInput():
            return ""
        case forms.RadioSelect() | forms.CheckboxSelectMultiple():
            return ""  # Django would put it on the group as well
        case forms.CheckboxInput():
            return "form-check-input"
        case forms.Select():
            return "form-select"
        case Input() | forms.Textarea():
            return "form-control"
    return ""


class FangxiuRenderer(TemplatesSetting):
    """Draws forms with the project's templates; set as FORM_RENDERER."""

    field_template_name = "core/field.html"
    form_template_name = "core/form_fields.html"
    bound_field_class = FangxiuBoundField

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name in quickwidgets.QUICK:
            return quickwidgets.draw(template_name, context["widget"])
        return super().render(template_name, context, request)


class ChineseMessages:
    """Mixin for forms: the messages name the field, 请填写联系电话 instead of a general sentence."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any):
        _name_fields(type(self))
        super().__init__(*args, **kwargs)


@cache
def _name_fields(form: type[forms.Form]) -> None:
    """Give the fields of a class their messages, once: every form of it starts with a copy."""
    for name, field in form.base_fields.items():
        own = type(field).__dict__.get("default_error_messages", {})
        if not field.widget.is_hidden and "required" not in own:
            name_in_messages(name, field)
        name_empty_choice(field, name)
    form.base_fields = QuickFields(form.base_fields)


def name_empty_choice(field: forms.Field, name: str) -> None:
    """Say in the empty choice of a select what is to be chosen; Django's row of dashes says nothing."""
    words = f"请选择{field.label or name}" if field.required else "不选"
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == DASHES:
            field.empty_label = words
    elif isinstance(field, forms.ChoiceField) and BLANK_CHOICE_DASH[0] in (choices := list(field.choices)):
        field.choices = [("", words) if each == BLANK_CHOICE_DASH[0] else each for each in choices]


def name_in_messages(name: str, field: forms.Field) -> None:
    """Ask for the field by its label where it stays empty, unless it has words of its own for that."""
    general = forms.Field.default_error_messages["required"]
    if field.error_messages["required"] != general:
        return
    chosen = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.FileInput)
    # The admin puts a widget around pickers, for the buttons beside them.
    verb = "请选择" if isinstance(getattr(field.widget, "widget", field.widget), chosen) else "请填写"
    label = str(field.label or name)
    field.error_messages["required"] = _missing(verb, label)


def _missing(verb: str, label: str) -> str:
    """The sentence for an empty field; "请选择最接近哪一种？。" and "请填写请说明原因。" are none."""
    if label.endswith("？"):
        return f"请回答：{label}"
    return f"{label}。" if label.startswith("请") else f"{verb}{label}。"


class PlainForm(ChineseMessages, forms.Form):
    """A form that only reads: search, filters."""


class KeyedForm(ChineseMessages, forms.Form):
    """A form that creates or moves something.

    ``cleaned_data["form_key"]`` is a UUID drawn when the form was first shown; the service that is
    given the same key twice does the thing once.
    """

    form_key = forms.UUIDField(
        initial=uuid.uuid4,
        widget=PlainHidden,
        error_messages={
            "required": "页面已过期，请刷新后重新提交。",
            "invalid": "页面已过期，请刷新后重新提交。",
        },
    )


class FixedChoiceField(SharedChoices, forms.ChoiceField):
    """One of a few words."""


class FixedMultipleChoiceField(SharedChoices, forms.MultipleChoiceField):
    """Some of a few words."""


class FoundField(SharedChoices, forms.ModelChoiceField):
    """A row named by its key, found by a function instead of a queryset.

    The form sets `find`, which gives the row if this user may name it, else None;
    and `queryset`, where rows are offered to choose from.
    """

    find: Callable[[int], models.Model | None]

    def to_python(self, value: Any) -> models.Model | None:
        text = str(value or "")
        if not text:
            return None
        found = self.find(int(text)) if KEY.fullmatch(text) else None
        if found is None:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
            )
        return found

    def named_by(self, value: Any) -> models.Model | None:
        """The row, or None where nothing or nothing visible is named."""
        try:
            return self.to_python(value)
        except ValidationError:
            return None


class StarField(forms.TypedChoiceField):
    """One to five stars; cleans to an int, or None when it may be left out."""

    def __init__(self, **kwargs: Any):
        widget = StarInput()
        super().__init__(coerce=int, empty_value=None, choices=list(widget.choices), widget=widget, **kwargs)


class SearchField(forms.CharField):
    """What to look for in a list. With a placeholder, which says what can be found, the key / goes there."""

    def __init__(self, *, placeholder: str = "", label: str = "查找", max_length: int = 50):
        attrs = {"type": "search"}
        if placeholder:
            attrs |= {"placeholder": placeholder, "data-key": "/", "data-key-label": label}
        widget = forms.TextInput(attrs=attrs)
        super().__init__(label=label, max_length=max_length, required=False, widget=widget)


class PhoneField(forms.CharField):
    """A Chinese mobile or landline number; cleans to the bare digits that `core.phones` keeps."""

    default_error_messages = {"invalid": "请填写 11 位手机号，或带区号的座机号（如 010-12345678）。"}

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("max_length", 30)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if text in self.empty_values:
            return ""
        if number := phones.normalise(text):
            return number
        raise ValidationError(self.error_messages["invalid"], code="invalid")
