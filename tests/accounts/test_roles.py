"""Roles as data: loading, giving, taking; who sees whom; where a day begins."""

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client

from accounts import demo, presets, rules, services
from accounts.models import Role, User
from accounts.views import start_page
from tests.accounts.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-01")]


def permissions_of(code: str) -> set[str]:
    rows = Permission.objects.filter(group__role__code=code).select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}" for row in rows}


def test_thirteen_roles_are_loaded_once_and_the_second_load_finds_nothing_to_do():
    assert (presets.load(), presets.load(), Role.objects.count()) == (13, 0, 13)


def test_what_an_administrator_edited_stays_and_only_the_missing_role_comes_back(roles):
    worker = Role.objects.get(code="worker")
    worker.group.permissions.clear()
    Role.objects.get(code="auditor").group.delete()

    assert presets.load() == 1
    assert permissions_of("worker") == set()
    assert permissions_of("auditor") >= {"tickets.view_ticket"}


def test_outside_parties_hold_nothing_but_work_on_tickets_given_to_them(roles):
    outside = set(Role.objects.filter(outside=True).values_list("code", flat=True))

    assert outside == {"contractor", "third_party"}
    assert permissions_of("contractor") == {
        "tickets.work_ticket",
        "tickets.plan_ticket",
        "warranty.act_for_company",
    }
    assert permissions_of("third_party") == permissions_of("contractor")


def test_who_writes_a_plan_is_not_who_reviews_it(roles):
    both = [
        code
        for code in Role.objects.values_list("code", flat=True)
        if {"tickets.plan_ticket", "tickets.review_plan"} <= permissions_of(code)
    ]

    assert both == []


def test_an_auditor_changes_nothing(roles):
    assert {name.split(".")[1].split("_")[0] for name in permissions_of("auditor")} == {"view"}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("front_desk", "desk_home"),
        ("clerk", "desk_home"),
        ("dispatcher", "dispatch_queue"),
        ("engineer", "desk_home"),
        ("supervisor", "desk_home"),
        ("manager", "desk_home"),
        ("housekeeper", "desk_home"),
        ("worker", "field_home"),
        ("contractor", "field_home"),
        ("third_party", "field_home"),
        ("director", "desk_home"),
        ("sysadmin", "admin:index"),
        ("auditor", "admin:index"),
    ],
)
def test_each_role_begins_its_day_where_its_work_is(staff, code, name):
    assert start_page(staff("zhang", code)) == name


def test_somebody_without_a_role_begins_at_the_own_account(client, staff):
    client.force_login(staff("zhang"))

    assert client.get("/", follow=True).redirect_chain == [("/me/", 302)]


def test_a_role_that_works_in_the_admin_makes_staff_and_its_loss_unmakes_them(staff):
    user = staff("zhang", "supervisor")
    made = user.is_staff
    services.remove_role(user=user, code="supervisor")

    assert (made, User.objects.get(pk=user.pk).is_staff) == (True, False)


@pytest.mark.parametrize("change", [services.assign_role, services.remove_role])
def test_a_role_given_or_taken_ends_the_sessions(client, staff, sign_in, change):
    user = staff("zhang", "front_desk")
    sign_in("zhang")
    before = client.get("/me/").status_code

    change(user=user, code="front_desk")

    assert (before, client.get("/me/").status_code) == (200, 302)


def test_a_permission_taken_from_the_role_is_denied_on_the_next_request(client, staff):
    client.force_login(staff("zhang", "supervisor"))
    before = client.get("/admin/accounts/user/").status_code
    Role.objects.get(code="supervisor").group.permissions.clear()

    assert (before, client.get("/admin/accounts/user/").status_code) == (200, 403)


def test_colleagues_are_those_of_the_own_estates(staff, estates):
    me = staff("me", "front_desk")
    near = staff("near", "worker", estates=estates)
    staff("far", "worker", estates=estates[1:])
    wide = staff("wide", "director", all_estates=True)

    assert set(User.objects.visible_to(me)) == {me, near}
    assert User.objects.visible_to(wide).count() == 4
    assert set(User.objects.visible_to(staff("lone", estates=[]))) == {User.objects.get(username="lone")}


def test_strangers_and_closed_accounts_see_nobody(staff, rf):
    from django.contrib.auth.models import AnonymousUser

    closed = staff("closed")
    closed.is_active = False

    assert [User.objects.visible_to(who).count() for who in (AnonymousUser(), closed)] == [0, 0]


def test_an_account_needs_a_strong_password_and_a_free_valid_phone_number(staff):
    staff("zhang", phone="13800138000")
    bad = [{"phone": "12345"}, {"phone": "138 0013 8000"}, {"username": "zhang"}]
    for fields in bad:
        with pytest.raises(ValidationError):
            services.create_staff(**{"username": "li", "full_name": "李", "password": PASSWORD, **fields})
    with pytest.raises(ValidationError):
        services.create_staff(username="li", full_name="李", password="13800138001", phone="13800138001")

    assert list(User.objects.values_list("username", flat=True)) == ["zhang"]


def test_a_manager_may_grant_field_roles_and_lesser_ones_but_not_administration(staff):
    manager = staff("manager", "manager")
    codes = set(rules.grantable_groups(manager).values_list("role__code", flat=True))

    assert {"worker", "contractor", "front_desk", "supervisor", "manager"} <= codes
    assert codes.isdisjoint({"sysadmin", "auditor"})


def test_nobody_manages_an_account_with_more_rights_or_more_estates(staff, estates):
    manager = staff("manager", "manager")
    people = {
        "worker": staff("worker", "worker"),
        "admin": staff("admin", "sysadmin", all_estates=True),
        "far": staff("far", "worker", estates=estates),
        "wide": staff("wide", "worker", all_estates=True),
        "root": User.objects.create_superuser("root", password=PASSWORD, full_name="root"),
    }
    allowed = {name for name, user in people.items() if rules.may_manage(manager, user)}

    assert allowed == {"worker"}
    assert {name for name, user in people.items() if rules.may_manage(people["admin"], user)} == set(
        people
    ) - {"root"}


def test_demo_people_can_sign_in_and_the_command_tells_whose_password_changed(roles, estates, capsys, client):
    people = demo.create_demo_staff(estates=estates, workers=3)
    again = demo.create_demo_staff(estates=estates, workers=3)
    people["clerk"].set_password("something-else-9")
    people["clerk"].save()

    call_command("show_logins")
    lines = capsys.readouterr().out.splitlines()

    assert people == again
    assert len(people) == 15
    # The morning's digest has somebody to go to (SL-09).
    assert User.objects.get(username="manager").email == demo.MANAGER_MAIL
    assert "  worker       维修工" in lines
    assert "  clerk        信息员（演示账号已修改）" in lines
    assert client.post("/login/", {"login": "worker3", "password": demo.DEMO_PASSWORD}).status_code == 302


def test_without_demo_people_the_command_says_how_to_begin(roles, capsys):
    call_command("show_logins")

    assert "createsuperuser" in capsys.readouterr().out


def test_demo_people_are_refused_in_production(roles, settings):
    settings.LOCAL = False

    with pytest.raises(demo.DemoRefused):
        demo.create_demo_staff(estates=[])


def test_the_own_account_names_roles_estates_and_the_second_factor(staff):
    client = Client()
    client.force_login(staff("zhang", "front_desk", full_name="张三", phone="13800138000"))

    page = client.get("/me/").content.decode()

    assert [word in page for word in ("张三", "客服前台", "云杉里", "望江苑", "未启用")] == [
        True,
        True,
        True,
        False,
        True,
    ]
