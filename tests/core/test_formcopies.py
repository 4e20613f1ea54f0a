"""A form changes its own fields alone, however they were copied."""

import copy

from django import forms

from core.formcopies import QuickFields
from core.forms import KeyedForm, PhoneField


class Sample(KeyedForm):
    name = forms.CharField(label="姓名", max_length=10, widget=forms.TextInput({"rows": 2}))
    phone = PhoneField(label="电话")
    kind = forms.ChoiceField(label="类型", choices=[("a", "甲"), ("b", "乙")])
    home = forms.ModelChoiceField(None, required=False)


def test_every_part_that_a_form_may_change_is_its_own():
    first, second = Sample(), Sample()
    for field in first.fields.values():
        field.label = "别的"
        field.required = False
        field.widget.attrs["class"] = "x"
        field.error_messages["required"] = "别的"
        field.validators.append(len)
    first.fields["kind"].choices = [("c", "丙")]
    first.fields["kind"].widget.choices = [("c", "丙")]

    for name, field in second.fields.items():
        assert (name, "class" in field.widget.attrs, len in field.validators) == (name, False, False)
        assert (field.label, field.error_messages["required"]) != ("别的", "别的")
    assert second.fields["kind"].choices == second.fields["kind"].widget.choices
    assert second.fields["kind"].choices == [("a", "甲"), ("b", "乙")]


def test_a_quick_copy_is_what_a_general_copy_would_be():
    Sample()
    quick = copy.deepcopy(Sample.base_fields)
    general = copy.deepcopy(dict(Sample.base_fields))

    assert type(Sample.base_fields) is QuickFields
    assert list(quick) == list(general)
    for name in quick:
        ours, theirs = vars(quick[name]), vars(general[name])
        assert (type(quick[name]), ours.keys()) == (type(general[name]), theirs.keys())
        assert vars(ours["widget"]).keys() == vars(theirs["widget"]).keys()
        assert ours["widget"].attrs == theirs["widget"].attrs
        assert ours["widget"] is not Sample.base_fields[name].widget
