"""The after-action record 应急总结: figures frozen at the end, words by the commander, approval (DI-09)."""

from collections.abc import Mapping
from datetime import datetime
from statistics import median
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet

from accounts.models import User
from core.db import joined
from dispatch.emergency import telling
from dispatch.models import Activation, AfterAction, Held, SquadMember
from tickets.models import Clock, Kind, Ticket, TicketEvent
from tickets.states import Status

APPROVE = "dispatch.approve_emergency"
SECTIONS = ("course", "good", "poor", "measures")
GONE = (Status.CANCELLED, Status.MERGED, Status.TRANSFERRED)
State = AfterAction.State


class NotSo(Exception):
    """The record is not in the state that this step asks for; the message says so."""


def freeze(activation: Activation, *, at: datetime) -> AfterAction:
    """Keep the figures as they stood at the end; a second call changes nothing."""
    return AfterAction.objects.get_or_create(
        activation=activation, defaults={"figures": figures(activation), "frozen_at": at}
    )[0]


@joined
def write(*, row: AfterAction, words: Mapping[str, str], submit: bool, by: User, at: datetime) -> AfterAction:
    """Fill in the sections; with `submit` they go to the manager. Raises PermissionDenied or NotSo."""
    row = _locked(row)
    if not by.has_perm("dispatch.command_emergency"):
        raise PermissionDenied("应急总结由指挥岗位填写。")
    if row.state != State.DRAFT:
        raise NotSo("总结已经提交，退回后才能修改。")
    for name in SECTIONS:
        setattr(row, name, words[name])
    row.written_by, row.written_at = by, at
    row.state = State.SUBMITTED if submit else State.DRAFT
    row.save(update_fields=[*SECTIONS, "written_by", "written_at", "state"])
    return row


@joined
def decide(*, row: AfterAction, approved: bool, answer: str, by: User, at: datetime) -> AfterAction:
    """Approve the record for good, or send it back. Raises PermissionDenied or NotSo."""
    row = _locked(row)
    if not by.has_perm(APPROVE):
        raise PermissionDenied("应急总结由房修经理审批。")
    if row.state != State.SUBMITTED:
        raise NotSo("总结还没有提交，或已经审批。")
    row.state = State.APPROVED if approved else State.DRAFT
    row.answer = answer
    row.approved_by, row.approved_at = (by, at) if approved else (None, None)
    row.save(update_fields=["state", "answer", "approved_by", "approved_at"])
    return row


def _locked(row: AfterAction) -> AfterAction:
    return AfterAction.objects.select_for_update(of=("self",)).select_related("activation").get(pk=row.pk)


def disaster_tickets(activation: Activation) -> QuerySet[Ticket]:
    """The tickets that went first: of the plan's faults, open at the start or reported until the end."""
    plan, begin = activation.plan, activation.started_at
    still_open = Q(registered_at__lt=begin) & (
        Q(completed_at__gte=begin) | Q(completed_at__isnull=True, status__in=_OPEN)
    )
    in_time = Q(registered_at__gte=begin)
    if activation.ended_at:
        in_time &= Q(registered_at__lte=activation.ended_at)
    return (
        Ticket.objects.filter(
            still_open | in_time,
            estate__in=activation.estates.values("pk"),
            fault__in=plan.faults.values("pk"),
        )
        .exclude(status__in=GONE)
        .order_by("pk")
    )


_OPEN = [
    status for status in Status if status not in (*GONE, Status.COMPLETED, Status.CLOSED, Status.ARCHIVED)
]


def figures(activation: Activation) -> dict[str, Any]:
    """What came of it up to its end: counts, and medians in minutes (None without a case)."""
    end = activation.until
    tickets = list(
        disaster_tickets(activation).values_list(
            "pk", "level", "registered_at", "dispatched_at", "completed_at"
        )
    )
    keys = [row[0] for row in tickets]
    arrived = TicketEvent.objects.filter(ticket__in=keys, name="arrive", at__lte=end).order_by("-at")
    first_arrival = dict(arrived.values_list("ticket", "at"))
    begun = {row[0]: max(row[2], activation.started_at) for row in tickets}
    late = Clock.objects.filter(ticket__in=keys, breached_at__gte=activation.started_at, breached_at__lte=end)
    held = activation.held.aggregate(
        paused=Count("pk", filter=Q(paused_at__isnull=False)),
        excepted=Count("pk", filter=Q(state=Held.State.EXCEPTED)),
    )
    return {
        "tickets": len(tickets),
        "levels": {str(level): sum(row[1] == level for row in tickets) for level in range(1, 5)},
        "done": sum(row[4] is not None and row[4] <= end for row in tickets),
        "minutes_to_dispatch": _median(
            (row[3], begun[row[0]]) for row in tickets if row[3] and row[3] <= end
        ),
        "minutes_to_arrive": _median((at, begun[pk]) for pk, at in first_arrival.items()),
        "breaches": late.count(),
        **held,
        "owners": telling.reach(activation),
        "complaints": _complaints(activation, end),
        **_equipment(activation),
    }


def _median(spans) -> float | None:
    minutes = [max((end - begin).total_seconds(), 0) / 60 for end, begin in spans]
    return round(median(minutes), 1) if minutes else None


def _complaints(activation: Activation, end: datetime) -> int:
    return Ticket.objects.filter(
        kind=Kind.COMPLAINT,
        estate__in=activation.estates.values("pk"),
        registered_at__gte=activation.started_at,
        registered_at__lte=end,
    ).count()


def _equipment(activation: Activation) -> dict[str, Any]:
    squad = activation.squad.all()
    checks = activation.checks.aggregate(all=Count("pk"), done=Count("pk", filter=Q(done_at__isnull=False)))
    return {
        "squad": len(squad),
        "present": sum(each.presence == SquadMember.Presence.PRESENT for each in squad),
        "absent": sum(each.presence == SquadMember.Presence.ABSENT for each in squad),
        "supplies": [
            {
                "name": each.name,
                "unit": each.unit,
                "needed": each.needed,
                "on_site": each.on_site,
                "used": each.used,
            }
            for each in activation.supplies.all()
        ],
        "checks": checks["all"],
        "checks_done": checks["done"],
    }
