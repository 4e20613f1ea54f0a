"""Tickets without a worker say why nobody has them."""

import pytest

from dispatch import proposals, queries, unassigned
from tests.house import AT, House

pytestmark = [pytest.mark.django_db, pytest.mark.row("SL-09")]


def why(house: House) -> list[tuple[str, bool]]:
    return [unassigned.reason(ticket) for ticket in queries.waiting(house.people["dispatcher"])]


def test_a_fresh_ticket_waits_for_the_machine():
    house = House.build("front_desk", "dispatcher")
    house.register()

    assert why(house) == [("系统建议还没有生成", False)]


def test_a_proposed_ticket_waits_for_a_person():
    house = House.build("front_desk", "dispatcher")
    proposals.ensure(ticket=house.register(), at=AT)

    assert why(house) == [("建议马永康，等待复核", False)]


def test_a_ticket_that_nobody_can_do_says_what_stands_in_the_way():
    house = House.build("front_desk", "dispatcher")
    house.worker.on_duty = False
    house.worker.save()
    proposals.ensure(ticket=house.register(), at=AT)

    assert why(house) == [("找不到合适的人：未当班1人", True)]
