"""Faults, trades and scripts in the admin (OR-02)."""

import pytest
from django.urls import reverse

from accounts.models import User
from knowledge.admin import FaultCategoryForm, ScriptForm
from knowledge.models import FaultCategory, Script
from knowledge.presets import load

pytestmark = pytest.mark.django_db


@pytest.mark.row("OR-02")
@pytest.mark.parametrize("model", ["trade", "faultcategory", "script"])
def test_the_pages_open_in_chinese(client, model):
    load()
    client.force_login(
        User.objects.create(username="root", full_name="管理员", is_staff=True, is_superuser=True)
    )
    first = {"trade": "mason", "faultcategory": "EL03", "script": "T01"}[model]

    pages = [
        client.get(reverse(f"admin:knowledge_{model}_changelist"), {"q": first}),
        client.get(reverse(f"admin:knowledge_{model}_add")),
    ]

    assert [page.status_code for page in pages] == [200, 200]


def test_synonyms_may_be_typed_with_commas_and_lines():
    fault = FaultCategory(code="X1")
    form = FaultCategoryForm({"synonyms": "漏水，渗水\n漏水、滴水"}, instance=fault)
    form.is_valid()

    assert form.cleaned_data["synonyms"] == "漏水 渗水 滴水"


@pytest.mark.parametrize(
    ("typed", "errors"), [("wp, el03", None), ("防水", ["“防水”不是故障代码前缀，例如 WP 或 EL03。"])]
)
def test_prefixes_are_codes(typed, errors):
    form = ScriptForm({"fault_prefixes": typed}, instance=Script())

    assert form.errors.get("fault_prefixes") == errors
