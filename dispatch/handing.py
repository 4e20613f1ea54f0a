"""What becomes of a proposal by the rule of the level: to the reviewer, to the workers, or out (DI-04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from core.db import joined
from dispatch import ahead, assign, modes, pool, proposals
from dispatch.models import Mode, Proposal, Worker
from tickets import requirements, workflow
from tickets.actors import Actor
from tickets.models import Ticket

# More than anybody looks through before pressing once.
MOST = 100
TRIES = 3


class Busy(Exception):
    """Others hold the tickets too long; nothing was done."""


@dataclass(frozen=True)
class Result:
    """What came of one ticket of several: whether it went, and the sentence."""

    number: str
    done: bool
    words: str


@joined
def hand_out(*, ticket: Ticket, at: datetime) -> Proposal:
    """After a proposal came by itself: what the rule of the level lets go without a reviewer goes (DI-04).

    What must be written down first stays with the reviewer, whose page names it. Raises workflow.StepTaken
    when the ticket is past review.
    """
    proposal = proposals.ensure(ticket=ticket, at=at)
    mode = modes.rule_of(ticket, at=at).mode
    if not proposal.candidates or proposal.offered_at or requirements.missing(ticket, "dispatch"):
        return proposal
    if mode == Mode.PICK:
        pool.offer(proposal=proposal, by=proposals.MACHINE, at=at)
    elif mode == Mode.AUTO:
        ahead.send(proposal=proposal, at=at)
    return proposal


@joined
def approve(*, proposal: Proposal, by: Actor, at: datetime, version: int | None = None) -> Ticket:
    """The reviewer's yes: the first candidate is sent, or under 抢单 the ticket is offered to all who can go.

    A second yes on an offered ticket sends the first candidate. Raises what `assign.approve` raises.
    """
    if proposal.offered_at is None and modes.rule_of(proposal.ticket, at=at).mode == Mode.GRAB:
        return pool.offer(proposal=proposal, by=by, at=at, version=version)
    return assign.approve(proposal=proposal, by=by, at=at, version=version)


def approve_all(*, seen: Sequence[tuple[int, int]], by: Actor, at: datetime) -> list[Result]:
    """Approve the proposals of several tickets, each for itself; `seen`: pairs of proposal and version (T46).

    The rows are locked in one order before anything is done, so two such jobs wait for each other instead of
    meeting crosswise. Raises Busy when they could not be had in three tries of two seconds.
    """
    versions = dict(seen[:MOST])
    with transaction.atomic():
        found = _locked(versions)
        return [_one(each, versions[each.pk], by, at) for each in found]


def _locked(versions: dict[int, int]) -> list[Proposal]:
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return _lock(list(versions))
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
    raise Busy("有工单正被他人办理，请稍后再试。")


def _lock(keys: list[int]) -> list[Proposal]:
    """First all tickets, then all workers, each by key: every service takes a ticket before a worker."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
    tickets = Ticket.objects.filter(proposals__in=keys).order_by("pk")
    held = [each.pk for each in tickets.select_for_update(of=("self",), no_key=True)]
    found = Proposal.objects.filter(pk__in=keys, ticket__in=held).select_related("ticket__estate")
    rows = list(found.order_by("ticket_id", "pk"))
    workers = {each["worker"] for row in rows for each in row.candidates[:1]}
    list(Worker.objects.filter(pk__in=workers).order_by("pk").select_for_update(of=("self",), no_key=True))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    return rows


def _one(proposal: Proposal, version: int, by: Actor, at: datetime) -> Result:
    number = proposal.ticket.number
    try:
        # A savepoint: what one ticket refuses undoes nothing of the others.
        with transaction.atomic():
            ticket = approve(proposal=proposal, by=by, at=at, version=version)
    except workflow.StepTaken as error:
        return Result(number, False, f"已由{error.last.actor_name}办理")
    except workflow.NotReady as error:
        return Result(number, False, f"还缺{'、'.join(each.label for each in error.missing)}")
    except (assign.NotEligible, workflow.StepForbidden) as error:
        return Result(number, False, str(error))
    return Result(
        number, True, f"已派给{ticket.handler.full_name}" if ticket.handler else "已放出，等师傅抢单"
    )
