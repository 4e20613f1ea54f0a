"""Which page of a surface an address belongs to, so that its row of links can mark it."""

import pytest
from django.urls import reverse

from core import nav
from tests.house import House


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("/desk/", "home"),
        ("/desk/tickets/", "tickets"),
        ("/desk/t/YX261126-0001/", "tickets"),
        ("/desk/t/YX261126-0001/follow-up/", "tickets"),
        ("/desk/search/", "tickets"),
        ("/desk/intake/kind/", "intake"),
        ("/desk/incidents/3/change/", "incidents"),
        ("/desk/joint/3/", "responsibility"),
        ("/desk/t/YX261126-0001/responsibility/", "responsibility"),
        ("/desk/t/YX261126-0001/joint/", "responsibility"),
        ("/desk/t/YX261126-0001/errand/manager/", "errands"),
        ("/desk/relay/new/", "relay"),
        ("/dispatch/t/YX261126-0001/", "queue"),
        ("/dispatch/skills/3/certificate/", "certificates"),
        ("/dispatch/plan/3/", "plan"),
        ("/dispatch/workers/import/", "workers"),
        ("/partners/3/", "register"),
        ("/partners/disputes/3/", "disputes"),
        ("/patrol/mine/", "mine"),
        ("/reports/runs/3/", "home"),
        ("/me/", ""),
        ("/", ""),
    ],
)
def test_an_address_belongs_to_the_page_it_goes_on_from(path, section):
    assert nav.section_of(path) == section


@pytest.mark.django_db
def test_a_page_is_marked_as_shown_and_its_section_on_pages_below_it(client):
    house = House.build("front_desk")
    ticket = house.register()
    client.force_login(house.people["front_desk"])

    listed = client.get(reverse("desk_tickets")).content.decode()
    below = client.get(reverse("ticket", args=[ticket.number])).content.decode()

    assert '<a href="/desk/tickets/" aria-current="page">' in listed
    assert '<a href="/desk/tickets/" aria-current="true">' in below
