"""Putting work aside from the desk and from the admin, with the proof that the reason asks for (SL-04)."""

import pytest
from django.urls import reverse

from tests.factories_files import picture, upload
from tests.house import House
from tickets.models import Evidence, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("SL-04")]


@pytest.mark.parametrize("surface", ["desk", "admin"])
def test_the_form_opens_fresh_and_is_sent_with_its_photo(client, surface):
    house = House.build()
    ticket = house.ticket_at(Status.PRE_INSPECTION)
    client.force_login(house.people["manager"])
    url = reverse("ticket_step", args=[ticket.number, "suspend"])
    if surface == "admin":
        url = reverse("admin:tickets_ticket_step", args=[ticket.pk, "suspend"])

    page = client.get(url)
    key = page.context["form"]["form_key"].value()
    sent = {
        "form_key": key,
        "pause": "material",
        "reason": "缺密封胶",
        "photos": upload(picture(), "缺料.jpg"),
    }
    answer = client.post(url, sent)

    assert (page.status_code, bool(key), answer.status_code) == (200, True, 303)
    assert Ticket.objects.get(pk=ticket.pk).status == Status.SUSPENDED
    assert Evidence.objects.filter(ticket=ticket, stage=Evidence.Stage.OTHER).count() == 1
