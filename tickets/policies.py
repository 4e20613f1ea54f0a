"""Which policy version a new ticket is accepted under (SL-02)."""

import hashlib
import json
from datetime import date

from core.rows import Query
from tickets import settlement
from tickets.models import PolicySet, PolicyVersion

# Of each set in force for an estate the newest version that is valid on a day.
TAIL = (
    "FROM tickets_policyset policy JOIN LATERAL"
    " (SELECT each.*, each.xmin::text || each.ctid::text AS stamp FROM tickets_policyversion each"
    " WHERE each.policy_id = policy.id AND each.settled = '' AND each.valid_from <= %s"
    " AND (each.valid_to IS NULL OR each.valid_to >= %s)"
    " ORDER BY each.valid_from DESC, each.number DESC LIMIT 1) version ON true"
    " WHERE policy.active AND (policy.estate_id IS NULL OR policy.estate_id = %s)"
    " AND (policy.area_id IS NULL OR policy.area_id = (SELECT area_id FROM estates_estate WHERE id = %s))"
)
IN_FORCE = Query(TAIL, policy=PolicySet, version=PolicyVersion)
# The same rows without what is in them: one that was written again has another stamp.
STAMPS = Query(
    f"{TAIL} ORDER BY 1, 3",
    "policy.id",
    "policy.xmin::text || policy.ctid::text",
    "version.id",
    "version.stamp",
)
KEPT = 200
_settled: dict[tuple, settlement.Settlement] = {}


class NoPolicy(Exception):
    """No active policy is valid for this estate: load_presets has not run."""


def current(*, estate_id: int, on: date) -> PolicyVersion:
    """The version that a ticket of this estate is accepted under on this day.

    It is the leading one where nothing else changes its limits, and else the kept settlement of
    all that apply. Raises NoPolicy when there is none.
    """
    # Rules are long and every call asks for them: they are read and settled once for the rows as they stand.
    stamps = tuple(STAMPS.all(on, on, estate_id, estate_id))
    settled = _settled.get(stamps)
    if settled is None:
        settled = settle(estate_id=estate_id, on=on)
        if len(_settled) >= KEPT:
            _settled.clear()
        _settled[stamps] = settled
    # A clock that was added with no limit at all changes nothing.
    if not settled.changes:
        return settled.leader
    return _keep(settled)


def settle(*, estate_id: int, on: date) -> settlement.Settlement:
    """What the policies in force for this estate ask together; raises NoPolicy."""
    versions = in_force(estate_id=estate_id, on=on)
    try:
        return settlement.settle(versions)
    except settlement.NothingLeads as error:
        raise NoPolicy from error


def in_force(*, estate_id: int, on: date) -> list[PolicyVersion]:
    """One version of each set in force, with its `policy`."""
    found = []
    for policy, version in IN_FORCE.all(on, on, estate_id, estate_id):
        version.policy = policy
        found.append(version)
    return found


def _keep(settled: settlement.Settlement) -> PolicyVersion:
    leader = settled.leader
    text = json.dumps(settled.rules, sort_keys=True, ensure_ascii=False)
    kept, _ = PolicyVersion.objects.get_or_create(
        policy=leader.policy,
        number=leader.number,
        settled=hashlib.sha256(text.encode()).hexdigest()[:32],
        defaults={
            "valid_from": leader.valid_from,
            "rules": settled.rules,
            "settlement": {"changes": [change.as_json() for change in settled.changes]},
        },
    )
    return kept
