"""Who has passed what a trade asks of new people before they are suggested (DI-08)."""

from collections.abc import Sequence
from datetime import date

from dispatch.models import Exam, TradeRule, Worker


def missing_of(workers: Sequence[Worker]) -> dict[tuple[int, int], str]:
    """By (worker, trade) the parts that are not passed, "理论、实操"; only where the trade asks for them.

    The latest result of a part counts. Whoever was there before the rule, or without a date, is exempt.
    """
    asked: dict[int, date] = dict(
        TradeRule.objects.filter(exams_from__isnull=False).values_list("trade", "exams_from")
    )
    new = {each.pk: each.hired_on for each in workers if each.hired_on}
    if not asked or not new:
        return {}
    passed: dict[tuple[int, int, str], bool] = {}
    rows = Exam.objects.filter(worker__in=new, trade__in=asked).order_by("taken_on", "pk")
    for worker, trade, part, ok in rows.values_list("worker", "trade", "part", "passed"):
        passed[worker, trade, part] = ok
    return {
        (worker, trade): "、".join(part.label for part in lacking)
        for worker, hired in new.items()
        for trade, since in asked.items()
        if hired >= since
        and (lacking := [part for part in Exam.Part if not passed.get((worker, trade, part.value))])
    }
