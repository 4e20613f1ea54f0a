import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import User
from config.adminsite import FLOORS
from estates.models import Area

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(client):
    client.force_login(User.objects.create_superuser("root", full_name="管理员"))
    return client


def test_the_apps_stand_in_the_floors_order_each_with_its_hint(root, rf):
    request = rf.get(reverse("admin:index"))
    request.user = User.objects.get(username="root")

    assert [(app["app_label"], app["hint"]) for app in admin.site.get_app_list(request)] == list(
        FLOORS.items()
    )


def test_the_index_leads_back_to_the_desk_and_names_what_can_be_added(root):
    page = root.get(reverse("admin:index")).content.decode()

    assert [
        words for words in (FLOORS["estates"], 'aria-label="新增房屋"', 'rel="icon"') if words not in page
    ] == []


def test_a_list_is_called_what_it_lists(root):
    page = root.get(reverse("admin:estates_unit_changelist")).content.decode()

    assert ("<h1>房屋</h1>" in page, "<title>房屋 · 房修 管理后台</title>" in page) == (True, True)


def test_somebody_with_nothing_to_do_here_is_told_whom_to_ask(client):
    client.force_login(User.objects.create_user("new", full_name="新人", is_staff=True))

    assert "请联系系统管理员" in client.get(reverse("admin:index")).content.decode()


def listed(user, rf) -> dict[str, list[str]]:
    request = rf.get(reverse("admin:index"))
    request.user = User.objects.get(pk=user.pk)
    return {
        app["app_label"]: [model["object_name"] for model in app["models"]]
        for app in admin.site.get_app_list(request)
    }


def test_the_models_of_a_floor_stand_as_the_app_names_them_with_the_things_before_their_rules(rf):
    found = listed(User.objects.create_superuser("root", full_name="管理员"), rf)

    assert (found["estates"][:5], found["tickets"]) == (
        ["Area", "Estate", "Batch", "Building", "Unit"],
        ["Ticket", "Report", "PolicySet", "LevelRule", "ClassRule", "WorkDay", "PhoneReveal"],
    )


def test_pages_say_what_they_are_for_in_our_words(root):
    area = Area.objects.create(code="north", name="城北")
    paths = {
        "list": reverse("admin:estates_area_changelist"),
        "add": reverse("admin:estates_area_add"),
        "change": reverse("admin:estates_area_change", args=[area.pk]),
        "history": reverse("admin:estates_area_history", args=[area.pk]),
    }
    pages = {name: root.get(path).content.decode() for name, path in paths.items()}

    said = {
        "list": ">新增片区<",
        "add": "<h1>新增片区</h1>",
        "change": "<h1>修改片区</h1>",
        "history": "还没有人在后台改过",
    }
    closed_up = {name: re.sub(r"\s*([<>])\s*", r"\1", page) for name, page in pages.items()}
    assert {name for name, words in said.items() if words not in closed_up[name]} == set()


def test_a_history_names_who_did_what(root):
    root.post(reverse("admin:estates_area_add"), {"code": "north", "name": "城北"})
    path = reverse("admin:estates_area_history", args=[Area.objects.get().pk])

    page = root.get(path).content.decode()

    assert [words in page for words in ("管理员", "已添加", "还没有人")] == [True, True, False]


def test_a_list_without_rows_says_why(root):
    path = reverse("admin:estates_area_changelist")
    before = root.get(path).content.decode()
    Area.objects.create(code="north", name="城北")
    found, missed = (root.get(path, {"q": words}).content.decode() for words in ("城北", "城南"))

    said = [("还没有片区" in page, "没有符合条件的片区" in page) for page in (before, found, missed)]
    assert said == [(True, False), (False, False), (False, True)]


def test_before_something_is_deleted_it_is_said_what_goes(root):
    area = Area.objects.create(code="north", name="城北")
    one = root.get(reverse("admin:estates_area_delete", args=[area.pk])).content.decode()
    marked = {"action": "delete_selected", "_selected_action": [area.pk]}
    some = root.post(reverse("admin:estates_area_changelist"), marked).content.decode()

    said = ("城北", "不能恢复", 'value="删除"')
    assert [words for page in (one, some) for words in said if words not in page] == []


def test_what_is_missing_is_asked_for_by_its_name(root):
    page = root.post(reverse("admin:estates_building_add"), {}).content.decode()

    assert [words in page for words in ("请填写楼栋。", "请选择项目。", "这个字段是必填项")] == [
        True,
        True,
        False,
    ]
    assert "<title>有内容需要改正：新增楼栋 · 房修 管理后台</title>" in page


def test_who_marked_nothing_is_told_to(root):
    Area.objects.create(code="north", name="城北")
    path = reverse("admin:estates_area_changelist")

    page = root.post(path, {"action": "delete_selected", "index": "0"}, follow=True).content.decode()

    assert "请先勾选要处理的行。" in page


def test_what_only_links_two_rows_is_not_named_where_one_is_deleted(root):
    north, south = (Area.objects.create(code=code, name=code) for code in ("north", "south"))
    north.neighbours.add(south)

    page = root.get(reverse("admin:estates_area_delete", args=[north.pk])).content.decode()

    assert ("north" in page, "object (" in page, "relationship" in page) == (True, False, False)


def test_no_list_offers_to_count_what_each_filter_would_find():
    lists = admin.site._registry.items()
    never = admin.ShowFacets.NEVER
    counting = [model._meta.label for model, each in lists if each.show_facets is not never]

    assert counting == []


def test_a_right_given_or_taken_shows_on_the_next_page(rf):
    user = User.objects.create_user("clerk", full_name="何静", is_staff=True)
    rights = Permission.objects.filter(codename__in=["view_estate", "view_script"])
    before = listed(user, rf)

    user.user_permissions.set(rights)
    given = listed(user, rf)
    user.user_permissions.remove(rights.get(codename="view_script"))

    assert (before, given) == ({}, {"estates": ["Estate"], "knowledge": ["Script"]})
    assert listed(user, rf) == {"estates": ["Estate"]}


def test_what_one_page_does_with_its_list_is_not_seen_by_the_next(root, rf):
    request = rf.get(reverse("admin:index"))
    request.user = User.objects.get(username="root")
    first = admin.site.get_app_list(request)

    first[0]["models"].clear()
    first[0]["name"] = "别的"

    again = admin.site.get_app_list(request)[0]
    assert (again["name"] != "别的", again["models"] != []) == (True, True)
