"""Raises classes as time passes, each once, and tells of what stays too long on site (SL-06, §2.2).

Several workers may run this at once: what one has locked the others skip, and every
raise looks again under the lock.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from core.templatetags.fangxiu import minutes
from tickets import classes, clock_store, kinds, promises, systemic, workflow
from tickets.actors import Actor
from tickets.models import Class, ClassCase, ClassRule, Status, Ticket, TicketEvent
from tickets.states import WATCHED

BATCH = 200
SYSTEM = Actor.system("类别巡查")
ON_SITE = (Status.SURVEYING, Status.PLAN_REVIEW, Status.OWNER_CONSENT, Status.REPAIRING)
# Events that give a promise, or tell of a broken one.
PROMISING = ("schedule", "reschedule", "consent", "fail_follow_up")


def run(*, now: datetime) -> dict[str, int]:
    """One pass; how many were raised, asked for and reported."""
    return {
        "important": raise_slow(now=now),
        "accident": raise_unsolved(now=now) + raise_broken(now=now),
        "overrun": ask_overruns(now=now),
        "on_site": report_on_site(now=now),
        "systemic": systemic.tell(now=now),
    }


def raise_slow(*, now: datetime) -> int:
    """日常 that was not solved in time becomes 重要."""
    return _each_rule(now, Class.DAILY, "important_hours", 3600, _to_important)


def raise_unsolved(*, now: datetime) -> int:
    """What has no reasonable solution or answer in two weeks becomes 事故."""
    return _each_rule(now, Class.IMPORTANT, "accident_days", 86400, _to_accident)


def _to_important(ticket: Ticket, rule: ClassRule, now: datetime) -> bool:
    reason = f"登记后{rule.important_hours}小时未解决"
    return classes.raise_important(ticket=ticket, by=SYSTEM, at=now, reason=reason).severity != Class.DAILY


def _to_accident(ticket: Ticket, rule: ClassRule, now: datetime) -> bool:
    reason = f"{rule.accident_days}天内未合理解决或答复"
    return classes.raise_accident(ticket=ticket, by=SYSTEM, at=now, reason=reason).severity == Class.ACCIDENT


def _each_rule(
    now: datetime,
    severity: Class,
    limit: str,
    seconds: int,
    act: Callable[[Ticket, ClassRule, datetime], bool],
) -> int:
    """Raise the tickets of a class that are older than their rule's limit."""
    done = 0
    for rule, tickets in _by_rule(_watched(severity)):
        old = tickets.filter(registered_at__lte=now - timedelta(seconds=getattr(rule, limit) * seconds))
        done += _drain(old, lambda ticket, rule=rule: act(ticket, rule, now))
    return done


def raise_broken(*, now: datetime) -> int:
    """What was promised and not kept again and again becomes 事故."""
    given = TicketEvent.objects.filter(ticket=OuterRef("pk"), name__in=PROMISING).order_by()
    counted = given.values("ticket").annotate(number=Count("pk")).values("number")
    watched = _watched(Class.DAILY, Class.IMPORTANT).annotate(promises_given=Subquery(counted))
    done = 0
    for rule, tickets in _by_rule(watched):
        # Who promised less often than that cannot have broken more: their history need not be read.
        tickets = tickets.filter(promises_given__gte=rule.broken_promises)
        for ticket in tickets.select_related("policy").iterator(chunk_size=BATCH):
            missed = promises.broken(clock_store.facts_of(ticket), now=now)
            if len(missed) >= rule.broken_promises:
                reason = (
                    f"承诺{len(missed)}次未落实：{'、'.join(dict.fromkeys(each.words for each in missed))}"
                )
                done += _raised(ticket, reason, now)
    return done


def _raised(ticket: Ticket, reason: str, now: datetime) -> int:
    try:
        ticket = classes.raise_accident(ticket=ticket, by=SYSTEM, at=now, reason=reason)
    except workflow.StepTaken:
        return 0  # It ended while we looked.
    return int(ticket.severity == Class.ACCIDENT)


def ask_overruns(*, now: datetime) -> int:
    """重要 beyond its two days, or beyond the date that was allowed, waits for the manager's word."""
    done = 0
    for rule, tickets in _by_rule(_watched(Class.IMPORTANT)):
        limit = now - timedelta(hours=rule.approval_hours)
        late = ClassCase.objects.filter(ticket=OuterRef("pk"), asked_at__isnull=True).filter(
            Q(allowed_until__isnull=True, since__lte=limit) | Q(allowed_until__lte=now)
        )
        done += _drain(
            tickets.filter(Exists(late)), lambda ticket: bool(classes.ask_overrun(ticket=ticket, at=now))
        )
    return done


def report_on_site(*, now: datetime) -> int:
    """日常 work that takes too long on site is reported once for each visit."""
    done = 0
    for rule, tickets in _by_rule(Ticket.objects.filter(severity=Class.DAILY, status__in=ON_SITE)):
        arrived = TicketEvent.objects.filter(name="arrive", at__gte=now - timedelta(days=1))
        reported = TicketEvent.objects.filter(
            ticket=OuterRef("ticket"), name="report_on_site", seq__gt=OuterRef("seq")
        )
        long = arrived.filter(at__lte=now - timedelta(minutes=rule.on_site_minutes)).exclude(Exists(reported))
        done += _drain(
            tickets.filter(pk__in=long.values("ticket")), lambda ticket, rule=rule: _report(ticket, rule, now)
        )
    return done


def _report(ticket: Ticket, rule: ClassRule, now: datetime) -> bool:
    since = ticket.events.filter(name="arrive").order_by("-seq").first()
    reason = f"日常维修现场已{minutes(now - since.at)}，超过{minutes(rule.on_site_minutes)}"
    workflow.note(ticket=ticket, name="report_on_site", by=SYSTEM, at=now, reason=reason)
    return True


def _watched(*classes_: Class) -> QuerySet[Ticket]:
    """Tickets of these classes that time works against; a class that a person took back stays down."""
    lowered = TicketEvent.objects.filter(ticket=OuterRef("pk"), name="lower_class")
    return Ticket.objects.filter(severity__in=classes_, kind__in=kinds.CLASSED, status__in=WATCHED).exclude(
        Exists(lowered)
    )


def _by_rule(tickets: QuerySet[Ticket]) -> Iterable[tuple[ClassRule, QuerySet[Ticket]]]:
    """The tickets of every estate with rules of its own, then all the others under the general ones."""
    own = list(ClassRule.objects.filter(estate__isnull=False))
    for rule in own:
        yield rule, tickets.filter(estate=rule.estate_id)
    general = ClassRule.objects.filter(estate__isnull=True).first() or ClassRule()
    yield general, tickets.exclude(estate__in=[rule.estate_id for rule in own]) if own else tickets


def _drain(tickets: QuerySet[Ticket], act: Callable[[Ticket], bool]) -> int:
    """Act on each ticket in batches, a transaction for each; stops when a batch changes nothing."""
    total = 0
    while done := _batch(tickets, act):
        total += done
        if done < BATCH:
            break
    return total


@transaction.atomic
def _batch(tickets: QuerySet[Ticket], act: Callable[[Ticket], bool]) -> int:
    rows = tickets.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("registered_at")
    return sum(act(ticket) for ticket in rows[:BATCH])
