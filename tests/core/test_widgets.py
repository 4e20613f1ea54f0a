"""What is drawn without templates says what Django's own widget says."""

import re

import pytest
from django import forms

from core.widgets import PlainHidden, PlainSelect

CHOICES = [("", "全部"), (1, "一 & 二"), ("b", "<三>")]


def words(html: str) -> str:
    return re.sub(r">\s+<", "><", html.strip())


@pytest.mark.parametrize("value", ["", None, "1", "b", "unknown"])
def test_it_is_the_same_html_as_a_select_of_django(value):
    attrs = {"class": "form-select", "id": "id_x", "required": True}

    plain = PlainSelect(choices=CHOICES).render("x", value, attrs)

    assert plain == words(forms.Select(choices=CHOICES).render("x", value, attrs))


@pytest.mark.parametrize("value", ["", None, "7", '"><b>'])
def test_a_hidden_input_is_the_same_html_as_that_of_django(value):
    plain = PlainHidden().render("x", value, {"id": "id_x"})

    assert plain == words(forms.HiddenInput().render("x", value, {"id": "id_x"}))
