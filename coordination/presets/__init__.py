"""The counterparts that ship, with their usual deadlines (S1)."""

import json
from pathlib import Path

from coordination.models import Counterpart

ROWS = Path(__file__).with_name("counterparts.json")


def load() -> int:
    """Add the counterparts that are missing; edited ones stay as they are. Returns how many came."""
    known = set(Counterpart.objects.values_list("code", flat=True))
    rows = [row for row in json.loads(ROWS.read_text("utf-8")) if row["code"] not in known]
    Counterpart.objects.bulk_create(Counterpart(**row) for row in rows)
    return len(rows)
