"""Who may do what to a cross-department request: pure predicates of (row of an estate, actor)."""

from tickets.actors import Actor

VIEW, WORK, DECIDE = (
    "coordination.view_request",
    "coordination.coordinate",
    "coordination.decide_weekly",
)


def _holds(row, actor: Actor, permission: str) -> bool:
    return (
        actor.user is not None
        and actor.user.may_see_estate(row.estate_id)
        and actor.user.has_perm(permission)
    )


def may_work(row, actor: Actor) -> bool:
    """Whether this actor asks, reminds, writes answers down and ends requests in the row's estate."""
    return _holds(row, actor, WORK)


def may_decide(row, actor: Actor) -> bool:
    """Whether this actor makes the estate's weekly list and records decisions."""
    return _holds(row, actor, DECIDE)
