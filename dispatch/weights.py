"""Which weights a score is made with, and how they are replaced (DI-01)."""

from datetime import datetime

from django.db.models import F, Q

from accounts.models import User
from core.db import joined
from dispatch.candidates import Weights
from dispatch.models import ScoreWeights
from dispatch.models.policy import PARTS


def current(estate_id: int) -> ScoreWeights | None:
    """The active weights of an estate, else the general ones; None where nobody has set any."""
    rows = ScoreWeights.objects.filter(Q(estate=estate_id) | Q(estate=None), active=True)
    return rows.order_by(F("estate").asc(nulls_last=True)).first()


def points(row: ScoreWeights | None) -> Weights:
    """The most points of each part, as `dispatch.suggest` takes them."""
    return Weights(**{name: getattr(row, name) for name in PARTS}) if row else Weights()


@joined
def replace(*, row: ScoreWeights, by: User | None, at: datetime) -> ScoreWeights:
    """Make this row the active version of its estate; older versions stay for the proposals they made."""
    # The constraints hold once the active version has made room, below.
    row.full_clean(validate_constraints=False)
    of_place = ScoreWeights.objects.filter(estate=row.estate).order_by("version")
    last = max((each.version for each in of_place.select_for_update()), default=0)
    of_place.filter(active=True).update(active=False)
    row.pk, row.version, row.active = None, last + 1, True
    row.made_by, row.made_at = by, at
    row.save(force_insert=True)
    return row
