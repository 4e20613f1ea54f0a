"""Controls drawn in Python are those that Django's templates draw."""

from html.parser import HTMLParser

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from core.forms import FangxiuRenderer

NASTY = "<b>\"x'&{{ y }}"
WIDGETS = [
    forms.TextInput,
    forms.NumberInput,
    forms.EmailInput,
    forms.URLInput,
    forms.PasswordInput,
    forms.HiddenInput,
    forms.DateInput,
    forms.DateTimeInput,
    forms.TimeInput,
    forms.CheckboxInput,
    forms.Textarea,
]


class Elements(HTMLParser):
    """What a browser would see: elements with their attributes in any order, and text."""

    def __init__(self, text: str):
        super().__init__()
        self.seen: list = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.seen.append(data)


@pytest.mark.parametrize("widget", WIDGETS)
@pytest.mark.parametrize("value", [None, "", 0, "0", "王女士", NASTY])
def test_a_control_is_the_one_of_django(widget, value):
    attrs = {"id": "id_x", "required": True, "disabled": False, "title": NASTY, "maxlength": 20}

    quick, slow = (
        widget(attrs).render("x", value, renderer=renderer)
        for renderer in (FangxiuRenderer(), DjangoTemplates())
    )

    assert Elements(quick).seen == Elements(slow).seen
