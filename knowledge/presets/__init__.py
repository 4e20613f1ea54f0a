"""The fault taxonomy with its trades, and the scripts and self-rescue guides (IN-15, domain.md §2, §6).

`fault_taxonomy.csv` is the taxonomy as published; `fault_words.csv` adds what
callers say and the component of warranty that covers it; `trades.csv` names
every trade the taxonomy writes, and whether it needs a certificate.
"""

import csv
import json
from pathlib import Path

from knowledge.models import FaultCategory, Script, Trade

HERE = Path(__file__).parent


def load() -> int:
    """Create the trades, faults and scripts that are missing; return how many."""
    return _load_trades() + _load_faults() + _load_scripts()


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a shipped table."""
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written_trades() -> dict[str, str]:
    """From the taxonomy's words for a trade to the trade's code."""
    return {words: row["code"] for row in rows("trades") for words in row["written"].split("|")}


def _load_trades() -> int:
    known = set(Trade.objects.values_list("code", flat=True))
    missing = [
        Trade(code=row["code"], name=row["name"], needs_certificate=row["needs_certificate"] == "1")
        for row in rows("trades")
        if row["code"] not in known
    ]
    return len(Trade.objects.bulk_create(missing))


def _load_faults() -> int:
    known = set(FaultCategory.objects.values_list("code", flat=True))
    words = {row["code"]: row for row in rows("fault_words")}
    missing = [row for row in rows("fault_taxonomy") if row["code"] not in known]
    faults = FaultCategory.objects.bulk_create(_fault(row, words[row["code"]]) for row in missing)
    trades = Trade.objects.in_bulk(field_name="code")
    written = written_trades()
    link = FaultCategory.trades.through
    link.objects.bulk_create(
        link(faultcategory=fault, trade=trades[written[trade]])
        for fault, row in zip(faults, missing, strict=True)
        for trade in row["trade"].split("|")
    )
    return len(faults)


def _fault(row: dict[str, str], words: dict[str, str]) -> FaultCategory:
    return FaultCategory(
        code=row["code"],
        area=row["area"],
        component=row["component"],
        fault=row["fault"],
        synonyms=words["synonyms"],
        default_level=int(row["default_level"]),
        coverage=words["coverage"],
        place=row["public_or_private"],
        typical_minutes=int(row["typical_minutes"]),
        materials=row["typical_materials"],
    )


def _load_scripts() -> int:
    known = set(Script.objects.values_list("code", flat=True))
    shipped = json.loads((HERE / "scripts.json").read_text(encoding="utf-8"))
    missing = [Script(**row) for row in shipped if row["code"] not in known]
    return len(Script.objects.bulk_create(missing))
