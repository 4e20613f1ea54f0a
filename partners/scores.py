"""A company's points: what an event costs is data, every change is kept, low ones are listed (WA-12)."""

from datetime import datetime

from django.db.models import QuerySet, Sum

from accounts.models import User
from core.db import joined
from partners.models import Lapse, ScoreEntry, ScoreRule
from warranty.models import Agreement

# Below this a company is shown as one to talk to or to replace.
LOW = 60


@joined
def deduct(*, lapse: Lapse, code: str, at: datetime, by: User | None = None) -> ScoreEntry | None:
    """Take the points of a rule for a lapse, once; None where the rule is off or costs nothing."""
    rule = ScoreRule.objects.filter(code=code, active=True, points__gt=0).first()
    if rule is None:
        return None
    entry, _ = ScoreEntry.objects.get_or_create(
        lapse=lapse,
        code=code,
        defaults={
            "agreement": lapse.agreement,
            "contractor": lapse.agreement.contractor,
            "points": -rule.points,
            "reason": f"{lapse.ticket.number} {rule.get_code_display()}",
            "at": at,
            "by": by,
        },
    )
    return entry


def with_points(agreements: QuerySet[Agreement]) -> list[Agreement]:
    """The agreements with `points`: what they began with and every change since."""
    rows = list(agreements)
    changes = (
        ScoreEntry.objects.filter(agreement__in=rows)
        .order_by()
        .values("agreement")
        .annotate(sum=Sum("points"))
    )
    sums = {row["agreement"]: row["sum"] for row in changes}
    for row in rows:
        row.points = row.points_start + sums.get(row.pk, 0)
        row.low = row.points < LOW
    return rows
