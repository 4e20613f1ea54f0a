"""What machines and old books say is kept as text too: the alarm endpoint, and past tickets from Excel."""

import pytest
from django.core.cache import cache

from channels.models import Alarm
from tests.channels.test_history_import import checked, row_of
from tests.factories_devices import device_of, post
from tests.fuzz import hostile
from tests.fuzz.asking import faults_of
from tests.house import House
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
# Columns of the book that take any words.
WORDS = ("故障描述", "报修人", "维修人员")


@pytest.fixture
def house() -> House:
    cache.clear()
    return House.build("manager", "dispatcher")


def test_a_machine_says_nothing_that_a_browser_would_run(house, client):
    device = device_of(house)
    answers = [post(device, {"value": text}) for text in hostile.packed(58)]
    answers.append(post(device, {"kind": hostile.packed(58)[0]}))

    assert {answer.status_code for answer in answers} == {200, 201, 422}
    client.force_login(house.people["dispatcher"])
    page = client.get(f"/desk/t/{Ticket.objects.get().number}/")
    assert (page.status_code, faults_of(page.content)) == (200, [])
    # More than sixty in a minute would be counted only; what was said last is what stands there.
    assert Alarm.objects.get().value == hostile.packed(58)[-1].strip()


def test_an_old_book_full_of_hostile_words_is_shown_as_text(house, client):
    packs = hostile.packed(58)
    rows = [row_of(house, number, **dict.fromkeys(WORDS, text)) for number, text in enumerate(packs)]
    job = checked(house, *rows)
    client.force_login(house.people["manager"])

    page = client.get(f"/desk/history/{job.pk}/")

    # Control characters are refused, each at its column.
    refused = [[column for column, _ in mistakes] for _, _, mistakes in job.mistakes]
    assert (page.status_code, faults_of(page.content), refused) == (200, [], [list(WORDS)])
