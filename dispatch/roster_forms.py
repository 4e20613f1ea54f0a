"""The filter of the roster, and what its grid sends: one input for each cell (DI-08)."""

from datetime import date

from django import forms
from django.utils.timezone import localdate

from core.forms import KeyedForm
from core.widgets import DateInput, PlainSelect
from dispatch.models import ShiftKind, Worker
from dispatch.roster_book import Change
from dispatch.rosters import monday_of
from estates.filters import EstateFilter
from knowledge.models import Trade

# A week has days before and after it: the ends of the calendar have not.
FIRST_YEAR, LAST_YEAR = 2000, 2100


class RosterFilter(EstateFilter):
    """Which week, and whose."""

    week = forms.DateField(label="周", required=False, widget=DateInput)
    trade = forms.ModelChoiceField(
        Trade.objects.all(), label="工种", required=False, empty_label="全部工种", widget=PlainSelect
    )
    employer = forms.ChoiceField(
        label="用工方",
        required=False,
        choices=[("", "全部"), *Worker.Employer.choices],
        widget=PlainSelect,
    )
    field_order = ["week", "estate"]

    def __init__(self, data, *args, **kwargs):
        data = data.copy()
        # The field shows the week that is shown, also where nobody asked for one.
        data["week"] = data.get("week") or localdate().isoformat()
        super().__init__(data, *args, **kwargs)

    @property
    def chosen(self) -> dict:
        """What can be read of it."""
        self.is_valid()
        return self.cleaned_data

    @property
    def day(self) -> date:
        """The day that was asked for; today if none was, or one that no roster is about."""
        day = self.chosen.get("week")
        return day if day and FIRST_YEAR <= day.year <= LAST_YEAR else localdate()

    @property
    def monday(self) -> date:
        """The Monday of the week."""
        return monday_of(self.day)


class RosterForm(KeyedForm):
    """The cells of a page. Each input is named "c.worker.day.version.letter" and holds a letter.

    `changes` are the cells that differ from what was shown, `typed` all that was sent, by name.
    """

    def __init__(self, *args, workers: set[int], days: list[date], **kwargs):
        super().__init__(*args, **kwargs)
        self.workers, self.days = workers, {day.isoformat(): day for day in days}
        self.typed = {name: self.data[name] for name in self.data if name.startswith("c.")}
        self.changes: list[Change] = []

    def clean(self) -> dict:
        cleaned = super().clean()
        kinds = {kind.letter: kind for kind in ShiftKind.objects.filter(active=True)}
        wrong = set()
        for name, value in self.typed.items():
            letter = value.strip().upper()
            change = self._read(name)
            if change is None or letter == change[3]:
                continue
            worker, day, seen, _ = change
            if letter and letter not in kinds:
                wrong.add(value.strip()[:4])
                continue
            self.changes.append(Change(worker, day, seen, kinds.get(letter)))
        if wrong:
            known = "、".join(f"{kind.letter} {kind.name}" for kind in kinds.values())
            raise forms.ValidationError(f"没有班次“{'、'.join(sorted(wrong))}”，可填：{known}。")
        return cleaned

    def _read(self, name: str) -> tuple[int, date, int, str] | None:
        """What an input's name says; None for a cell that is not on this person's page."""
        parts = name.split(".")
        if len(parts) != 5 or not (parts[1].isdecimal() and parts[3].isdecimal()):
            return None
        day = self.days.get(parts[2])
        if day is None or int(parts[1]) not in self.workers or len(parts[3]) > 9:
            return None
        return int(parts[1]), day, int(parts[3]), parts[4].replace("-", "")
