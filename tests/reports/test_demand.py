"""The coming week of an estate against the people on duty."""

from datetime import date, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from dispatch.models import RosterCell, ShiftKind
from notices.models import Message
from reports import demand, peaks
from tests.house import House
from tests.reports import rows
from tickets.presets import load_work_days

pytestmark = [pytest.mark.django_db, pytest.mark.row("SL-08")]
TODAY = date(2026, 5, 11)


def busy_house(a_day: int = 3) -> House:
    """An estate with so many tickets on each of the last 28 days, and one worker on duty."""
    house = House.build("manager", "supervisor")
    for back in range(1, 29):
        day = TODAY - timedelta(days=back)
        for _ in range(a_day):
            rows.ticket(house.estate, rows.at(f"{day:%Y-%m-%d} 10:00"), fault=house.fault)
    return house


def test_what_is_expected_stands_against_what_can_be_done():
    house = busy_house()

    [week] = demand.outlook([house.estate], today=TODAY).weeks

    # Jobs of 30 minutes and 30 minutes on the way: eight a day.
    assert (week.trade, week.expected) == ("水电工", pytest.approx([3.0] * 7))
    assert (week.capacity, any(week.over)) == (pytest.approx([8.0] * 7), False)


def test_who_is_off_duty_or_has_no_valid_certificate_does_not_count():
    house = busy_house()
    other = House.new_worker("other", house.household, house.fault)
    house.worker.on_duty = False
    house.worker.save()
    other.skills.update(expires_on=TODAY - timedelta(days=1))

    [week] = demand.outlook([house.estate], today=TODAY).weeks

    assert week.capacity == pytest.approx([0.0] * 7)


def test_where_there_is_a_roster_its_hands_count_and_the_page_says_so():
    house = busy_house()
    kinds = {}
    for letter, hours in (("Z", (time(8), time(16))), ("X", (None, None))):
        kinds[letter] = ShiftKind.objects.create(
            letter=letter, name=letter, starts_at=hours[0], ends_at=hours[1]
        )
    by = house.people["supervisor"]
    for number, letter in enumerate("ZXZZZXX"):
        day = TODAY + timedelta(days=number)
        row = {"worker": house.worker, "day": day, "kind": kinds[letter]}
        RosterCell.objects.create(changed_by=by, changed_at=rows.at("05-01 10:00"), **row)

    found = demand.outlook([house.estate], today=TODAY)

    [week] = found.weeks
    assert week.capacity == pytest.approx([8.0, 0.0, 8.0, 8.0, 8.0, 0.0, 0.0])
    assert found.rostered == [house.estate]


def test_a_peak_is_told_once_to_those_who_plan_the_people():
    house = busy_house()
    house.worker.capacity = 2
    house.worker.save()
    at = rows.at("05-11 07:15")

    first, second = peaks.warn(today=TODAY, at=at), peaks.warn(today=TODAY, at=at)

    found = Message.objects.filter(template="W33")
    assert sorted(found.values_list("user__username", flat=True)) == ["manager", "supervisor"]
    assert (first, second, found.first().body.count("5月11日水电工约3.0单、可办2.0单")) == (2, 2, 1)


def test_today_is_not_looked_at_yet():
    house = busy_house()
    for _ in range(50):
        rows.ticket(house.estate, rows.at(f"{TODAY} 08:00"), fault=house.fault)

    [week] = demand.outlook([house.estate], today=TODAY).weeks

    assert week.expected == pytest.approx([3.0] * 7)


def test_the_page_shows_its_error_or_says_that_there_is_too_little_to_know():
    house = House.build("manager")
    load_work_days()
    client = Client()
    client.force_login(house.people["manager"])

    page = client.get(reverse("reports_forecast")).content.decode()

    assert ("历史记录还不够检验" in page, house.estate.name in page) == (True, True)
