"""What an owner should know before reporting: an outage of the house, a lift that was reported already."""

from datetime import datetime

from channels.qr import Spot
from core.db import joined
from estates.models import Household, PublicPlace
from tickets import following, incidents
from tickets.actors import Actor
from tickets.models import Channel, Follower, Incident, Ticket


def incidents_at(spot: Spot | None, households: list[Household]) -> list[Incident]:
    """The incidents that touch the scanned place or one of the owner's dwellings, the newest first (IN-17).

    Each has `since`: from when, and until when as far as is known.
    """
    places = {(row.unit.estate_id, row.unit.building_id) for row in households}
    if spot:
        places = {(spot.estate.pk, spot.building.pk if spot.building else None)}
    found: dict[int, Incident] = {}
    for estate_id, building_id in places:
        touching = Incident.objects.going_on().touching(estate_id=estate_id, building_id=building_id)
        found |= {incident.pk: incident for incident in touching}
    for incident in found.values():
        incident.since = incidents.sentence(incident)
    return sorted(found.values(), key=lambda incident: incident.started_at, reverse=True)


def reported_at(place: PublicPlace | None, phone: str) -> list[Ticket]:
    """Open tickets of a public place that this phone neither reported nor follows (IN-18)."""
    if place is None:
        return []
    # Without a fault nobody could tell whether it is the same: a neighbour's own words stay inside.
    tickets = following.open_at(place=place, fault=None).filter(fault__isnull=False)
    tickets = tickets.exclude(reporter_phone=phone)
    tickets = tickets.exclude(followers__phone=phone).select_related("fault")
    return list(tickets.order_by("-registered_at")[: following.OFFERED])


@joined
def follow(*, ticket: Ticket, phone: str, at: datetime) -> Follower:
    """Let the phone hear how it goes on; raises what `tickets.following.follow` raises."""
    caller = following.Caller(phone=phone, via=Channel.OWNER_H5)
    return following.follow(ticket=ticket, caller=caller, by=Actor.system("业主扫码"), at=at)
