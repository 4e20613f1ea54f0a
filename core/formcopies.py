"""Quick copies of the fields a form begins with: a form of twenty fields is made with every call.

Django copies each field of the class by the general means of `copy`. Fields and
widgets that are copied in Django's own way are copied here by hand, to the same
depth; any other keeps its own way.
"""

import copy
from typing import Any

from django import forms

Memo = dict[int, Any]


class QuickFields(dict[str, forms.Field]):
    """The `base_fields` of a form class."""

    def __deepcopy__(self, memo: Memo) -> dict[str, forms.Field]:
        return {name: _copy_of(field, memo) for name, field in self.items()}


def _copy_of(field: forms.Field, memo: Memo) -> forms.Field:
    if type(field).__deepcopy__ is not forms.Field.__deepcopy__:
        return copy.deepcopy(field, memo)
    twin = _twin(field)
    twin.widget = _copy_of_widget(field.widget, memo)
    twin.error_messages = field.error_messages.copy()
    twin.validators = field.validators[:]
    return twin


def _copy_of_widget(widget: forms.Widget, memo: Memo) -> forms.Widget:
    if type(widget).__deepcopy__ is not forms.Widget.__deepcopy__:
        return copy.deepcopy(widget, memo)
    twin = _twin(widget)
    twin.attrs = widget.attrs.copy()
    return twin


def _twin(thing: Any) -> Any:
    twin = object.__new__(type(thing))
    twin.__dict__.update(thing.__dict__)
    return twin
