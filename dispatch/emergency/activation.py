"""The verbs of an emergency: start, move the end, end, order (DI-09)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied

from accounts.models import User
from core import queue
from core.db import joined
from core.templatetags.fangxiu import dated, when
from dispatch.emergency import equipment, holds, reach, record, telling
from dispatch.models import Activation, EmergencyPlan, Held, Order, Worker
from estates.models import Estate

COMMAND = "dispatch.command_emergency"
LONGEST = timedelta(days=30)
State = Activation.State


class BadStart(ValueError):
    """The emergency cannot be started or moved so; the Chinese message says why."""


class AlreadyOver(Exception):
    """Somebody ended it before, or its time was up; nothing was written."""


@dataclass(frozen=True)
class Start:
    """What a start says: which plan, where, until when, why, who commands, what owners read."""

    plan: EmergencyPlan
    estates: Sequence[Estate]
    until: datetime
    reason: str
    commander: User
    words: str = ""
    drill: bool = False
    squad: Sequence[Worker] = field(default_factory=tuple)


@joined
def start(*, facts: Start, by: User, at: datetime) -> Activation:
    """Put a plan into force; the pausing goes on in the background, a drill pauses and tells nobody.

    Raises PermissionDenied, or BadStart when one of the estates has an emergency already.
    """
    _check(facts, by, at)
    activation = Activation.objects.create(
        plan=facts.plan,
        drill=facts.drill,
        reason=facts.reason,
        words=facts.words or facts.plan.words,
        commander=facts.commander,
        started_by=by,
        started_at=at,
        ends_at=facts.until,
        planned=0 if facts.drill else reach.preview(plan=facts.plan, estates=_keys(facts.estates)).paused,
    )
    activation.estates.set(facts.estates)
    equipment.lay_out(activation, facts.squad, at=at)
    named = "、".join(each.name for each in facts.estates)
    kind = "演练" if facts.drill else "应急"
    until, commander = dated(facts.until), facts.commander.full_name
    words = f"启动{facts.plan.name}{kind}：{named}，至{until}，由{commander}指挥。{facts.reason}"
    _log(activation, "启动", words, by, at)
    telling.squad(activation, [each.user_id for each in facts.squad], at=at)
    if not facts.drill:
        _work(activation)
    return activation


@joined
def move_end(*, activation: Activation, until: datetime, reason: str, by: User, at: datetime) -> Activation:
    """Another end, later or earlier; the owners of paused tickets are told of it. Raises as `start`."""
    activation = _open(activation, by)
    if not at < until <= activation.started_at + LONGEST:
        raise BadStart("结束时间须在现在之后，且不超过启动后30天。")
    activation.ends_at, activation.announced = until, activation.announced + 1
    activation.save(update_fields=["ends_at", "announced"])
    if not activation.drill:
        held = Held.objects.filter(activation=activation, state=Held.State.PAUSED)
        holds.free_windows(activation, list(held.values_list("ticket", flat=True)))
        _work(activation)
    _log(activation, "改期", f"结束时间改为{dated(until)}。{reason}", by, at)
    return activation


@joined
def end(*, activation: Activation, reason: str, by: User | None, at: datetime) -> Activation:
    """End it at `at`; without `by` its time was up. What it held is let go in the background."""
    activation = _open(activation, by)
    activation.ended_at, activation.ended_by, activation.end_reason = at, by, reason
    activation.state = State.ENDING
    activation.save(update_fields=["ended_at", "ended_by", "end_reason", "state"])
    _log(activation, "结束", reason, by, at)
    if not finish(activation, at=at):
        _work(activation)
    return activation


def finish(activation: Activation, *, at: datetime) -> bool:
    """When nothing is held any more: the figures are frozen, once; whether it is over now."""
    with joined:
        activation = Activation.objects.select_for_update().select_related("plan").get(pk=activation.pk)
        if activation.state == State.ACTIVE:
            return False
        if activation.held.filter(state=Held.State.PAUSED).exists():
            return False
        if activation.state == State.ENDING:
            activation.state = State.ENDED
            activation.save(update_fields=["state"])
            record.freeze(activation, at=at)
        return True


@joined
def order(*, activation: Activation, words: str, by: User, at: datetime) -> Order:
    """One more line of the log. Raises PermissionDenied or AlreadyOver."""
    return _log(_open(activation, by), Order.COMMAND, words, by, at)


def _log(activation: Activation, label: str, words: str, by: User | None, at: datetime) -> Order:
    return Order.objects.create(activation=activation, label=label, words=words[:300], by=by, at=at)


def _work(activation: Activation) -> None:
    for helper in holds.HELPERS:
        queue.wake("dispatch.tasks.work_on_emergency", activation.pk, helper)


def may_command(user: User, activation: Activation) -> bool:
    """Whether this user may command it: by right, and for every estate of it."""
    return user.has_perm(COMMAND) and all(
        user.may_see_estate(pk) for pk in activation.estates.values_list("pk", flat=True)
    )


def _open(activation: Activation, by: User | None) -> Activation:
    activation = (
        Activation.objects.select_for_update(of=("self",))
        .select_related("plan", "commander")
        .get(pk=activation.pk)
    )
    if by is not None and not may_command(by, activation):
        raise PermissionDenied("您没有指挥这项应急的权限。")
    if not activation.is_open:
        raise AlreadyOver(f"这项应急已于{when(activation.ended_at)}结束。")
    return activation


def _check(facts: Start, by: User, at: datetime) -> None:
    keys = _keys(facts.estates)
    if not by.has_perm(COMMAND) or not all(by.may_see_estate(pk) for pk in keys):
        raise PermissionDenied("您没有在这些项目启动应急的权限。")
    if not facts.commander.has_perm(COMMAND) or not all(facts.commander.may_see_estate(pk) for pk in keys):
        raise BadStart("指挥人须有应急指挥权限，并负责所选的全部项目。")
    if not keys or not at < facts.until <= at + LONGEST:
        raise BadStart("请选择项目；结束时间须在现在之后、30天之内。")
    # Two starts wait for each other here, so that the second sees the first.
    list(Estate.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
    taken = (
        Activation.objects.in_force(at).filter(estates__in=keys, state=State.ACTIVE).select_related("plan")
    )
    if not facts.drill and (other := taken.first()):
        raise BadStart(f"所选项目已有“{other.plan.name}”在进行，请先结束，或调整项目。")


def _keys(estates: Sequence[Estate]) -> list[int]:
    return [each.pk for each in estates]
