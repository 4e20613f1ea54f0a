"""The phase of a home on a date, computed and never typed (WA-01, domain.md §4.8)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models

from warranty.coverage import add_months

PRE_HANDOVER_MONTHS = 3
HANDOVER_TAIL_MONTHS = 1


class PhaseCode(models.TextChoices):
    BEFORE = "before", "未介入"
    PRE_HANDOVER = "pre_handover", "前期介入"
    HANDOVER = "handover", "集中交付"
    DAILY = "daily", "日常保修"
    EXPIRED = "expired", "过保"


@dataclass(frozen=True)
class PhaseDates:
    """The batch's handover, and the last day of the last term that ends in ordinary time.

    `expires_on` leaves out design life, or no home would ever be 过保; None means
    that no term gives a date, and the phase stays 日常保修.
    """

    handover_from: date
    handover_to: date
    expires_on: date | None = None


@dataclass(frozen=True)
class Phase:
    """A phase with its first and last day; None where it is open to that side."""

    code: str
    since: date | None
    until: date | None

    @property
    def label(self) -> str:
        return str(PhaseCode(self.code).label)


def phase_of(dates: PhaseDates, on: date) -> Phase:
    """The one phase `on` lies in.

    集中交付 runs until one month after the handover was completed, and 日常保修
    begins the day after, so that the two never overlap (domain.md §8, S5). A home
    sold or taken over later keeps its batch's phases; only its expiry is its own.
    """
    day = timedelta(days=1)
    steps_in = add_months(dates.handover_from, -PRE_HANDOVER_MONTHS)
    handed_over = add_months(dates.handover_to, HANDOVER_TAIL_MONTHS)
    if on < steps_in:
        return Phase(PhaseCode.BEFORE.value, None, steps_in - day)
    if on < dates.handover_from:
        return Phase(PhaseCode.PRE_HANDOVER.value, steps_in, dates.handover_from - day)
    if on <= handed_over:
        return Phase(PhaseCode.HANDOVER.value, dates.handover_from, handed_over)
    last = max(dates.expires_on, handed_over) if dates.expires_on else None
    if last is None or on <= last:
        return Phase(PhaseCode.DAILY.value, handed_over + day, last)
    return Phase(PhaseCode.EXPIRED.value, last + day, None)
