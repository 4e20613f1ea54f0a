"""Quick copies of the fields a form begins with: a form of twenty fields is made with every call.

Django copies each field of the class by the general means of `copy`. Fields and
widgets that are copied in Django's own way are copied here by hand, to the same
depth; any other keeps its own way.
"""

import copy
from typing import Any, cast

from django import forms

Memo = dict[int, Any]


class QuickFields(dict[str, forms.Field]):
    """The `base_fields` of a form class."""

    def __deepcopy__(self, memo: Memo) -> dict[str, forms.Field]:
        return {name: _copy_of(field, memo) for name, field in self.items()}


class SharedChoices:
    """Mixin for choice fields: choices that no form changes are shared by its forms, not copied."""

    def __deepcopy__(self, memo: Memo) -> Any:
        return _copy_of(cast(forms.Field, self), memo)


OURS = (forms.Field.__deepcopy__, SharedChoices.__deepcopy__)


def _copy_of(field: forms.Field, memo: Memo) -> forms.Field:
    if type(field).__deepcopy__ not in OURS:
        return copy.deepcopy(field, memo)
    twin = _twin(field)
    twin.widget = _copy_of_widget(field.widget, memo)
    twin.error_messages = field.error_messages.copy()
    twin.validators = field.validators[:]
    return twin


def _copy_of_widget(widget: forms.Widget, memo: Memo) -> forms.Widget:
    twin = _twin(widget)
    match type(widget).__deepcopy__:
        case forms.Widget.__deepcopy__:
            pass
        case forms.widgets.ChoiceWidget.__deepcopy__:
            # Sound choices already, which setting them would look through once more.
            twin._choices = copy.copy(widget.choices)
        case _:
            return copy.deepcopy(widget, memo)
    twin.attrs = widget.attrs.copy()
    return twin


def _twin(thing: Any) -> Any:
    twin = object.__new__(type(thing))
    twin.__dict__.update(thing.__dict__)
    return twin
