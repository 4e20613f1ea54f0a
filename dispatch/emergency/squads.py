"""What somebody of a squad reads on the phone: where they stand, who commands, what was ordered (DI-09)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from dispatch.models import Activation, Order, SquadMember

# The newest so many; the whole log stands on the page of the emergency.
SHOWN = 5


@dataclass(frozen=True)
class Post:
    """One place in a squad now, with the commander's newest orders, the newest first."""

    activation: Activation
    member: SquadMember
    orders: Sequence[Order]


def posts_of(user: User, *, at: datetime) -> list[Post]:
    """The squads that this person is in at this moment, drills too."""
    members = SquadMember.objects.filter(
        user=user,
        activation__ended_at__isnull=True,
        activation__started_at__lte=at,
        activation__ends_at__gt=at,
    ).select_related("activation__plan", "activation__commander")
    return [Post(each.activation, each, _orders(each.activation)) for each in members]


def _orders(activation: Activation) -> list[Order]:
    rows = activation.orders.filter(label=Order.COMMAND).select_related("by")
    return list(rows.order_by("-at", "-pk")[:SHOWN])
