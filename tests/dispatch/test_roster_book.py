"""The grid of the week: cells are saved without losing another editor's, and what a week lacks is said."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from dispatch import presets, roster_book, roster_week
from dispatch.models import RosterCell, ShiftKind, TradeRule
from dispatch.roster_book import Change
from tests.factories_dispatch import TradeFactory, house, staff, worker
from tickets.calendars import SHANGHAI

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-08")]
MONDAY = date(2026, 11, 23)
AT = datetime(2026, 11, 26, 9, tzinfo=SHANGHAI)


@pytest.fixture
def place():
    made = house()
    presets.load()
    made.boss = staff("supervisor", made.estate, name="刘海涛")
    return made


def kind(letter: str) -> ShiftKind:
    return ShiftKind.objects.get(letter=letter)


def put(place, letter: str, *, day: date = MONDAY, seen: int = 0, by=None):
    change = Change(place.worker.pk, day, seen, kind(letter) if letter else None)
    return roster_book.save(changes=[change], by=by or place.boss, at=AT)


def letters() -> dict[date, str]:
    rows = RosterCell.objects.filter(kind__isnull=False)
    return dict(rows.values_list("day", "kind__letter"))


def test_a_cell_is_written_with_who_and_a_version(place):
    put(place, "Z")
    put(place, "M", seen=1)

    row = RosterCell.objects.get()
    assert (row.kind.letter, row.version, row.changed_by) == ("M", 2, place.boss)


def test_a_cell_that_somebody_else_changed_meanwhile_stays_and_is_named(place):
    other = staff("supervisor", place.estate, name="王主管")
    put(place, "M", by=other)

    written, clashes = put(place, "Z", seen=0)

    assert (written, [each.words for each in clashes], letters()) == (
        0,
        ["张大勇11月23日：王主管已改为中班，您填的是早班。"],
        {MONDAY: "M"},
    )


def test_two_who_put_the_same_do_not_clash(place):
    put(place, "M")

    assert put(place, "M", seen=0) == (0, [])


def test_last_week_fills_only_what_is_empty(place):
    for number, letter in enumerate("ZMX"):
        put(place, letter, day=MONDAY + timedelta(days=number - 7))
    put(place, "N", day=MONDAY)

    filled = roster_book.copy_week(workers=[place.worker], monday=MONDAY, by=place.boss, at=AT)

    this_week = {day: letter for day, letter in letters().items() if day >= MONDAY}
    assert (filled, this_week) == (
        2,
        {MONDAY: "N", MONDAY + timedelta(days=1): "M", MONDAY + timedelta(days=2): "X"},
    )


def test_a_week_says_which_trades_have_nobody_and_which_nights_no_plumber(place):
    painter = worker(place.estate, trades=(TradeFactory(code="painter", name="油漆工"),))
    worker(place.estate, trades=(TradeFactory(code="mason", name="瓦工"),))
    roster_book.save(changes=[Change(painter.pk, MONDAY, 0, kind("X"))], by=place.boss, at=AT)
    TradeRule.objects.update_or_create(trade=place.worker.skills.get().trade, defaults={"night_cover": True})
    put(place, "Z", day=MONDAY)
    put(place, "N", day=MONDAY + timedelta(days=1))

    found, bare = roster_week.gaps([place.estate], roster_book.days_of(MONDAY)[:3])

    assert ([(gap.day.day, gap.words) for gap in found], bare) == (
        [
            (23, "油漆工无人"),
            (23, "夜间无水电工"),
            (24, "油漆工无人"),
            (25, "水电工、油漆工无人"),
            (25, "夜间无水电工"),
        ],
        [],
    )


def test_a_certificate_that_has_run_out_by_then_leaves_a_gap(place):
    place.worker.skills.update(certificate="T1", expires_on=MONDAY)
    for number in (0, 1):
        put(place, "Z", day=MONDAY + timedelta(days=number))
    TradeRule.objects.update(night_cover=False)

    found, _ = roster_week.gaps([place.estate], roster_book.days_of(MONDAY)[:2])

    assert [(gap.day.day, gap.words) for gap in found] == [(24, "水电工无人")]


def test_a_week_that_nobody_has_begun_is_one_line(place):
    assert roster_week.gaps([place.estate], roster_book.days_of(MONDAY)) == ([], [place.estate])


# -- over HTTP ---------------------------------------------------------------


def save(client, place, cells: dict[str, str], week: date = MONDAY):
    url = f"{reverse('dispatch_roster_save')}?week={week}"
    return client.post(url, {"form_key": str(uuid4())} | cells, follow=True)


def name(place, day: date = MONDAY, version: int = 0, letter: str = "-") -> str:
    return f"c.{place.worker.pk}.{day}.{version}.{letter}"


def test_a_supervisor_fills_the_grid_and_only_changes_are_written(client, place):
    client.force_login(place.boss)
    put(place, "Z")

    answer = save(
        client, place, {name(place, version=1, letter="Z"): "Z", name(place, MONDAY + timedelta(days=1)): "n"}
    )

    assert [str(each) for each in answer.context["messages"]] == ["已保存 1 格。"]
    assert letters() == {MONDAY: "Z", MONDAY + timedelta(days=1): "N"}


def test_a_letter_that_is_no_shift_is_refused_and_kept_in_its_cell(client, place):
    client.force_login(place.boss)

    answer = save(client, place, {name(place): "Q"})

    page = answer.content.decode()
    assert (
        answer.status_code,
        "没有班次“Q”" in page,
        f'name="{name(place)}" value="Q"' in page,
        letters(),
    ) == (
        422,
        True,
        True,
        {},
    )


def test_cells_of_a_foreign_worker_are_not_written(client, place):
    boss = staff("supervisor", name="外项目主管")
    client.force_login(boss)

    save(client, place, {name(place): "Z"})

    assert letters() == {}


def test_a_dispatcher_reads_and_does_not_write(client, place):
    client.force_login(place.dispatcher)
    put(place, "Z")

    page = client.get(reverse("dispatch_roster"), {"week": MONDAY}).content.decode()

    assert ("data-roster" in page, "早班" in page, save(client, place, {name(place): "M"}).status_code) == (
        False,
        True,
        403,
    )


@pytest.mark.parametrize("week", ["0001-01-01", "9999-12-31", "nonsense"])
def test_a_week_at_the_end_of_the_calendar_shows_this_one(client, place, week):
    client.force_login(place.dispatcher)
    pages = ("dispatch_roster", "dispatch_roster_day", "dispatch_roster_print")

    assert [client.get(reverse(page), {"week": week}).status_code for page in pages] == [200, 200, 200]


def test_the_day_list_and_the_paper_name_everybody_by_shift(client, place):
    client.force_login(place.dispatcher)
    put(place, "N")

    day = client.get(reverse("dispatch_roster_day"), {"week": MONDAY})
    paper = client.get(reverse("dispatch_roster_print"), {"week": MONDAY}).content.decode()

    assert [(each.label, [str(one) for one in each.people]) for each in day.context["shifts"]] == [
        ("夜班 20:00–08:00", ["张大勇"])
    ]
    assert ("张大勇" in paper, "夜班" in paper) == (True, True)
