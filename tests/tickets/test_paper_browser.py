"""A ticket's page on paper: nobody knows later which day 今天 was."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from tests.house import House
from tickets.models import Status

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# All text that takes up room where it stands.
PRINTED = """() => {
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = []
  while (nodes.nextNode()) {
    const box = nodes.currentNode.parentElement
    if (box.checkVisibility() && getComputedStyle(box).fontSize !== "0px") found.push(nodes.currentNode.data)
  }
  return found.join(" ")
}"""


@pytest.mark.row("SL-03", "IN-12")
@pytest.mark.parametrize("status", [Status.IN_REVIEW, Status.CLOSED])
def test_the_paper_of_a_ticket_names_no_day_by_today(window, status):
    house = House.build()
    ticket = house.journey(at=now() - timedelta(hours=6), wanted="明天上午").to(status)
    page = window(house.people["manager"], reverse("ticket", args=[ticket.number]))
    page.emulate_media(media="print")

    printed = page.evaluate(PRINTED)

    assert [word for word in ("今天", "昨天", "明天", "剩") if word in printed] == []
    assert f"{now():%Y}年" in printed
