"""The week's grid by keyboard and mouse, and the new pages in both themes on desk and phone."""

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from dispatch import presets
from dispatch.models import RosterCell
from dispatch.rosters import monday_of
from tests.house import House
from tests.walks.stage import PHONE, Stage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.row("DI-08"),
]


@pytest.fixture
def house():
    made = House.build("supervisor")
    presets.load()
    return made


def letters() -> list[tuple[int, str]]:
    rows = RosterCell.objects.filter(kind__isnull=False).order_by("day")
    return [(row.day.weekday(), row.kind.letter) for row in rows.select_related("kind")]


def test_a_week_is_filled_by_keys_and_painted_by_mouse(house, stage: Stage):
    desk = stage.person("supervisor")
    desk.page.goto(f"/dispatch/roster/?week={monday_of(localdate())}")
    cells = desk.page.locator("[data-roster] input.shift")
    keys = desk.page.keyboard

    cells.first.focus()
    for key in ("n", "ArrowRight", "x", "q", "Shift+Z"):
        keys.press(key)
    cells.nth(6).focus()
    keys.press("Delete")
    desk.page.get_by_role("button", name="M 中班").click()
    cells.nth(1).click()
    keys.press("Control+Enter")
    desk.page.get_by_text("已保存 6 格。").wait_for()

    assert letters() == [(0, "N"), (1, "M"), (2, "X"), (3, "Z"), (4, "Z"), (5, "Z")]
    desk.look("roster")
    assert stage.faults == {}


def test_the_mouse_paints_on_over_every_cell_it_is_drawn_across(house, stage: Stage):
    desk = stage.person("supervisor")
    desk.page.goto(f"/dispatch/roster/?week={monday_of(localdate())}")
    cells, mouse = desk.page.locator("[data-roster] input.shift"), desk.page.mouse

    desk.page.get_by_role("button", name="Z 早班").click()
    for number in (0, 4):
        box = cells.nth(number).bounding_box()
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=10)
        mouse.down()
    mouse.up()

    assert [cells.nth(number).input_value() for number in range(7)] == ["Z"] * 5 + [""] * 2


def test_a_finger_paints_a_week_on_a_phone(house, stage: Stage):
    phone = stage.person("supervisor", size=PHONE)
    phone.page.goto(f"/dispatch/roster/?week={monday_of(localdate())}")
    cells = phone.page.locator("[data-roster] input.shift")

    phone.page.get_by_role("button", name="N 夜班").tap()
    cells.nth(0).tap()
    cells.nth(1).tap()
    phone.page.get_by_role("button", name="保存", exact=True).tap()
    phone.page.get_by_text("已保存 2 格。").wait_for()

    assert letters() == [(0, "N"), (1, "N")]


def test_every_page_of_the_people_reads_well_on_desk_and_phone(house, stage: Stage):
    names = [
        "roster",
        "roster_day",
        "leaves",
        "leave_new",
        "load",
        "certificates",
        "trainings",
        "train",
        "import",
    ]
    pages = {name: reverse(f"dispatch_{name}") for name in names}
    pages["worker"] = reverse("dispatch_worker", args=[house.worker.pk])
    for size in ((1440, 900), PHONE):
        desk = stage.person("supervisor", size=size)
        for name, address in pages.items():
            desk.page.goto(address)
            desk.look(f"people-{name}-{size[0]}")
    phone = stage.person("worker", size=PHONE)
    phone.page.goto(reverse("field_leave"))
    phone.look("people-field-leave")

    assert stage.faults == {}
