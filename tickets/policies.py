"""Which policy version a new ticket is accepted under (SL-02)."""

from datetime import date

from core.rows import Query
from tickets.models import PolicyVersion

# The estate's own before the general one, the newest valid first.
IN_FORCE = Query(
    "FROM tickets_policyversion version JOIN tickets_policyset policy ON policy.id = version.policy_id"
    " WHERE policy.active AND (policy.estate_id = %s OR policy.estate_id IS NULL) AND valid_from <= %s"
    " ORDER BY policy.estate_id NULLS LAST, version.valid_from DESC, version.number DESC LIMIT 1",
    version=PolicyVersion,
)


class NoPolicy(Exception):
    """No active policy is valid for this estate: load_presets has not run."""


def current(*, estate_id: int, on: date) -> PolicyVersion:
    """The version in force: the estate's own before the general one, the newest valid first.

    Raises NoPolicy when there is none.
    """
    found = IN_FORCE.first(estate_id, on)
    if found is None:
        raise NoPolicy
    return found[0]
