from datetime import timedelta

import pytest

from coordination import presets
from coordination.models import Counterpart
from coordination.requests import Asking, Contact, ask
from tests.house import AT, House

CONTACT = Contact(unit="云栖置业", name="钱工", phone="13900139001", email="drawings@example.com")


@pytest.fixture
def house() -> House:
    house = House.build(
        "front_desk",
        "clerk",
        "dispatcher",
        "engineer",
        "supervisor",
        "manager",
        "housekeeper",
    )
    presets.load()
    return house


@pytest.fixture
def asking(house):
    """A function that makes what the engineer asks of the developer; parts may differ."""

    def made(**changes) -> Asking:
        facts = {
            "estate": house.estate,
            "counterpart": Counterpart.objects.get(code="developer"),
            "asked": "提供3栋给排水竣工图",
            "owner": house.people["engineer"],
            "contact": CONTACT,
        }
        return Asking(**facts | changes)

    return made


@pytest.fixture
def asked(house, asking):
    """A function that opens a request as the engineer."""

    def made(*, at=AT, **changes):
        return ask(asking=asking(**changes), by=house.actor("engineer"), at=at)

    return made


@pytest.fixture
def later():
    """So many hours after the tests' morning."""
    return lambda hours: AT + timedelta(hours=hours)
