import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import User
from config.adminsite import FLOORS

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
