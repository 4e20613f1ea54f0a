"""The follow-up call 回访: closes the ticket, sends it round again, or is tried once more (FU-01, FU-02)."""

from dataclasses import dataclass
from datetime import datetime

from core.db import joined
from tickets import workflow
from tickets.actors import Actor
from tickets.models import FollowUp, Ticket

# After so many calls without an answer the follow-up has failed and is listed apart (FU-01).
TRIES = 3


@dataclass(frozen=True)
class Answers:
    """What the owner said; stars from 1 to 5 or None where not given."""

    result: str
    means: str = FollowUp.Means.PHONE
    speed: int | None = None
    attitude: int | None = None
    quality: int | None = None
    cleanness: int | None = None
    note: str = ""


STEP = {
    FollowUp.Result.SOLVED: "close",
    FollowUp.Result.NOT_SOLVED: "fail_follow_up",
}


@joined
def record(*, ticket: Ticket, answers: Answers, by: Actor, at: datetime) -> Ticket:
    """Keep the call and let it have its effect.

    Solved closes the ticket; not solved sends it round again as 回访整改 and
    needs `note` as the reason; no answer leaves it waiting.
    """
    round_ = workflow.lock(ticket).round
    moved = _move(ticket, answers, by, at)
    FollowUp.objects.create(
        ticket=ticket,
        round=round_,
        means=answers.means,
        result=answers.result,
        speed=answers.speed,
        attitude=answers.attitude,
        quality=answers.quality,
        cleanness=answers.cleanness,
        note=answers.note,
        called_by=by.user,
        called_at=at,
    )
    return moved


def _move(ticket: Ticket, answers: Answers, by: Actor, at: datetime) -> Ticket:
    if answers.result == FollowUp.Result.NO_ANSWER:
        return workflow.note(ticket=ticket, name="follow_up_unreached", by=by, at=at, reason=answers.note)
    name = STEP[FollowUp.Result(answers.result)]
    return workflow.step(ticket=ticket, name=name, by=by, at=at, reason=answers.note)


def has_failed(ticket: Ticket) -> bool:
    """Whether three calls of this round found nobody: 回访失败."""
    unreached = ticket.follow_ups.filter(round=ticket.round, result=FollowUp.Result.NO_ANSWER).count()
    return unreached >= TRIES
