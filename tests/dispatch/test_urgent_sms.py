"""What is urgent reaches a worker by SMS beside the inbox, by policy (DI-04, DI-05, OR-03)."""

import pytest

from notices import delivery, wording
from notices.models import Channel, Message, Template
from tests.house import AT, House
from tests.notices.senders import KeepingSms
from tests.partners.companies import Companies
from tickets.models import PolicyVersion, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-04", "DI-05")]
PHONE = "13911110001"


@pytest.fixture
def house(settings) -> House:
    settings.SMS_SENDER = "tests.notices.senders.KeepingSms"
    KeepingSms.sent = []
    wording.forget()
    made = House.build()
    made.worker.user.phone = PHONE
    made.worker.user.save()
    return made


def dispatched(house: House, level: int) -> Ticket:
    house.fault.default_level = level
    house.fault.save()
    return house.ticket_at(Status.DISPATCHED)


def policy_says(**visits) -> None:
    for version in PolicyVersion.objects.all():
        PolicyVersion.objects.filter(pk=version.pk).update(rules=version.rules | {"visits": visits})


def to_worker() -> list[str]:
    """What left the house for the worker's phone."""
    delivery.deliver_due()
    return [text for phone, text, _ in KeepingSms.sent if phone == PHONE]


@pytest.mark.parametrize(("level", "number"), [(1, 1), (2, 1), (3, 0), (4, 0)])
def test_levels_1_and_2_ring_the_worker_as_well(house, level, number):
    ticket = dispatched(house, level)

    texts = to_worker()

    assert [ticket.number in text for text in texts] == [True] * number
    assert Message.objects.filter(template="W01", channel=Channel.APP, user=house.worker.user).count() == 1


def test_the_sms_says_what_and_where_and_nothing_of_the_owner(house):
    ticket = dispatched(house, 1)

    [text] = to_worker()

    assert (ticket.place_label in text, house.fault.fault in text) == (True, True)
    assert (ticket.reporter_name in text, ticket.reporter_phone in text) == (False, False)


def test_which_levels_ring_is_the_policys(house):
    policy_says(sms_levels=[3])

    dispatched(house, 1)
    dispatched(house, 3)

    assert len(to_worker()) == 1


def test_a_template_that_is_switched_off_rings_nobody(house):
    Template.objects.filter(code="W68").update(active=False)
    wording.forget()

    dispatched(house, 1)

    assert to_worker() == []


def test_a_worker_without_a_mobile_number_reads_it_in_the_inbox_alone(house):
    house.worker.user.phone = "02088886666"
    house.worker.user.save()

    dispatched(house, 1)

    assert Message.objects.filter(template="W68").count() == 0


def test_a_companys_contact_is_told_by_its_own_letter_and_not_twice(house):
    companies = Companies.build(house)
    house.fault.default_level = 1
    house.fault.save()

    companies.given(at=AT)

    assert Message.objects.filter(template="W68").count() == 0
