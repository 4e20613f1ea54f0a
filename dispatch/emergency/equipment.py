"""Squad, supplies and checklist of an activation: laid out from the plan, kept by the commander (DI-09)."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import User
from core.db import joined
from dispatch.models import Activation, Check, Order, SquadMember, Supply, Worker


def lay_out(activation: Activation, workers: Sequence[Worker], *, at: datetime) -> None:
    """Copy supplies and checks from the plan, and name these workers to its roles in their order."""
    plan = activation.plan
    roles = [role.name for role in plan.roles.all() for _ in range(role.people)]
    SquadMember.objects.bulk_create(
        SquadMember(
            activation=activation,
            user=worker.user,
            name=worker.user.full_name,
            phone=worker.user.phone or "",
            role=roles[place] if place < len(roles) else "抢修",
            changed_at=at,
        )
        for place, worker in enumerate(workers)
    )
    Supply.objects.bulk_create(
        Supply(activation=activation, name=each.name, unit=each.unit, needed=each.needed)
        for each in plan.supplies.all()
    )
    Check.objects.bulk_create(
        Check(activation=activation, phase=each.phase, text=each.text) for each in plan.checks.all()
    )


@joined
def keep_member(*, member: SquadMember, by: User, at: datetime) -> SquadMember:
    """Write a new or changed member of the squad; who comes and who goes is part of the log."""
    before = SquadMember.objects.filter(pk=member.pk).first()
    member.changed_at = at
    member.save()
    if before is None or before.presence != member.presence:
        words = f"{member.role} {member.name}：{member.get_presence_display()}"
        Order.objects.create(activation=member.activation, label="队伍", words=words, by=by, at=at)
    return member


@joined
def keep_supply(*, supply: Supply, by: User, at: datetime) -> Supply:
    """Write what is on site and what was used; the log says what changed."""
    before = Supply.objects.select_for_update().filter(pk=supply.pk).first()
    supply.save()
    if before is None or (before.on_site, before.used) != (supply.on_site, supply.used):
        words = f"{supply.name}：到位{supply.on_site}{supply.unit}，已用{supply.used}{supply.unit}"
        Order.objects.create(activation=supply.activation, label="物资", words=words, by=by, at=at)
    return supply


@joined
def tick(*, check: Check, done: bool, by: User, at: datetime) -> Check:
    """Tick a line of the checklist, or take the tick back; the first tick keeps its time."""
    check = Check.objects.select_for_update(of=("self",)).get(pk=check.pk)
    if bool(check.done_at) != done:
        check.done_at, check.done_by = (at, by) if done else (None, None)
        check.save(update_fields=["done_at", "done_by"])
    return check
