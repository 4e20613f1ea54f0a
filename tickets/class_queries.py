"""Reads about classes: what waits for somebody's word, and what a person may choose (SL-06)."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from tickets import rules, workflow
from tickets.actors import Actor
from tickets.models import Class, ClassCase, Statement, Ticket, TicketEvent
from tickets.states import ENDED

MOST = 200


def waiting_for(user: User) -> dict[str, Any]:
    """The lists of 待我审批 for what this user may decide; a list that is not theirs is None."""
    directs, supervises = user.has_perm("tickets.direct_accident"), user.has_perm("tickets.supervise_ticket")
    return {
        "accidents": list(accidents(user)[:MOST]),
        "statements": list(_statements(user)[:MOST]) if directs else None,
        "overruns": list(overruns(user)[:MOST]) if supervises else None,
        "on_site": list(long_on_site(user)[:MOST]) if supervises else None,
        "supervised": list(supervised(user)[:MOST]) if supervises else None,
        "directs": directs,
    }


def count_for(user: User) -> int | None:
    """How many decisions wait for this user; None for those who decide nothing."""
    if not (user.has_perm("tickets.supervise_ticket") or user.has_perm("tickets.direct_accident")):
        return None
    total = 0
    if user.has_perm("tickets.supervise_ticket"):
        total += overruns(user).count()
    if user.has_perm("tickets.direct_accident"):
        total += _statements(user).count() + accidents(user).filter(class_case__answered_at=None).count()
    return total


def accidents(user: User) -> QuerySet[Ticket]:
    """Open accidents with their case, the one to be answered first in front."""
    return (
        _open(user)
        .filter(severity=Class.ACCIDENT)
        .select_related("class_case", "estate", "fault", "handler")
        .order_by("class_case__answered_at", "class_case__solve_due", "pk")
    )


def overruns(user: User) -> QuerySet[Ticket]:
    """重要 tickets that wait for more time to be allowed, the oldest request first."""
    return (
        _open(user)
        .filter(class_case__asked_at__isnull=False, severity=Class.IMPORTANT)
        .select_related("class_case", "estate", "fault", "handler")
        .order_by("class_case__asked_at", "pk")
    )


def long_on_site(user: User) -> QuerySet[Ticket]:
    """日常 work that was reported for its time on site and is still there."""
    reported = TicketEvent.objects.filter(
        ticket=OuterRef("pk"), round=OuterRef("round"), name="report_on_site"
    )
    return (
        _open(user)
        .filter(
            Exists(reported),
            severity=Class.DAILY,
            status__in=["surveying", "plan_review", "owner_consent", "repairing"],
        )
        .select_related("estate", "fault", "handler")
        .order_by("registered_at")
    )


def supervised(user: User) -> QuerySet[Ticket]:
    """Tickets under 督办 that are not solved."""
    urged = TicketEvent.objects.filter(ticket=OuterRef("pk"), name="supervise")
    return (
        _open(user).filter(Exists(urged), kind="complaint").select_related("estate").order_by("registered_at")
    )


def _statements(user: User) -> QuerySet[Statement]:
    tickets = Ticket.objects.visible_to(user).order_by()
    waiting = Statement.objects.filter(approved__isnull=True, ticket__in=tickets)
    return waiting.exclude(made_by=user).select_related("ticket__estate", "made_by").order_by("made_at")


def _open(user: User) -> QuerySet[Ticket]:
    return Ticket.objects.visible_to(user).exclude(status__in=ENDED)


def case_of(ticket: Ticket) -> ClassCase | None:
    """The case of a 重要 or 事故 ticket; no query for the others."""
    if ticket.severity == Class.DAILY:
        return None
    return ClassCase.objects.filter(ticket=ticket).select_related("decided_by").first()


def offered_classes(ticket: Ticket, actor: Actor) -> list[str]:
    """The classes this person may give the ticket now."""
    if ticket.status in ENDED:
        return []
    order = [Class.DAILY, Class.IMPORTANT, Class.ACCIDENT]
    here = order.index(Class(ticket.severity))
    higher = order[here + 1 :] if workflow.MAY_RAISE(ticket, actor) else []
    lower = order[:here] if rules.may_lower(ticket, actor) else []
    return [each.value for each in [*lower, *higher]]
