"""Managers run tickets in Django admin: seeing everything, moving tickets by steps alone."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests.factories_estates import HouseholdFactory
from tests.house import AT, House
from tickets import intake
from tickets.actors import Actor
from tickets.models import PhoneReveal, PolicySet, PolicyVersion, Report, Status, Ticket, WorkDay

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-02")]
LIST = reverse("admin:tickets_ticket_changelist")


@pytest.fixture
def house():
    return House.build()


@pytest.fixture
def manager(client, house):
    client.force_login(house.people["manager"])
    return client


@pytest.fixture
def root(client, house):
    client.force_login(User.objects.create_superuser("root", full_name="超级管理员"))
    return client


def foreign_ticket(house: House) -> Ticket:
    """A ticket of an estate that nobody of the house works for."""
    household = HouseholdFactory()
    taken = house.intake(estate=household.unit.estate, unit=household.unit, owner=household.owner)
    return intake.register(intake=taken, by=Actor.system(), at=AT)


def page_of(ticket: Ticket) -> str:
    return reverse("admin:tickets_ticket_change", args=[ticket.pk])


def step_of(ticket: Ticket, name: str) -> str:
    return reverse("admin:tickets_ticket_step", args=[ticket.pk, name])


def key_of(client, url: str) -> str:
    return str(client.get(url).context["form"]["form_key"].value())


def listed(client, **query) -> list[str]:
    return sorted(ticket.number for ticket in client.get(LIST, query).context["cl"].result_list)


# -- the register ------------------------------------------------------------


@pytest.mark.parametrize("words", ["number", "13800138000", "138 0013 8000", "张伟", "place"])
def test_a_ticket_is_found_by_number_phone_name_and_room(house, manager, words):
    ticket = house.register()
    house.register(reporter_name="李娜", reporter_phone="13900139000", unit=None, place=None)
    words = {"number": ticket.number, "place": ticket.place_label}.get(words, words)

    assert listed(manager, q=words) == [ticket.number]


def test_a_complaint_is_listed_with_its_words_and_misses_no_fault(house, manager):
    details = {"about": "service", "demand": "道歉", "harm": "no"}
    house.register(kind="complaint", details=details, fault=None, wanted="", description="约好没有来")

    page = manager.get(LIST).text

    assert ("投诉：约好没有来" in page, 'field-fault_name">待补充' in page) == (True, False)


def test_the_list_is_filtered_by_status_level_cover_rework_month_and_estate(house, manager):
    ticket = house.register()
    other = house.ticket_at(Status.INCOMPLETE)

    found = [
        listed(manager, status__exact="incomplete"),
        listed(manager, level__exact="2"),
        listed(manager, rework__exact="1"),
        listed(manager, month="1999-01"),
        listed(manager, estate__id__exact=str(house.estate.pk)),
    ]
    both = sorted([ticket.number, other.number])
    assert found == [[other.number], both, [], both, both]


def test_a_longer_list_needs_no_more_queries(house, manager):
    for _ in range(2):
        house.register()
    manager.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        manager.get(LIST)
    for _ in range(12):
        house.register()
    with CaptureQueriesContext(connection) as many:
        manager.get(LIST)

    assert len(many) == len(few)


def test_tickets_of_foreign_estates_are_as_missing_as_none(house, manager):
    foreign = foreign_ticket(house)

    answers = [manager.get(page_of(foreign)), manager.get(reverse("admin:tickets_ticket_change", args=[0]))]
    steps = [manager.get(step_of(foreign, "cancel")), manager.get(LIST.rstrip("/") + "/0/step/cancel/")]

    assert listed(manager) == []
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, "/admin/")] * 2
    assert [answer.status_code for answer in steps] == [404, 404]


# -- one ticket --------------------------------------------------------------


def test_the_page_shows_history_clocks_files_and_papers_but_no_full_number(house, manager):
    page = manager.get(page_of(house.ticket_at(Status.CLOSED))).content.decode()

    words = ["待回访 → 已闭环", "按时完成", "/thumb/", "接口密封件老化", "通水试验", "已解决", "138****8000"]
    assert [word for word in words if word not in page] == []
    assert "13800138000" not in page


def test_the_thumbnail_on_the_page_can_be_fetched_by_who_sees_it(house, manager):
    ticket = house.ticket_at(Status.SURVEYING)

    answer = manager.get(reverse("evidence_thumb", args=[ticket.evidence.get().pk]))

    assert (answer.status_code, len(answer.getvalue()) > 0) == (200, True)


@pytest.mark.parametrize("who", ["manager", "root"])
def test_nobody_adds_changes_or_deletes_a_ticket(request, house, client, who):
    request.getfixturevalue(who)
    ticket = house.register()
    data = {"status": "closed", "reporter_phone": "13900139000"}

    statuses = [
        client.get("/admin/tickets/ticket/add/").status_code,
        client.post(page_of(ticket), data).status_code,
        client.post(page_of(ticket).replace("change", "delete"), {"post": "yes"}).status_code,
    ]
    again = Ticket.objects.get(pk=ticket.pk)

    assert statuses == [403, 403, 403]
    assert (again.status, again.reporter_phone, again.version) == ("registered", "13800138000", 1)


@pytest.mark.parametrize("who", ["manager", "root"])
def test_a_forged_transition_of_the_library_does_nothing(request, house, client, who):
    request.getfixturevalue(who)
    ticket = house.ticket_at(Status.CLOSED)

    answer = client.post(page_of(ticket), {"_fsm_transition_to": "archive", "_save": "1"})

    assert answer.status_code == 403
    assert Ticket.objects.get(pk=ticket.pk).status == Status.CLOSED


def test_the_bulk_delete_is_not_offered(root):
    actions = dict(root.get(LIST).context["action_form"].fields["action"].choices)

    assert set(actions) == {"", "archive", "undefer", "resume"}


# -- steps -------------------------------------------------------------------


def test_the_page_offers_the_steps_of_the_machine_and_the_pages_of_their_own(house, manager):
    context = manager.get(page_of(house.ticket_at(Status.IN_REVIEW))).context

    labels = {link["label"] for link in context["step_links"]}
    assert labels == {"退回补充", "复核派单", "延期办理", "作废", "合并到其他工单", "转出"}


def test_an_auditor_sees_the_ticket_and_no_step(house, client):
    client.force_login(house.people["auditor"])
    ticket = house.ticket_at(Status.CLOSED)

    page = client.get(page_of(ticket))

    assert (page.status_code, page.context["step_links"], page.context["on_site"]) == (200, [], "")
    assert client.post(step_of(ticket, "archive"), {}).status_code == 403


def test_a_step_in_the_admin_writes_the_same_event_as_on_the_page(house, manager):
    ticket = house.ticket_at(Status.CLOSED)
    url = step_of(ticket, "archive")

    answer = manager.post(url, {"form_key": key_of(manager, url)})

    last = ticket.events.order_by("-seq").first()
    assert (answer.status_code, answer.url) == (303, page_of(ticket))
    assert (last.name, last.to_status, last.actor) == ("archive", "archived", house.people["manager"])


def test_a_step_that_asks_why_keeps_what_was_typed_and_names_what_is_missing(house, manager):
    ticket = house.register()
    url = step_of(ticket, "defer")
    data = {"form_key": key_of(manager, url), "until": "2020-01-01", "reason": "等待雨天"}

    answer = manager.post(url, data)

    page = answer.content.decode()
    assert (answer.status_code, "请选择今天以后的日期。" in page, "等待雨天" in page) == (422, True, True)
    assert Ticket.objects.get(pk=ticket.pk).status == "registered"


def test_a_step_taken_meanwhile_says_who_and_when(house, manager):
    ticket = house.ticket_at(Status.CLOSED)
    url = step_of(ticket, "archive")
    first, second = key_of(manager, url), key_of(manager, url)
    manager.post(url, {"form_key": first})

    answer = manager.post(url, {"form_key": second})

    assert (answer.status_code, "赵文博" in answer.content.decode()) == (409, True)


@pytest.mark.parametrize("name", ["dispatch", "close", "finish", "nonsense"])
def test_steps_with_pages_of_their_own_are_not_taken_here(house, manager, name):
    assert manager.post(step_of(house.register(), name), {}).status_code == 404


def test_several_tickets_are_archived_at_once_and_each_refusal_is_named(house, manager):
    closed = [house.ticket_at(Status.CLOSED) for _ in range(2)]
    still_open = house.register()
    chosen = [ticket.pk for ticket in [*closed, still_open]]

    answer = manager.post(LIST, {"action": "archive", "_selected_action": chosen}, follow=True)

    statuses = Ticket.objects.order_by("pk").values_list("status", flat=True)
    said = [str(message) for message in answer.context["messages"]]
    assert [*statuses] == ["archived", "archived", "registered"]
    assert said == [f"{still_open.number}：未归档，现在是“已登记”。", "已归档 2 张工单。"]


def test_a_bulk_action_reaches_no_foreign_ticket(house, manager):
    foreign = foreign_ticket(house)

    manager.post(LIST, {"action": "undefer", "_selected_action": [foreign.pk]})

    assert foreign.events.count() == 1


# -- policies and records ----------------------------------------------------


def policy_data(policy: PolicySet, rules: str, pk: str = "") -> dict:
    return {
        "code": policy.code,
        "name": policy.name,
        "nature": policy.nature,
        "active": "on",
        "versions-TOTAL_FORMS": "1",
        "versions-INITIAL_FORMS": "1" if pk else "0",
        "versions-0-id": pk,
        "versions-0-policy": str(policy.pk),
        "versions-0-number": "2",
        "versions-0-valid_from": "2027-01-01",
        "versions-0-rules": rules,
        "versions-2-TOTAL_FORMS": "0",
        "versions-2-INITIAL_FORMS": "0",
    }


@pytest.mark.row("SL-02")
def test_a_new_version_is_added_beside_the_one_in_use(house, root):
    ticket = house.register()
    policy = ticket.policy.policy
    rules = ticket.policy.rules
    rules["clocks"]["dispatch"]["limits"]["2"] = 45

    url = reverse("admin:tickets_policyset_change", args=[policy.pk])
    root.post(url, policy_data(policy, json.dumps(rules)))

    limits = {v.number: v.rules["clocks"]["dispatch"]["limits"]["2"] for v in policy.versions.all()}
    assert limits == {1: 60, 2: 45}


@pytest.mark.row("SL-02")
def test_a_version_in_use_cannot_be_changed(house, root):
    ticket = house.register()
    policy = ticket.policy.policy
    url = reverse("admin:tickets_policyset_change", args=[policy.pk])

    data = policy_data(policy, '{"clocks": {}}', str(ticket.policy_id))
    root.post(url, data)
    root.post(url, {key.replace("versions-0", "versions-2-0"): value for key, value in data.items()})

    assert PolicyVersion.objects.get(pk=ticket.policy_id).rules == ticket.policy.rules


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('{"clocks": ', "不是正确的 JSON"),
        ('{"clock": {}}', "最外层应为"),
        ({"limits": {"1": 15}}, "时钟“dispatch”：limits 应写明 1 至 4 级的分钟数。"),
        ({"limits": {"1": 0, "2": 1, "3": 1, "4": 1}}, "1 级时限应为"),
        ({"stop": ["despatch"]}, "stop 中没有这样的事件：despatch。"),
        ({"calendar": "moon"}, "calendar 只能是"),
        ({"warn": [50, 180]}, "warn 应为"),
        ({"promise": ["schedule"]}, "promise 应为"),
        ({"limit": {}}, "不认识的项目 limit。"),
    ],
)
def test_rules_that_no_clock_can_read_are_refused_in_chinese(house, root, change, message):
    policy = PolicySet.objects.get(code="P-DEFAULT")
    rules = policy.versions.get().rules
    if isinstance(change, dict):
        rules["clocks"]["dispatch"] |= change
    typed = change if isinstance(change, str) else json.dumps(rules)

    page = root.post(
        reverse("admin:tickets_policyset_change", args=[policy.pk]), policy_data(policy, typed)
    ).content.decode()

    assert (message in page, policy.versions.count()) == (True, 1)


def test_the_group_s_policies_are_read_only_for_a_manager_of_one_estate(house, manager):
    policy = PolicySet.objects.get(code="P-DEFAULT")
    url = reverse("admin:tickets_policyset_change", args=[policy.pk])

    answers = [manager.get(url), manager.post(url, policy_data(policy, "{}"))]

    assert [answer.status_code for answer in answers] == [200, 403]


@pytest.mark.parametrize(("who", "shown"), [("manager", (False, True)), ("root", (True, False))])
def test_who_may_only_read_a_policy_reads_its_open_versions_in_words(request, house, who, shown):
    policy = PolicySet.objects.get(code="P-DEFAULT")
    url = reverse("admin:tickets_policyset_change", args=[policy.pk])

    page = request.getfixturevalue(who).get(url).content.decode()

    assert ("clocks" in page, '<th scope="col">时钟</th>' in page and "<textarea" not in page) == shown


@pytest.mark.parametrize(("who", "told"), [("manager", False), ("root", True)])
def test_who_must_name_an_estate_is_not_told_to_leave_it_empty(request, who, told):
    page = request.getfixturevalue(who).get(reverse("admin:tickets_policyset_add")).content.decode()

    assert ("留空适用于全部项目" in page) is told


def test_days_that_have_passed_stay_as_the_clocks_have_counted_them(house, root):
    WorkDay.objects.create(day="2020-01-01", working=False)
    WorkDay.objects.create(day="2099-01-01", working=False)

    statuses = [
        root.post(f"/admin/tickets/workday/{day}/change/", {"working": "on", "note": "调休"}).status_code
        for day in ("2020-01-01", "2099-01-01")
    ]

    assert statuses == [403, 302]
    assert [*WorkDay.objects.order_by("day").values_list("working", flat=True)] == [False, True]


@pytest.mark.row("OR-01")
def test_who_looked_at_a_number_is_listed_without_the_number(house, client):
    ticket = house.register()
    PhoneReveal.objects.create(ticket=ticket, user=house.people["front_desk"], reason="contact", at=AT)
    client.force_login(house.people["auditor"])

    page = client.get("/admin/tickets/phonereveal/").content.decode()

    assert ["联系业主" in page, ticket.number in page, "13800138000" in page] == [True, True, False]


def test_a_report_nobody_typed_has_no_time_of_typing(house, manager):
    report = house.register().report
    Report.objects.filter(pk=report.pk).update(saved_at=report.started_at)

    page = manager.get(f"/admin/tickets/report/{report.pk}/change/").content.decode()

    assert ["0分00秒" in page, "登记用时" in page] == [False, True]


@pytest.mark.row("IN-03")
def test_a_report_shows_how_long_the_call_took(house, manager):
    ticket = house.register()

    page = manager.get(f"/admin/tickets/report/{ticket.report_id}/change/").content.decode()

    assert ["2分00秒" in page, ticket.number in page] == [True, True]
