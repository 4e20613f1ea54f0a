"""Terms and seasons in the admin: the law's floors, and whose rows they are (WA-02, OR-02)."""

from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import User
from tests.factories_estates import EstateFactory
from warranty.forms import CoverageTermForm, SeasonForm
from warranty.models import CoverageTerm, Season
from warranty.queries import rules_for

pytestmark = pytest.mark.django_db
ROOF = {"component": "roof_wp", "name": "屋面防水", "kind": "months", "promised": 60}


@pytest.mark.row("WA-02")
@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({}, {}),
        ({"promised": 24}, {"promised": ["对业主承诺不能低于下限36个月。"]}),
        ({"promised": ""}, {"promised": ["请至少填写一项期限。"]}),
        ({"promised": 40, "owner_floor_months": 48}, {"promised": ["对业主承诺不能低于下限48个月。"]}),
        ({"contractor_months": 24}, {"contractor_months": ["施工方保修期不能低于下限60个月。"]}),
        ({"owner_floor_months": 12}, {"owner_floor_months": ["对业主的下限不能低于下限36个月。"]}),
        ({"kind": "none"}, {"kind": ["ROOF_WP有法定最低保修期，计期方式必须是“按月”。"]}),
        ({"component": "屋面"}, {"component": ["部位编码只能用字母、数字和下划线，并以字母开头。"]}),
        (
            {"component": "HVAC_HEAT", "kind": "heating", "promised": ""},
            {"promised": ["季节型保修请填写承诺的季数。"]},
        ),
        (
            {"component": "HVAC_HEAT", "kind": "heating", "promised": 2, "contractor_months": 1},
            {"contractor_months": ["施工方保修期不能低于下限2季。"]},
        ),
    ],
)
def test_a_term_below_its_floor_is_refused_at_the_field(changes, errors):
    assert CoverageTermForm(ROOF | changes).errors == errors


def test_a_season_that_overlaps_another_is_refused():
    Season.objects.create(kind="heating", starts_on=date(2024, 11, 15), ends_on=date(2025, 3, 15))

    form = SeasonForm({"kind": "heating", "starts_on": "2025-03-01", "ends_on": "2025-04-01"})

    assert form.errors == {"starts_on": ["与已有的采暖期 2024-11-15–2025-03-15重叠。"]}


@pytest.fixture
def estate():
    return EstateFactory(name="滨江花园")


@pytest.fixture
def manager(client, estate):
    """A manager of one estate who may edit terms, logged in."""
    user = User.objects.create(username="manager", full_name="经理", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="warranty"))
    user.estates.add(estate)
    client.force_login(user)
    return user


def term(estate=None, **fields) -> CoverageTerm:
    return CoverageTerm.objects.create(
        estate=estate, **{"component": "DECO", "name": "装修工程", "kind": "months", "promised": 24} | fields
    )


@pytest.mark.row("OR-02")
def test_a_manager_sees_the_defaults_and_the_own_estate_only(client, manager, estate):
    term(name="默认装修")
    term(estate, name="本项目装修")
    term(EstateFactory(), name="别处装修")

    page = client.get(reverse("admin:warranty_coverageterm_changelist")).content.decode()

    assert [name in page for name in ("默认装修", "本项目装修", "别处装修")] == [True, True, False]


def test_a_manager_cannot_change_a_default(client, manager):
    row = term()
    url = reverse("admin:warranty_coverageterm_change", args=[row.pk])

    assert (client.get(url).status_code, client.post(url, ROOF).status_code) == (200, 403)


def test_a_manager_cannot_delete_a_default_with_the_bulk_action(client, manager):
    row = term()

    client.post(
        reverse("admin:warranty_coverageterm_changelist"),
        {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
    )

    assert CoverageTerm.objects.filter(pk=row.pk).count() == 1


def test_a_foreign_term_is_not_there_for_a_manager(client, manager):
    row = term(EstateFactory())

    assert client.get(reverse("admin:warranty_coverageterm_change", args=[row.pk])).status_code == 302


def test_a_manager_must_name_an_estate_for_a_new_term(client, manager):
    page = client.post(reverse("admin:warranty_coverageterm_add"), ROOF)

    assert page.context["adminform"].form.errors == {"estate": ["请选择项目。"]}


def test_a_manager_adds_a_term_for_the_own_estate(client, manager, estate):
    client.post(reverse("admin:warranty_coverageterm_add"), ROOF | {"estate": estate.pk})

    assert list(CoverageTerm.objects.values_list("estate", "component", "promised")) == [
        (estate.pk, "ROOF_WP", 60)
    ]


def test_an_edited_term_holds_at_once(client, manager, estate):
    row = term(estate)
    before = rules_for(estate)["DECO"].term.promised

    client.post(
        reverse("admin:warranty_coverageterm_change", args=[row.pk]),
        ROOF | {"estate": estate.pk, "component": "DECO", "promised": 36},
    )

    assert (before, rules_for(estate)["DECO"].term.promised) == (24, 36)


def test_season_pages_open(client, manager):
    Season.objects.create(kind="heating", starts_on=date(2024, 11, 15), ends_on=date(2025, 3, 15))

    pages = [client.get(reverse(f"admin:warranty_season_{name}")) for name in ("changelist", "add")]

    assert [page.status_code for page in pages] == [200, 200]
