"""Which policy version a new ticket is accepted under (SL-02)."""

import hashlib
import json
from datetime import date

from core.rows import Beside, Query, prepared_cursor
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
# The same rows without what is in them: one that was written again gives another stamp.
STAMP = (
    "SELECT string_agg(concat_ws(' ', policy.id, policy.xmin, policy.ctid, version.id, version.stamp), ','"
    f" ORDER BY policy.id, version.id) {TAIL}"
)
KEPT = 200
_settled: dict[str | None, settlement.Settlement] = {}


class NoPolicy(Exception):
    """No active policy is valid for this estate: load_presets has not run."""


def stamped(*, estate_id: int, on: date) -> Beside:
    """The question for the stamp of an estate's policies on a day, for `draw` to ask with its own."""
    return Beside(STAMP, (on, on, estate_id, estate_id))


def current(*, estate_id: int, on: date, stamp: str | None = None) -> PolicyVersion:
    """The version that a ticket of this estate is accepted under on this day.

    It is the leading one where nothing else changes its limits, and else the kept settlement of
    all that apply. `stamp` is the answer to `stamped`, where it was asked for already. Raises
    NoPolicy when there is none.
    """
    stamp = stamp or _stamp(estate_id, on)
    # Rules are long and every call asks for them: they are read and settled once for the rows as they stand.
    settled = _settled.get(stamp)
    if settled is None:
        settled = settle(estate_id=estate_id, on=on)
        if len(_settled) >= KEPT:
            _settled.clear()
        _settled[stamp] = settled
    # A clock that was added with no limit at all changes nothing.
    if not settled.changes:
        return settled.leader
    return _keep(settled)


def _stamp(estate_id: int, on: date) -> str | None:
    question = stamped(estate_id=estate_id, on=on)
    with prepared_cursor() as cursor:
        cursor.execute(question.sql, question.params)
        return cursor.fetchone()[0]


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
