"""Django's admin in a real browser: in our frame, in our colours, within the strict policy."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import User
from estates.models import CareFlag
from knowledge.models import Department
from tests import browsers
from tests.factories_estates import AreaFactory
from tests.house import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = {
    "light desk": {"color_scheme": "light", "viewport": {"width": 1440, "height": 900}},
    "dark phone": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
}
TARGETS = """() => [...document.querySelectorAll('a, button, select, summary, input:not([type=hidden])')]
    .filter((e) => e.checkVisibility({visibilityProperty: true}))
    .filter((e) => !e.matches('[type=checkbox], [type=radio],'
        + ' .skip-to-content-link, .sortoptions a, .select2-hidden-accessible, .select2-search__field'))
    .filter((e) => e.getBoundingClientRect().height < 43.5)
    .map((e) => e.outerHTML.slice(0, 120))"""


@pytest.fixture
def house():
    return House.build("manager", "front_desk")


def looked_at(page, path):
    """What is wrong with the page: its answer, the console, what axe finds, what sticks out."""
    answer = page.goto(path)
    page.wait_for_load_state()
    # Before axe: it fetches style sheets again and trips over the policy while doing so.
    faults = ([] if answer.ok else [str(answer.status)]) + page.complaints
    faults += browsers.violations(page)
    if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        faults.append("wider than the screen")
    page.complaints.clear()
    return faults


def test_nothing_is_wrong_for_a_superuser_at_a_light_desk(house, window):
    household = house.household
    flag = CareFlag.objects.create(owner=household.owner, kind=CareFlag.Kind.ELDERLY_ALONE)
    paths = [
        reverse("admin:index"),
        reverse("admin:estates_unit_changelist"),
        reverse("admin:estates_unit_change", args=[household.unit.pk]),
        reverse("admin:estates_careflag_delete", args=[flag.pk]),
        reverse("admin:tickets_ticket_changelist"),
    ]
    page = window(User.objects.create_superuser("root", full_name="管理员"), **LOOKS["light desk"])

    assert {path: faults for path in paths if (faults := looked_at(page, path))} == {}


def test_nothing_is_wrong_for_a_manager_at_a_dark_phone(house, window):
    paths = [
        reverse("admin:index"),
        reverse("admin:estates_unit_changelist"),
        reverse("admin:estates_unit_import"),
        reverse("admin:accounts_user_change", args=[house.people["front_desk"].pk]),
        reverse("admin:tickets_ticket_change", args=[house.register().pk]),
    ]
    page = window(house.people["manager"], **LOOKS["dark phone"])
    wrong = {}
    for path in paths:
        if faults := looked_at(page, path) + page.evaluate(TARGETS):
            wrong[path] = faults

    assert wrong == {}


def test_the_admin_keeps_the_colours_chosen_at_the_desk(house, window):
    page = window(house.people["manager"], color_scheme="light")
    page.goto(reverse("admin:index"))
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("[data-theme-toggle]").click()
    page.goto(reverse("desk_home"))
    chosen = page.evaluate("document.documentElement.dataset.theme")
    page.goto(reverse("admin:index"))
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert (light, chosen, dark) == ("rgb(245, 243, 238)", "dark", "rgb(25, 24, 22)")


def test_the_boxes_of_a_long_choice_speak_chinese(house, window):
    page = window(User.objects.create_superuser("root", full_name="管理员"), **LOOKS["light desk"])

    page.goto(reverse("admin:warranty_agreement_add"))
    expect(page.locator(".selector").first).to_be_visible()

    words = " ".join(page.locator(".selector").all_inner_texts())
    assert re.findall(r"[A-Za-z]+", words) == []


@pytest.mark.parametrize("look", LOOKS)
def test_the_boxes_of_a_long_choice_are_moved_by_buttons_with_words(house, window, look):
    AreaFactory(name="城北")
    page = window(User.objects.create_superuser("root", full_name="管理员"), **LOOKS[look])
    page.goto(reverse("admin:estates_area_add"))
    box = page.locator(".selector")
    expect(box).to_be_visible()
    said = box.inner_text()

    box.get_by_role("listbox").first.select_option(label="城北")
    box.get_by_role("button", name="选用", exact=True).click()
    chosen = box.get_by_role("listbox").last.locator("option").all_inner_texts()
    faults = browsers.violations(page) + ([] if "desk" in look else page.evaluate(TARGETS))

    assert ("箭头" in said, "再按“选用”" in said, chosen, faults) == (False, True, ["城北"], [])


def test_nothing_is_wrong_with_pickers_that_hold_no_choice_yet(house, window):
    page = window(house.people["manager"], **LOOKS["light desk"])

    assert looked_at(page, reverse("admin:estates_equipment_add")) == []


def test_fields_in_a_list_are_called_by_their_row_and_column(house, window):
    Department.objects.create(code="cleaning", name="保洁", order=3)
    page = window(house.people["manager"], **LOOKS["light desk"])
    faults = looked_at(page, reverse("admin:knowledge_department_changelist"))

    assert (faults, page.get_by_label("保洁 排序").input_value()) == ([], "3")


def test_a_file_is_chosen_by_a_button_that_speaks_chinese_and_names_it(house, window):
    page = window(house.people["manager"], **LOOKS["dark phone"])
    page.goto(reverse("admin:estates_unit_import"))
    before = page.locator(".book-upload").inner_text()
    page.get_by_role("button", name="上传并预览").click()
    expect(page.locator(".errorlist")).to_have_text("请选择要导入的 Excel 文件。")

    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="选择文件").click()
    chooser.value.set_files({"name": "房屋.xlsx", "mimeType": "", "buffer": b"x" * 1048576})

    assert ("还没有选择" in before, page.get_by_text("房屋.xlsx · 1.0 MB").is_visible()) == (True, True)
    assert page.evaluate(TARGETS) == []


def test_what_a_row_is_about_stays_in_sight_on_a_phone(house, window):
    page = window(house.people["manager"], **LOOKS["dark phone"])
    page.goto(reverse("admin:estates_unit_changelist"))
    before = page.locator(".results tbody th").first.bounding_box()["x"]

    page.locator(".results").evaluate("box => box.scrollTo(400, 0)")

    left = page.locator(".results").bounding_box()["x"]
    assert (before - left, page.locator(".results tbody th").first.bounding_box()["x"] - left) == (1, 1)


def test_colours_change_at_once_for_who_wants_no_motion(house, window):
    page = window(house.people["manager"], reduced_motion="reduce", **LOOKS["light desk"])
    page.goto(reverse("admin:index"))

    moving = page.evaluate("getComputedStyle(document.querySelector('.admin-floor a')).transitionDuration")

    assert moving == "0s"


def test_the_side_bar_tells_on_its_button_whether_it_is_open(house, window):
    page = window(house.people["manager"], **LOOKS["light desk"])
    page.goto(reverse("admin:estates_unit_changelist"))
    button = page.get_by_role("button", name="切换导航")
    expect(button).to_have_attribute("aria-expanded", "true")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#nav-sidebar")).to_be_hidden()


def test_the_filters_of_a_list_stand_below_it_in_full_on_a_phone(house, window):
    page = window(User.objects.create_superuser("root", full_name="管理员"), **LOOKS["dark phone"])
    page.goto(reverse("admin:tickets_ticket_changelist"))

    cut = page.locator("#changelist-filter").evaluate("e => e.scrollHeight - e.clientHeight")

    assert cut == 0


def test_the_people_of_a_company_fit_on_a_desk(house, window):
    page = window(User.objects.create_superuser("root", full_name="管理员"), **LOOKS["light desk"])
    page.goto(reverse("admin:warranty_contractor_add"))

    beyond = page.locator(".tabular.inline-related").first.evaluate("e => e.scrollWidth - e.clientWidth")

    assert beyond == 0
