import pytest
from django.urls import reverse

from estates.models import Building, Estate, Household, Owner, Unit
from tests.factories_estates import (
    AreaFactory,
    BatchFactory,
    BuildingFactory,
    CareFlagFactory,
    EquipmentFactory,
    EstateFactory,
    HintFactory,
    HouseholdFactory,
    OwnerFactory,
    PublicPlaceFactory,
    UnitFactory,
)

pytestmark = pytest.mark.django_db
SCOPED = {
    "estate": EstateFactory,
    "batch": BatchFactory,
    "building": BuildingFactory,
    "unit": UnitFactory,
    "publicplace": PublicPlaceFactory,
    "equipment": EquipmentFactory,
    "hint": HintFactory,
}


@pytest.fixture
def estate():
    return EstateFactory(code="BJHY", name="滨江花园")


@pytest.fixture
def clerk(client, keeper, estate):
    client.force_login(keeper(estate))
    return client


def page(name, act, *args):
    return reverse(f"admin:estates_{name}_{act}", args=args)


def everything():
    """A row of every model, in an estate of its own."""
    rows = {name: factory() for name, factory in SCOPED.items()}
    household = HouseholdFactory()
    flag = CareFlagFactory(owner=household.owner)
    return rows | {"household": household, "owner": household.owner, "careflag": flag, "area": AreaFactory()}


def test_an_owner_without_a_dwelling_is_asked_for_one(admin_client):
    empty = {
        f"{prefix}-{name}": count
        for prefix in ("households", "care_flags")
        for name, count in (("TOTAL_FORMS", "0"), ("INITIAL_FORMS", "0"))
    }

    text = admin_client.post(
        page("owner", "add"), {"name": "张三", "phone": "13800138000"} | empty
    ).content.decode()

    assert ("请填写住在哪套房屋。" in text, "个表单" in text) == (True, False)


def test_dwellings_are_filtered_by_whether_they_were_taken_over(admin_client):
    UnitFactory(taken_over_on="2025-03-31", label="1-1-101")
    UnitFactory(taken_over_on=None, label="1-1-102")

    text = admin_client.get(page("unit", "changelist") + "?taken_over_on__isempty=1").content.decode()

    assert [words in text for words in ("未收房", "已收房", "非空", "1-1-101", "1-1-102")] == [
        *(True, True, False),
        *(False, True),
    ]


def test_a_superuser_sees_every_list_and_form_in_chinese(admin_client):
    for name, row in everything().items():
        for url in (page(name, "changelist"), page(name, "add"), page(name, "change", row.pk)):
            response = admin_client.get(url)

            assert (url, response.status_code) == (url, 200)


@pytest.mark.row("OR-01")
@pytest.mark.parametrize("name", [*SCOPED, "household", "owner", "careflag"])
def test_rows_of_foreign_estates_are_not_there(clerk, name):
    row = everything()[name]
    listed = clerk.get(page(name, "changelist"))

    assert row.pk not in [item.pk for item in listed.context["cl"].result_list]
    # Admin's own answer to a missing row: back to its front page with a message.
    assert clerk.get(page(name, "change", row.pk)).url == reverse("admin:index")
    assert clerk.post(page(name, "delete", row.pk), {"post": "yes"}).url == reverse("admin:index")
    assert type(row).objects.filter(pk=row.pk).exists() is True


@pytest.mark.row("OR-01")
def test_filters_and_pickers_offer_the_users_estates_only(clerk, estate):
    EstateFactory(name="秘密项目")
    listed = clerk.get(page("batch", "changelist"))
    picked = clerk.get(
        reverse("admin:autocomplete"),
        {"app_label": "estates", "model_name": "batch", "field_name": "estate", "term": ""},
    )

    assert "秘密项目" not in listed.content.decode()
    assert [item["text"] for item in picked.json()["results"]] == ["滨江花园"]


@pytest.mark.row("OR-01")
def test_a_foreign_estate_cannot_be_posted(clerk):
    foreign = EstateFactory()
    data = {
        "estate": foreign.pk,
        "name": "一期",
        "completed_on": "2024-05-01",
        "handover_from": "2024-06-01",
        "handover_to": "2024-06-30",
    }
    response = clerk.post(page("batch", "add"), data)

    assert (response.status_code, list(response.context["adminform"].errors)) == (200, ["estate"])
    assert foreign.batches.count() == 0


def unit_form(building, **more):
    none = {"households-TOTAL_FORMS": 0, "households-INITIAL_FORMS": 0}
    return {"building": building.pk, "entrance": "2", "room": "1201室", **none, **more}


def test_a_dwelling_takes_estate_and_label_from_its_door(clerk, estate):
    building = BuildingFactory(estate=estate, name="3栋")
    clerk.post(page("unit", "add"), unit_form(building))

    unit = Unit.objects.get()
    assert (unit.estate, unit.entrance, unit.room, unit.label) == (estate, "2单元", "1201", "3-2-1201")


def test_a_door_that_exists_is_refused_at_the_room(clerk, estate):
    building = BuildingFactory(estate=estate, name="3栋")
    UnitFactory(building=building, entrance="2单元", room="1201")
    response = clerk.post(page("unit", "add"), unit_form(building))

    assert response.context["adminform"].errors["room"] == ["简称 3-2-1201 在该项目中已经存在。"]


def test_a_building_of_another_estate_is_refused_at_its_field(admin_client, estate):
    foreign = BuildingFactory()
    response = admin_client.post(
        page("hint", "add"), {"estate": estate.pk, "building": foreign.pk, "kind": "valve", "text": "阀门"}
    )

    assert response.context["adminform"].errors == {"building": ["不属于“滨江花园”，请重新选择。"]}


def test_a_renamed_building_relabels_its_dwellings(clerk, estate):
    building = BuildingFactory(estate=estate, name="3栋")
    unit = UnitFactory(building=building, entrance="2单元", room="1201")
    data = {"estate": estate.pk, "batch": building.batch.pk, "name": "5"}
    clerk.post(page("building", "change", building.pk), data)
    unit.refresh_from_db()

    assert (Building.objects.get().name, unit.label) == ("5栋", "5-2-1201")


def test_two_spellings_of_one_building_are_refused(clerk, estate):
    building = BuildingFactory(estate=estate, name="3栋")
    data = {"estate": estate.pk, "batch": building.batch.pk, "name": "3号楼"}
    response = clerk.post(page("building", "add"), data)

    assert response.context["adminform"].errors == {"name": ["与已有的“3栋”编号相同。"]}


def owner_form(unit=None, **more):
    empty = {"care_flags-TOTAL_FORMS": 0, "care_flags-INITIAL_FORMS": 0}
    home = {"households-TOTAL_FORMS": 1, "households-INITIAL_FORMS": 0, "households-0-relation": "owner"}
    if unit:
        home["households-0-unit"] = unit.pk
    return {"name": "张伟", "phone": "138 0013 8000", "pinyin": "", **empty, **home, **more}


def test_an_owner_gets_initials_and_a_clean_number(clerk, estate):
    unit = UnitFactory(building=BuildingFactory(estate=estate))
    clerk.post(page("owner", "add"), owner_form(unit))

    owner = Owner.objects.get()
    assert (owner.phone, owner.pinyin, owner.households.get().unit) == ("13800138000", "zw", unit)


def test_a_new_owner_needs_a_dwelling(clerk):
    response = clerk.post(page("owner", "add"), owner_form())

    assert (response.status_code, Owner.objects.count()) == (200, 0)


def test_a_wrong_number_is_refused_at_its_field(clerk, estate):
    unit = UnitFactory(building=BuildingFactory(estate=estate))
    response = clerk.post(page("owner", "add"), owner_form(unit, phone="123"))

    assert response.context["adminform"].errors == {
        "phone": ["请填写 11 位手机号，或带区号的座机号（如 010-12345678）。"]
    }


@pytest.mark.parametrize(
    ("before", "posted", "after"),
    [("zw", "zw", "lw"), ("zhw", "zhw", "zhw"), ("zw", "", "lw"), ("zw", "LIW", "liw")],
)
def test_initials_follow_the_name_unless_typed_by_hand(clerk, estate, before, posted, after):
    unit = UnitFactory(building=BuildingFactory(estate=estate))
    row = HouseholdFactory(unit=unit, owner=OwnerFactory(name="张伟", pinyin=before))
    kept = {"households-INITIAL_FORMS": 1, "households-0-id": row.pk}
    clerk.post(page("owner", "change", row.owner.pk), owner_form(unit, **kept, name="李伟", pinyin=posted))

    assert Owner.objects.get().pinyin == after


@pytest.mark.row("OR-01")
def test_an_owner_of_two_estates_shows_only_the_dwelling_in_scope(clerk, estate):
    unit = UnitFactory(building=BuildingFactory(estate=estate), room="1201")
    owner = HouseholdFactory(unit=unit, owner=OwnerFactory(phone="13800138000")).owner
    elsewhere = HouseholdFactory(owner=owner).unit
    listed = clerk.get(page("owner", "changelist")).content.decode()
    shown = clerk.get(page("owner", "change", owner.pk)).content.decode()

    assert [str(elsewhere.estate) in text for text in (listed, shown)] == [False, False]
    assert "13800138000" not in listed
    assert clerk.post(page("owner", "delete", owner.pk), {"post": "yes"}).status_code == 403
    assert Household.objects.count() == 2


def test_an_estate_without_pinyin_gets_it(admin_client):
    data = {"code": "BJHY", "name": "滨江花园", "area": AreaFactory().pk, "design_life_years": 50}
    admin_client.post(page("estate", "add"), data)

    assert Estate.objects.get().pinyin == "binjianghuayuan bjhy"


def test_lists_ask_no_question_per_row(clerk, estate, django_assert_max_num_queries):
    building = BuildingFactory(estate=estate)
    for n in range(20):
        HouseholdFactory(unit=UnitFactory(building=building, room=str(n)))
        PublicPlaceFactory(estate=estate, building=building)
        EquipmentFactory(estate=estate, place__estate=estate, place__building=building)
        HintFactory(estate=estate, building=building)

    for name in ("unit", "owner", "household", "publicplace", "equipment", "hint", "building"):
        with django_assert_max_num_queries(16):
            assert clerk.get(page(name, "changelist")).status_code == 200
