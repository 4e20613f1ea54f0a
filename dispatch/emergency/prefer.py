"""Whom an emergency sends: its squad first to disasters, and to nothing else while others can go (DI-09)."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cached_property

from dispatch.emergency.reach import active_for
from dispatch.models import Activation, SquadMember, Worker
from dispatch.suggest import LADDER, Part, Ranked, Suggestion
from tickets.models import Ticket

# As much as the whole nearness: somebody of the squad goes before a neighbour, on the same rung.
POINTS = 30.0


@dataclass(frozen=True)
class Weighed(Ranked):
    """A worker of the squad, with the part that says so."""

    before: Ranked = field(repr=False, kw_only=True)
    squad: Part = field(kw_only=True)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the suggestion and that of the emergency."""
        return (*self.before.parts, self.squad)


def prefer(found: Suggestion, ticket: Ticket, *, at: datetime) -> Suggestion:
    """The suggestion with the emergency in force weighed in, its reason beside the others."""
    activation = active_for(estate_id=ticket.estate_id, at=at) if found.ranked else None
    if activation is None:
        return found
    squad = _squad(activation)
    disaster = activation.plan.faults.filter(pk=ticket.fault_id).exists()
    ranked = [
        _weighed(each, activation, disaster) if each.worker_id in squad else each for each in found.ranked
    ]
    steps = list(LADDER)
    # A stable sort: who was equal stays in the order of the suggestion.
    ranked.sort(key=lambda each: (steps.index(each.step), -each.score))
    return replace(found, ranked=tuple(ranked))


def _squad(activation: Activation) -> set[int]:
    """The workers of the squad who did not fail to come, by key."""
    there = activation.squad.exclude(presence=SquadMember.Presence.ABSENT)
    return set(Worker.objects.filter(user__in=there.values("user")).values_list("pk", flat=True))


def _weighed(each: Ranked, activation: Activation, disaster: bool) -> Weighed:
    points = POINTS if disaster else -POINTS
    words = f"{activation.plan.name}应急小组成员" + ("" if disaster else "，留给灾害类工单")
    kept = {one.name: getattr(each, one.name) for one in fields(Ranked)}
    kept["score"] = round(each.score + points, 1)
    return Weighed(**kept, before=each, squad=Part("应急", points, words))
