"""Faults, trades and scripts in the admin (OR-02)."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import User
from knowledge.admin import FaultCategoryForm, ScriptForm
from knowledge.models import FaultCategory, Script
from knowledge.presets import load
from warranty.models import CoverageTerm

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


def test_who_only_looks_at_a_fault_reads_the_name_of_its_component(client):
    load()
    CoverageTerm.objects.create(component="MEP", name="给排水管道", kind="months", promised=24)
    fault = FaultCategory.objects.filter(coverage="MEP").first()
    reader = User.objects.create(username="reader", full_name="刘海涛", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_faultcategory"))
    client.force_login(reader)

    page = client.get(reverse("admin:knowledge_faultcategory_change", args=[fault.pk])).content.decode()

    assert ("给排水管道" in page, "编码" in page) == (True, False)


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


@pytest.fixture
def root(client):
    load()
    client.force_login(
        User.objects.create(username="root", full_name="管理员", is_staff=True, is_superuser=True)
    )
    return client


@pytest.mark.row("OR-02")
class TestComponentsOfWarranty:
    @pytest.fixture
    def door(self, root):
        CoverageTerm.objects.create(component="DOOR_HW", name="门锁与五金", promised=12)
        return FaultCategory.objects.filter(coverage="DOOR_HW").first()

    def test_the_list_and_its_filter_call_them_by_name(self, root, door):
        page = root.get(
            reverse("admin:knowledge_faultcategory_changelist"), {"q": door.code}
        ).content.decode()

        column = '<td class="field-covered_as">门锁与五金</td>'
        assert (column in page, ">DOOR_HW<" in page, ">门锁与五金</a>" in page) == (True, False, True)

    def test_the_form_offers_them_by_name_and_keeps_a_code_without_a_term(self, door):
        lost = FaultCategory.objects.exclude(coverage="DOOR_HW").first()

        offered = [FaultCategoryForm(instance=row).fields["coverage"].choices for row in (door, lost)]

        named = ("DOOR_HW", "门锁与五金（DOOR_HW）")
        assert offered == [
            [("", "请选择保修部位"), named],
            [("", "请选择保修部位"), (lost.coverage, f"{lost.coverage}（没有保修期限）"), named],
        ]


def test_empty_choices_say_what_is_to_be_chosen(root):
    pages = [
        root.get(reverse("admin:knowledge_faultcategory_add")).content.decode(),
        root.get(reverse("admin:knowledge_faultcategory_changelist")).content.decode(),
    ]

    said = ["请选择默认级别" in pages[0], "请选择位置" in pages[0], "请选择操作" in pages[1]]
    assert (said, "---------" in pages[0] + pages[1]) == ([True, True, True], False)


@pytest.mark.row("IN-11")
@pytest.mark.row("IN-14")
def test_what_must_be_there_before_dispatch_and_whose_matter_it_is_are_set_on_the_fault(root):
    load()
    fault = FaultCategory.objects.get(code="EL03")
    page = reverse("admin:knowledge_faultcategory_change", args=[fault.pk])
    form = root.get(page).context["adminform"].form
    typed = {name: form.initial[name] for name in form.fields if form.initial.get(name) is not None}
    typed["trades"] = [trade.pk for trade in form.initial["trades"]]
    typed |= {"needs_device": "on", "destructive": "on", "department": typed["department"] + 1}

    answer = root.post(page, typed)

    shown = {
        name for _, options in root.get(page).context["adminform"].fieldsets for name in options["fields"]
    }
    fault.refresh_from_db()
    assert (answer.status_code, set(form.fields) - shown) == (302, set())
    assert (fault.needs_device, fault.destructive, fault.department_id) == (
        True,
        True,
        typed["department"],
    )
