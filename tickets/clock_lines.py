"""Each clock of a ticket as a line that explains itself (SL-03).

"15 分钟，自 10:02 登记起，10:17 到期，10:09 完成": from the events alone, pauses, promises and
delays included.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import localdate, localtime

from core.templatetags.fangxiu import in_full, when
from tickets import clock_store, clocks, delays, pausing, reads, visit_rules
from tickets.models import Clock, Ticket, TicketEvent

ORDER = {kind: place for place, kind in enumerate(Clock.Kind.values)}


def clock_lines(
    ticket: Ticket,
    *,
    now: datetime,
    events: Sequence[TicketEvent] | None = None,
    earlier: bool = False,
    say: Callable[[datetime], str] = when,
) -> list[dict[str, Any]]:
    """The clocks of the current round, or of all `earlier` ones, for components/clock_line.html.

    `events` saves a query where the page has read them, the newest first; `say` words a moment of
    another day: on paper nobody knows which day 昨天 was. `printed` is the explanation for a page
    that is printed as it stands.
    """
    story = list(reversed(reads.events_of(ticket) if events is None else events))
    facts = [clocks.Fact(event.name, event.at, event.round, event.payload) for event in story]
    shown = [
        reading
        for reading in clock_store.compute(ticket, facts)
        if (reading.round < ticket.round if earlier else reading.round == ticket.round)
    ]
    shown.sort(key=lambda reading: (reading.round, ORDER[reading.kind]))
    stored = {(row.kind, row.round): row for row in reads.clocks_of(ticket)}
    rest = timedelta(minutes=visit_rules.read(ticket.policy.rules).rest_minutes)
    return [
        _line(reading, _Sentence(reading, story, now, rest, say), now)
        | {"owed": _owed(stored.get((reading.kind, reading.round)))}
        | {"printed": _Sentence(reading, story, now, rest, in_full).words()}
        for reading in shown
    ]


# What a company can keep or miss; the rest is between the desks.
COMPANY_OWES = frozenset(
    {
        Clock.Kind.CONTACT,
        Clock.Kind.ARRIVE,
        Clock.Kind.CONTAIN,
        Clock.Kind.PLAN,
        Clock.Kind.COMPLETE,
        Clock.Kind.REPORT_BACK,
    }
)


def company_lines(ticket: Ticket, *, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """As `phone_lines`, of the limits that a company owes (DI-12)."""
    return {
        name: [line for line in lines if line["kind"] in COMPANY_OWES]
        for name, lines in phone_lines(ticket, now=now).items()
    }


def phone_lines(ticket: Ticket, *, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """The clocks for those who do the work: `clocks` that run or were missed, `kept` apart.

    Only their own delays are theirs to explain; those of the desk are the desk's (SL-05).
    """
    lines = clock_lines(ticket, now=now)
    for line in lines:
        if line["kind"] in delays.ANSWERS:
            line["owed"] = None
    return {
        "clocks": [line for line in lines if line["state"] != "met"],
        "kept": [line for line in lines if line["state"] == "met"],
    }


def _owed(row: Clock | None) -> int | None:
    """The clock whose delay nobody has explained yet (SL-05)."""
    return row.pk if row and row.breached_at and not row.explained_at else None


def _line(reading: clocks.Reading, sentence: "_Sentence", now: datetime) -> dict[str, Any]:
    state = state_of(reading, now)
    line: dict[str, Any] = {"label": reading.source.label, "state": state, "kind": reading.kind}
    line["why"] = sentence.words()
    if state in {"running", "warn", "breach"}:
        line["due"] = reading.due_at
    else:
        line["text"] = {
            "paused": "已暂停",
            "waiting": "按约定时间",
            "met": "按时完成",
            "late": "超时未办" if reading.stopped_by in clocks.ENDINGS else "超时完成",
            "cancelled": "不再计时",
        }[state]
    return line


def state_of(reading: clocks.Reading, now: datetime) -> str:
    """In the component's words: running, warn, breach, met, late, paused, waiting, cancelled."""
    if reading.stopped_at:
        kept = "cancelled" if reading.stopped_by in clocks.ENDINGS else "met"
        return "late" if reading.breached(now) else kept
    if reading.paused_at:
        return "paused"
    if reading.due_at is None:
        return "waiting"
    if now > reading.due_at:
        return "breach"
    return "warn" if reading.looks and reading.looks[0] <= now else "running"


def span(minutes: int) -> str:
    """So many minutes in words: 15 分钟, 24 小时, 2 小时 5 分钟; 10 天, since nobody counts in 240 hours."""
    days, rest = divmod(minutes, 1440)
    if days > 3 and not rest:
        return f"{days} 天"
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} 小时" if hours else "", f"{rest} 分钟" if rest or not hours else ""]
    return " ".join(filter(None, parts))


def _lasting(time: timedelta) -> str:
    """How long something took, to follow its word; half a minute late is late, and counts as no minute."""
    minutes = int(time.total_seconds() // 60)
    return f" {span(minutes)}" if minutes else "不到 1 分钟"


class _Sentence:
    """The explanation of one clock; a day is named only where it changes.

    `rest` is how long a closed door may rest it.
    """

    def __init__(
        self,
        reading: clocks.Reading,
        story: Sequence[TicketEvent],
        now: datetime,
        rest: timedelta,
        say: Callable[[datetime], str],
    ):
        self.reading, self.now, self.rest, self.say = reading, now, rest, say
        self.story = [event for event in story if event.round in {reading.round, reading.round + 1}]
        # A page is read today; of paper nobody knows.
        self.day: date | None = localdate(now) if say is when else None

    def words(self) -> str:
        reading = self.reading
        parts = [self._limit(), f"自 {self._at(reading.started_at)} {self._beginning()}起"]
        parts += [self._pause(begin, end) for begin, end in reading.pauses]
        if reading.paused_at:
            parts += self._standing(reading.paused_at)
        if reading.due_at:
            parts += self._due(reading.due_at)
        parts += self._moved()
        if reading.stopped_at:
            parts.append(f"{self._at(reading.stopped_at)} {self._ending()}")
        return "，".join([*parts, *self._missed()])

    def _limit(self) -> str:
        if self.reading.limit_minutes is None:
            return "以首次约定的时间为准" if self.reading.due_at else "等待约定时间"
        words = span(self.reading.limit_minutes)
        level = next(
            (
                event.payload["level"]
                for event in reversed(self.story)
                if "level" in event.payload
                and (self.reading.stopped_at is None or event.at <= self.reading.stopped_at)
            ),
            None,
        )
        if level and self.reading.source.calendar.get(level) == "working":
            return f"{words}（只计工作时间）"
        return words

    def _beginning(self) -> str:
        since = self.reading.source.since
        first = self._event(self.reading.started_by)
        if since and first and first.payload.get(since):
            return {"started_at": "来电", "ended_at": "干完"}[since]
        return first.label if first else "开始"

    def _ending(self) -> str:
        last = self._event(self.reading.stopped_by, at=self.reading.stopped_at)
        ended = self.reading.stopped_by in clocks.ENDINGS
        return f"{last.label}，不再计时" if last and ended else "完成"

    def _pause(self, begin: datetime, end: datetime) -> str:
        bound = self._event(clocks.REST_OVER, at=end)
        going_on = "未再约定，恢复计时" if bound else "恢复"
        words = f"{self._at(begin)} {self._aside(begin)}，{self._at(end)} {going_on}"
        return f"{words}，扣除{_lasting(end - begin)}"

    def _standing(self, since: datetime) -> list[str]:
        """Since when it stands and why; after a closed door also how long at most (EX-11)."""
        words = [f"{self._at(since)} {self._aside(since)}"]
        # What somebody put aside meanwhile waits for that, not for the door.
        last = next((event.name for event in reversed(self.story) if event.name in clocks.PAUSES), "")
        if last == "no_access":
            words.append(f"重新约好前暂停，最迟 {self._at(since + self.rest)} 恢复计时")
        return words

    def _aside(self, at: datetime) -> str:
        for event in self.story:
            if event.at == at and event.name in clocks.PAUSES:
                reason = pausing.label(event.payload)
                return f"{event.label}（{reason}）" if reason else event.label
        return "暂停"

    def _due(self, at: datetime) -> list[str]:
        """When it is due; while it stands, what it was due before, for that moves."""
        if self.reading.paused_at and not self.reading.breached(self.now):
            return [f"原定 {self._at(at)} 到期", "恢复后顺延"]
        return [f"{self._at(at)} 到期"]

    def _moved(self) -> list[str]:
        """How often the agreed time was moved: counted, and never a new promise (SL-04)."""
        promise = self.reading.source.promise
        if promise is None or promise[0] != "schedule":
            return []
        agreed = [
            event
            for event in self.story
            if event.name in {"schedule", "reschedule"} and event.round == self.reading.round
        ]
        return [f"改约 {len(agreed) - 1} 次，时限不变"] if len(agreed) > 1 else []

    def _missed(self) -> list[str]:
        reading = self.reading
        if not reading.due_at or not reading.breached(self.now):
            return []
        over = (reading.stopped_at or reading.paused_at or self.now) - reading.due_at
        words = [f"{'超时' if reading.stopped_at else '已超时'}{_lasting(over)}"]
        grace = reading.source.grace_minutes
        if grace and reading.limit_minutes and not reading.stopped_at:
            words.append(f"最迟不超过 {span(grace)}")
        return words

    def _event(self, name: str, at: datetime | None = None) -> TicketEvent | None:
        return next(
            (event for event in self.story if event.name == name and (at is None or event.at == at)), None
        )

    def _at(self, moment: datetime) -> str:
        local = localtime(moment)
        if local.date() == self.day:
            return f"{local:%H:%M}"
        self.day = local.date()
        return self.say(moment)
