"""The commander of an emergency on desk and phone, from the preview to the record (DI-09)."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils.timezone import now

from dispatch import presets
from dispatch.emergency import beat
from dispatch.models import Activation, AfterAction, EmergencyPlan, Order
from tests.house import House
from tests.walks.stage import PHONE, open_stage
from tickets.models import Status, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house():
    """Some small repairs, and the plans that ship."""
    cache.clear()
    house = House.build()
    presets.load_plans()
    # A burst pipe by its code, a dripping tap here.
    EmergencyPlan.objects.get(code="storm").faults.clear()
    house.fault.default_level = 3
    house.fault.save()
    at = now() - timedelta(hours=3)
    for number in range(4):
        house.register(at=at, reporter_phone=f"1380013801{number}")
    return house


@pytest.mark.row("DI-09")
def test_the_commander_leads_from_the_desk_and_from_the_phone(house, live_server, browser):
    with open_stage(live_server.url, browser) as stage:
        manager = stage.person("manager")
        page = manager.page
        page.goto("/dispatch/emergency/")
        manager.look("emergencies")
        page.get_by_role("row", name="台风暴雨").get_by_role("link").click()
        page.get_by_label("滨江花园").first.check()
        page.get_by_label("启动原因").fill("台风“海燕”红色预警，预计今晚登陆")
        page.get_by_role("checkbox", name="自有班组").first.check()
        manager.button("预览影响")
        page.get_by_text("张3–4级工单将暂停").wait_for()
        manager.look("emergency-preview")
        page.on("dialog", lambda dialog: dialog.accept())
        manager.button("启动应急")
        if page.get_by_role("dialog").count():
            page.get_by_role("dialog").get_by_role("button").last.click()
        page.wait_for_url("**/dispatch/emergency/*/")
        activation = Activation.objects.get()
        beat.run(at=now())
        assert Ticket.objects.filter(status=Status.SUSPENDED).count() == 4

        phone = stage.person("manager", size=PHONE)
        phone.page.goto(f"/dispatch/emergency/{activation.pk}/")
        phone.page.get_by_label("下达指令").fill("1号车库加派两台潜污泵")
        phone.button("记入指令")
        phone.page.get_by_text("1号车库加派两台潜污泵").first.wait_for()
        phone.look("emergency-phone")
        phone.button("维护小组")
        phone.page.get_by_label("到岗", exact=False).first.select_option("present")
        phone.look("emergency-squad-phone")
        phone.button("保存到岗情况")
        phone.page.goto(f"/dispatch/emergency/{activation.pk}/supplies/")
        phone.page.get_by_label("沙袋到位").fill("280")
        phone.page.get_by_label("沙袋已用").fill("300")
        phone.button("保存")
        phone.page.get_by_text("已用不能多于到位的280个").wait_for()
        phone.look("emergency-supplies-phone")
        phone.page.get_by_label("沙袋已用").fill("120")
        phone.button("保存")
        phone.page.wait_for_url(f"**/dispatch/emergency/{activation.pk}/")

        page.goto(f"/dispatch/emergency/{activation.pk}/")
        manager.look("emergency")
        page.goto(f"/dispatch/emergency/{activation.pk}/?wall=1")
        manager.look("emergency-wall")
        page.goto(f"/dispatch/emergency/{activation.pk}/held/")
        manager.look("emergency-held")
        page.get_by_role("link", name="例外办理").first.click()
        page.get_by_label("例外原因").fill("家中有婴儿")
        manager.button("恢复办理")
        page.goto("/desk/")
        page.get_by_text("应急进行中").wait_for()
        page.goto(f"/dispatch/emergency/{activation.pk}/end/")
        page.get_by_label("结束说明").fill("预警解除")
        manager.button("结束并恢复工单")
        page.wait_for_url(f"**/dispatch/emergency/{activation.pk}/")
        beat.run(at=now())
        page.goto(f"/dispatch/emergency/{activation.pk}/record/")
        page.get_by_label("经过").fill("夜间强风暴雨，地库水位最高15厘米。")
        page.get_by_label("暴露的问题").fill("沙袋不足。")
        page.get_by_label("改进措施").fill("增购沙袋200个。")
        manager.look("emergency-record")
        manager.button("提交审批")
        page.get_by_label("结论").select_option("yes")
        manager.button("提交")
        page.get_by_text("已批准").first.wait_for()
        page.goto(f"/dispatch/emergency/{activation.pk}/record/print/")
        manager.look("emergency-record-print")

        assert stage.faults == {}
    assert AfterAction.objects.get().state == "approved"
    assert Ticket.objects.filter(status=Status.SUSPENDED).count() == 0
    assert set(Order.objects.values_list("label", flat=True)) == {"启动", "指令", "队伍", "物资", "结束"}
