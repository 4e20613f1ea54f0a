"""Reports as owners send them from the phone."""

from uuid import uuid4

from django.urls import reverse

from channels.owner_report import Told

PHONE, STRANGER = "13800138000", "13912345678"


def answers(house, **changes) -> dict:
    """A filled form."""
    given = {
        "form_key": str(uuid4()),
        "where": f"u{house.household.unit_id}",
        "description": "厨房龙头一直滴水",
        "fault": str(house.fault.pk),
        "running_water": "no",
        "power_threat": "no",
        "person_at_risk": "no",
        "wanted": "尽快",
        "name": "张伟",
    }
    return given | changes


def report(client, house, **changes):
    return client.post(reverse("owner_report"), answers(house, **changes))


def told(house, **changes) -> Told:
    facts = {"phone": PHONE, "name": "张伟", "estate": house.estate, "unit": house.household.unit}
    facts |= {"description": "龙头滴水", "wanted": "尽快", "fault": house.fault}
    return Told(**facts | changes)
