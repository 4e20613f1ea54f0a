"""The admin of people and roles: renders, and hands nobody more than the hand that gives."""

import pytest

from accounts.models import Role, User
from tests.accounts.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-01", "OR-02")]


@pytest.fixture
def manager(client, staff):
    user = staff("manager", "manager")
    client.force_login(user)
    return user


@pytest.fixture
def superuser(client, roles):
    user = User.objects.create_superuser("root", password=PASSWORD, full_name="超级管理员")
    client.force_login(user)
    return user


def change(client, user, **fields):
    """Post the change form of a user with what stands there now and these fields."""
    data = {
        "username": user.username,
        "full_name": user.full_name,
        "is_active": "on",
        "groups": list(user.groups.values_list("pk", flat=True)),
        "estates": list(user.estates.values_list("pk", flat=True)),
        **fields,
    }
    return client.post(f"/admin/accounts/user/{user.pk}/change/", data)


def group(code: str) -> int:
    return Role.objects.get(code=code).group_id


@pytest.mark.parametrize("who", ["superuser", "manager"])
def test_every_page_of_people_renders(request, client, staff, who):
    worker = staff("worker", "worker")
    request.getfixturevalue(who)
    role = Role.objects.get(code="worker")
    paths = ["", "accounts/user/", "accounts/user/add/", f"accounts/user/{worker.pk}/change/"]
    paths += [f"accounts/user/{worker.pk}/password/", f"accounts/user/{worker.pk}/history/"]
    paths += ["accounts/role/", f"accounts/role/{role.pk}/change/"]

    assert [client.get(f"/admin/{path}").status_code for path in paths] == [200] * len(paths)


def test_permissions_in_a_role_are_named_in_chinese(client, superuser):
    role = Role.objects.get(code="front_desk")

    page = client.get(f"/admin/accounts/role/{role.pk}/change/").content.decode()

    assert [text in page for text in ("新增用户", "派单与改派", "Can add")] == [True, True, False]


def test_a_manager_makes_a_worker_who_can_sign_in(client, manager, estates, django_user_model):
    data = {"username": "wang", "full_name": "王", "phone": "138 0013 8000", "is_active": "on"}
    data |= {
        "password1": PASSWORD,
        "password2": PASSWORD,
        "groups": [group("worker")],
        "estates": [estates[0].pk],
    }

    client.post("/admin/accounts/user/add/", data)
    made = User.objects.get(username="wang")

    assert (made.phone, [*made.groups.values_list("role__code", flat=True)]) == ("13800138000", ["worker"])
    assert [*made.estates.all()] == estates[:1]
    assert made.check_password(PASSWORD)


def test_a_new_user_without_anything_is_asked_for_each_by_its_name(client, manager):
    page = client.post("/admin/accounts/user/add/", {}).content.decode()

    said = ("请填写用户名。", "请填写姓名。", "请填写密码。", "请再输一次密码。")
    assert ([words for words in said if words not in page], "这个字段" in page) == ([], False)


def test_who_only_looks_at_a_user_is_offered_no_button_and_reads_of_roles(client, staff):
    worker = staff("worker", "worker")
    client.force_login(staff("supervisor", "supervisor"))

    page = client.get(f"/admin/accounts/user/{worker.pk}/change/").content.decode()

    assert [words in page for words in ("重设密码", "所属的组", "归属的组", "维修工")] == [
        *(False, False),
        *(False, True),
    ]


def test_a_manager_cannot_grant_superuser_permissions_or_all_estates(client, manager, staff):
    worker = staff("worker", "worker")

    change(client, worker, is_superuser="on", all_estates="on", user_permissions=["1", "2"])
    worker = User.objects.get(pk=worker.pk)

    assert (worker.is_superuser, worker.all_estates, worker.user_permissions.count()) == (False, False, 0)


@pytest.mark.parametrize("code", ["sysadmin", "auditor"])
def test_a_manager_cannot_grant_a_role_that_holds_more(client, manager, staff, code):
    worker = staff("worker", "worker")

    answer = change(client, worker, groups=[group(code)])

    assert answer.status_code == 200
    assert "groups" in answer.context["adminform"].form.errors
    assert [*worker.groups.values_list("role__code", flat=True)] == ["worker"]


def test_a_manager_cannot_grant_themselves_more(client, manager):
    change(client, manager, groups=[group("manager"), group("sysadmin")], is_superuser="on")
    again = User.objects.get(pk=manager.pk)

    assert (again.is_superuser, [*again.groups.values_list("role__code", flat=True)]) == (False, ["manager"])


def test_a_manager_cannot_open_foreign_estates_to_anybody(client, manager, staff, estates):
    worker = staff("worker", "worker")

    answer = change(client, worker, estates=[estate.pk for estate in estates])

    assert "estates" in answer.context["adminform"].form.errors
    assert [*worker.estates.all()] == estates[:1]


def test_a_manager_cannot_take_over_the_account_of_somebody_with_more(client, manager, staff):
    admin = staff("admin", "sysadmin")
    data = {"password1": "snow-on-the-roof-8", "password2": "snow-on-the-roof-8"}

    answers = [
        client.post(f"/admin/accounts/user/{admin.pk}/password/", data),
        change(client, admin, full_name="改名"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert User.objects.get(pk=admin.pk).check_password(PASSWORD)


def test_people_of_other_estates_are_not_there(client, manager, staff, estates):
    far = staff("far", "worker", estates=estates[1:])
    listed = client.get("/admin/accounts/user/").content.decode()

    assert f"/admin/accounts/user/{far.pk}/change/" not in listed
    assert client.post(f"/admin/accounts/user/{far.pk}/password/", {}).status_code == 404
    assert client.get(f"/admin/accounts/user/{far.pk}/change/").status_code == 302


def test_a_manager_cannot_edit_roles(client, manager):
    role = Role.objects.get(code="worker")
    data = {"name": "维修工", "code": "worker", "duty": "", "permissions": []}

    assert client.post(f"/admin/accounts/role/{role.pk}/change/", data).status_code == 403


def test_a_changed_role_in_the_admin_ends_the_sessions(client, superuser, staff):
    from django.test import Client

    worker = staff("worker", "worker")
    device = Client()
    device.post("/login/", {"login": "worker", "password": PASSWORD})

    change(client, worker, full_name="只改姓名")
    kept = device.get("/me/").status_code
    change(client, User.objects.get(pk=worker.pk), groups=[group("front_desk")])

    assert (kept, device.get("/me/").status_code) == (200, 302)


def test_a_password_set_in_the_admin_ends_the_sessions(client, manager, staff):
    from django.test import Client

    worker = staff("worker", "worker")
    device = Client()
    device.post("/login/", {"login": "worker", "password": PASSWORD})
    data = {"password1": "snow-on-the-roof-8", "password2": "snow-on-the-roof-8", "set-password": "1"}

    client.post(f"/admin/accounts/user/{worker.pk}/password/", data)

    assert device.get("/me/").status_code == 302
    assert User.objects.get(pk=worker.pk).check_password("snow-on-the-roof-8")


def test_an_account_is_closed_not_deleted(client, superuser, staff):
    worker = staff("worker", "worker")

    assert client.post(f"/admin/accounts/user/{worker.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_role_is_edited_with_its_permissions_and_deleted_only_when_empty(client, superuser, staff):
    role = Role.objects.get(code="worker")
    kept = role.group.permissions.get(codename="work_ticket")
    data = {"name": "维修技工", "duty": "修", "permissions": [kept.pk]}

    client.post(f"/admin/accounts/role/{role.pk}/change/", data)
    role = Role.objects.select_related("group").get(pk=role.pk)
    edited = (role.group.name, role.code, [*role.group.permissions.all()])
    staff("worker", "worker")
    refused = client.post(f"/admin/accounts/role/{role.pk}/delete/", {"post": "yes"}).status_code
    User.objects.get(username="worker").groups.clear()
    client.post(f"/admin/accounts/role/{role.pk}/delete/", {"post": "yes"})

    assert edited == ("维修技工", "worker", [kept])
    assert (refused, Role.objects.filter(pk=role.pk).exists()) == (403, False)


def test_actions_leave_out_people_with_more_rights(client, manager, staff):
    worker, admin = staff("worker", "worker"), staff("admin", "sysadmin")
    data = {"action": "end_sessions", "_selected_action": [worker.pk, admin.pk]}

    client.post("/admin/accounts/user/", data)
    epochs = [User.objects.get(pk=user.pk).session_epoch - user.session_epoch for user in (worker, admin)]

    assert epochs == [1, 0]
