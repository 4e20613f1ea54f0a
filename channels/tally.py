"""Counting what must not happen too often, exactly and across processes (T07).

All counters of one act are raised in one statement; who finds one of them full
takes all of them back. Two at once wait for each other's row, so that what was
let through is equal to what is allowed.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F

from channels.models import Tally
from core.db import joined


@dataclass(frozen=True)
class Limit:
    """At most `most` in `seconds`, counted from the first one, of what `name` says."""

    name: str
    most: int
    seconds: int


class Full(Exception):
    """There were as many as allowed already; `limit` says which."""

    def __init__(self, limit: Limit):
        super().__init__(limit.name)
        self.limit = limit


def private(kind: str, value: str) -> str:
    """A counter's name that tells nobody whose phone or address it counts."""
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()[:24]}"


UPSERT = """
INSERT INTO channels_tally AS kept (name, since, count)
SELECT name, %s, 1 FROM unnest(%s::text[]) AS name
ON CONFLICT (name) DO UPDATE SET
    count = CASE WHEN kept.since <= excluded.since - make_interval(secs => (%s::jsonb ->> kept.name)::float)
            THEN 1 ELSE kept.count + 1 END,
    since = CASE WHEN kept.since <= excluded.since - make_interval(secs => (%s::jsonb ->> kept.name)::float)
            THEN excluded.since ELSE kept.since END
RETURNING name, count
"""


@joined
def take(limits: Sequence[Limit], *, at: datetime) -> dict[str, int]:
    """Count one more under every limit and return the counts by name.

    Raises Full when one of them was used up; the caller's transaction must end
    with it, so that nothing is counted.
    """
    counts = _raise(limits, at)
    for limit in limits:
        if counts[limit.name] > limit.most:
            raise Full(limit)
    return counts


def _raise(limits: Sequence[Limit], at: datetime) -> dict[str, int]:
    # Sorted: two transactions that lock the same rows in one order never wait in a ring.
    names = sorted(limit.name for limit in limits)
    windows = json.dumps({limit.name: limit.seconds for limit in limits})
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [at, names, windows, windows])
        return dict(cursor.fetchall())


@joined
def count(limit: Limit, *, at: datetime) -> int:
    """Count one more whatever the limit says, and return how many there are now; others wait for the end."""
    return _raise([limit], at)[limit.name]


def give_back(limit: Limit) -> None:
    """Take one back that was counted within this very transaction."""
    Tally.objects.filter(pk=limit.name, count__gt=0).update(count=F("count") - 1)


def purge(*, before: datetime) -> int:
    """Forget windows that began before this time; returns how many."""
    return Tally.objects.filter(since__lt=before).delete()[0]
