"""What lapses cost until somebody edits it (WA-12)."""

from partners.models import ScoreRule

POINTS = {
    ScoreRule.Code.ACCEPT: 2,
    ScoreRule.Code.ARRIVE: 3,
    ScoreRule.Code.COMPLETE: 5,
    ScoreRule.Code.REPLACED: 10,
}


def load() -> int:
    """Create the rules that are missing; return how many."""
    known = set(ScoreRule.objects.values_list("code", flat=True))
    missing = [ScoreRule(code=code, points=points) for code, points in POINTS.items() if code not in known]
    return len(ScoreRule.objects.bulk_create(missing))
