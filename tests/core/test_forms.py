"""The base of every form."""

import uuid

import pytest
from django import forms
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError

from core.forms import KeyedForm, PhoneField, PlainForm
from core.widgets import SegmentedRadio


class CallForm(KeyedForm):
    name = forms.CharField(label="报修人")
    place = forms.ChoiceField(label="部位", choices=[("a", "厨房")])
    level = forms.ChoiceField(label="级别", choices=[("1", "紧急")], widget=SegmentedRadio)
    note = forms.CharField(label="备注", required=False, widget=forms.Textarea)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("0086-138-0013-8000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("（010）12345678".replace("1234", "6234"), "01062345678"),
        ("0571-87654321", "057187654321"),
        ("+86 21 62345678", "02162345678"),
    ],
)
def test_a_phone_number_is_kept_in_one_form(typed, kept):
    assert PhoneField().clean(typed) == kept


@pytest.mark.parametrize("typed", ["12800138000", "1380013800", "62345678", "138001380001", "电话"])
def test_what_is_no_phone_number_is_refused_in_chinese(typed):
    with pytest.raises(ValidationError) as refused:
        PhoneField().clean(typed)

    assert refused.value.messages == ["请填写 11 位手机号，或带区号的座机号（如 010-12345678）。"]


def test_an_optional_phone_number_may_stay_empty():
    assert PhoneField(required=False).clean("") == ""


def test_an_empty_choice_says_what_is_to_be_chosen():
    class PlaceForm(KeyedForm):
        needed = forms.ModelChoiceField(Permission.objects.none(), label="项目")
        spare = forms.ModelChoiceField(Permission.objects.none(), label="片区", required=False)
        worded = forms.ModelChoiceField(Permission.objects.none(), label="楼栋", empty_label="全部楼栋")

    fields = PlaceForm().fields

    assert [fields[name].empty_label for name in ("needed", "spare", "worded")] == [
        "请选择项目",
        "不选",
        "全部楼栋",
    ]


def test_two_forms_never_share_a_key():
    first, second = (uuid.UUID(str(CallForm()["form_key"].value())) for _ in range(2))

    assert first != second


def test_a_form_with_errors_keeps_its_key():
    key = str(uuid.uuid4())
    form = CallForm({"form_key": key})

    assert not form.is_valid()
    assert f'value="{key}"' in str(form["form_key"])


def test_messages_name_the_field():
    form = CallForm({})

    assert {name: list(errors) for name, errors in form.errors.items()} == {
        "form_key": ["页面已过期，请刷新后重新提交。"],
        "name": ["请填写报修人。"],
        "place": ["请选择部位。"],
        "level": ["请选择级别。"],
    }


def test_the_error_stands_at_the_field_and_what_was_typed_stays():
    form = CallForm({"note": "卫生间 <漏水>"})
    form.is_valid()

    name, note = form["name"].as_field_group(), form["note"].as_field_group()

    assert 'id="id_name_error"' in name
    assert "请填写报修人。" in name
    assert 'aria-invalid="true"' in name
    assert "卫生间 &lt;漏水&gt;" in note


def test_controls_carry_the_class_of_their_kind():
    form = CallForm()

    assert 'class="form-control"' in str(form["name"])
    assert 'class="form-select"' in str(form["place"])
    assert 'class="segmented"' in str(form["level"])


def test_a_label_that_already_says_please_is_said_as_it_stands():
    class WhyForm(KeyedForm):
        reason = forms.CharField(label="请说明原因")

    assert list(WhyForm({}).errors["reason"]) == ["请说明原因。"]


def test_a_label_that_asks_is_to_be_answered():
    class Form(PlainForm):
        topic = forms.ChoiceField(label="最接近哪一种？", choices=[("a", "甲")], widget=forms.RadioSelect)

    assert Form({}).errors == {"topic": ["请回答：最接近哪一种？"]}
