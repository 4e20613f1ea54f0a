"""Which policy version a new ticket is accepted under (SL-02)."""

from datetime import date

from django.db.models import F, Q

from tickets.models import PolicyVersion


class NoPolicy(Exception):
    """No active policy is valid for this estate: load_presets has not run."""


def current(*, estate_id: int, on: date) -> PolicyVersion:
    """The version in force: the estate's own before the general one, the newest valid first.

    Raises NoPolicy when there is none.
    """
    found = (
        PolicyVersion.objects.filter(
            Q(policy__estate_id=estate_id) | Q(policy__estate__isnull=True),
            policy__active=True,
            valid_from__lte=on,
        )
        .order_by(F("policy__estate_id").asc(nulls_last=True), "-valid_from", "-number")
        .first()
    )
    if found is None:
        raise NoPolicy
    return found
