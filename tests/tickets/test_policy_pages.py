"""Which policy applies and why, and what a change would do before it is saved."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import Role, User
from tests.house import House
from tests.tickets.test_admin import policy_data
from tests.tickets.test_settlement import rules
from tickets.models import PolicySet, PolicyVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House.build("front_desk")


@pytest.fixture
def root(house) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root-policy", password="correct-horse"))
    return client


def change_url(policy: PolicySet) -> str:
    return reverse("admin:tickets_policyset_change", args=[policy.pk])


@pytest.mark.row("SL-02")
def test_the_page_says_which_policy_leads_and_what_was_settled(house, root):
    law = PolicySet.objects.create(code="LAW", name="合同底线", nature="floor", area=house.estate.area)
    PolicyVersion.objects.create(policy=law, number=1, valid_from="2020-01-01", rules=rules(contact=20))

    page = root.get(
        reverse("admin:tickets_policyset_explain"), {"estate": house.estate.pk, "on": "2026-05-08"}
    ).content.decode()

    words = [
        "以 <strong>P-DEFAULT 第1版</strong> 为主",
        "主用：范围最具体的策略",
        "参与裁决：不得低于法定或合同底线",
        f"片区：{house.estate.area.name}",
        "首联 4 级：4 小时 改为 <strong>20 分钟</strong>，不得低于法定或合同底线（LAW 第1版）",
    ]
    assert [word for word in words if word not in page] == []


def test_an_estate_without_a_policy_is_told_so(house, root):
    PolicySet.objects.update(active=False)

    page = root.get(reverse("admin:tickets_policyset_explain"), {"estate": house.estate.pk})

    assert "没有有效的时效策略" in page.content.decode()


@pytest.mark.row("SL-02")
def test_the_effect_of_a_change_is_shown_and_nothing_is_saved(house, root):
    ticket = house.register(at=now() - timedelta(minutes=30))
    policy = ticket.policy.policy
    asked = ticket.policy.rules
    asked["clocks"]["dispatch"]["limits"]["2"] = 20
    data = policy_data(policy, json.dumps(asked)) | {"versions-0-valid_from": "2026-01-01", "_preview": "1"}

    page = root.post(change_url(policy), data)

    words = ["1 个：提前 1，推后 0", ticket.number, "还没有保存"]
    assert [word for word in words if word not in page.content.decode()] == []
    assert (page.status_code, policy.versions.count()) == (200, 1)
    later = root.get(change_url(policy))
    assert ["成功修改" in each.content.decode() for each in (page, later)] == [False, False]


@pytest.mark.row("SL-02")
def test_what_was_previewed_can_be_saved(house, root):
    ticket = house.register()
    policy = ticket.policy.policy
    data = policy_data(policy, json.dumps(ticket.policy.rules))
    posted = dict(root.post(change_url(policy), data | {"_preview": "1"}).context["posted"])

    answer = root.post(change_url(policy), posted | {"_save": "1"})

    assert (answer.status_code, policy.versions.count()) == (302, 2)


def test_a_mistake_is_shown_before_any_effect(house, root):
    policy = PolicySet.objects.get(code="P-DEFAULT")

    page = root.post(change_url(policy), policy_data(policy, "{") | {"_preview": "1"})

    assert (page.status_code, "不是正确的 JSON" in page.content.decode()) == (200, True)


@pytest.mark.row("SL-02")
def test_peak_mode_has_a_publisher_an_end_and_leaves_urgent_work_alone(house, root):
    policy = PolicySet.objects.create(code="STORM", name="台风")
    data = policy_data(policy, json.dumps(rules(dispatch=600))) | {"nature": "peak"}

    page = root.post(change_url(policy), data).content.decode()

    words = ["高峰或灾害模式须写明发布人", "必须写明失效日期", "只能放宽 3、4 级"]
    assert [word for word in words if word not in page] == []
    assert PolicySet.objects.get(pk=policy.pk).nature == "internal"


@pytest.mark.row("SL-02")
def test_the_limits_of_a_version_stand_in_words_above_its_rules(house, root):
    house.register()

    page = root.get(change_url(PolicySet.objects.get(code="P-DEFAULT"))).content.decode()

    # Behind the table that a new version is typed into.
    dispatch = page[page.rindex('<th scope="row">派单</th>') :]
    assert dispatch[: dispatch.index("</tr>")].count("<td>") == 5
    assert "<td>15 分钟</td><td>1 小时</td>" in dispatch[: dispatch.index("</tr>")]


@pytest.mark.row("SL-02")
def test_warnings_pauses_and_visits_are_told_in_words_and_the_json_is_folded(house, root):
    supervisor = Group.objects.get_or_create(name="房修主管")[0]
    Role.objects.get_or_create(code="supervisor", defaults={"group": supervisor})

    page = root.get(change_url(PolicySet.objects.get(code="P-DEFAULT"))).content.decode()

    words = [
        "到 50%、80% 提醒；到 100% 报房修主管",
        "等待材料（须证明）",
        "预约时段前 5 分钟起算准时",
        "2级 8 小时",
    ]
    assert [word for word in words if word not in page] == []
    assert re.search(
        r"<details>\s*<summary>全部规则（JSON）</summary>.*<textarea name=\"versions-0-rules\"",
        page,
        re.DOTALL,
    )
