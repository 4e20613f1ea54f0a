"""The fault taxonomy with its trades, and the scripts and self-rescue guides (IN-15, domain.md §2, §6).

`fault_taxonomy.csv` is the taxonomy as published, and DW10 which it lacks; `fault_words.csv` adds what
callers say and the component of warranty that covers it; `trades.csv` names
every trade the taxonomy writes, and whether it needs a certificate.
"""

import csv
import json
from pathlib import Path
from typing import Any

from knowledge.models import Department, FaultCategory, Script, Trade

HERE = Path(__file__).parent
# Prying locks and breaking doors: S3 asks for the owner's written application (IN-14).
DESTRUCTIVE = {"DW10"}
# What callers say as shipped before words were added, by fault: nobody here has written others.
EARLIER_SYNONYMS = {"LI02": "电梯坏了 电梯停了 电梯不动 电梯不走 电梯停运 电梯按不动 坐不了电梯"}
ABBREVIATED = r"^S[1-5]( S[1-5])*$"


def load() -> int:
    """Create the departments, trades, faults and scripts that are missing; return how many."""
    return _load_departments() + _load_trades() + _load_faults() + _renew_synonyms() + _load_scripts()


# Whose matter a thing is (IN-11), by code; the order is that of the lists.
DEPARTMENTS = {
    "engineering": "工程",
    "cleaning": "保洁",
    "security": "安保",
    "green": "绿化",
    "service": "客服",
    "parking": "车场",
    "complaint": "投诉",
}
# Faults are the engineers' matter but for these.
OTHER_DEPARTMENT = {"OT01": "service"}
# Machines with a plate: nobody is sent without model and picture.
DEVICES = {"LI01", "LI02", "LI03", "FF01", "FF02", "PB04"}


def _load_departments() -> int:
    known = set(Department.objects.values_list("code", flat=True))
    missing = [
        Department(code=code, name=name, order=place * 10)
        for place, (code, name) in enumerate(DEPARTMENTS.items(), start=1)
        if code not in known
    ]
    return len(Department.objects.bulk_create(missing))


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
    departments = Department.objects.in_bulk(field_name="code")
    faults = FaultCategory.objects.bulk_create(
        _fault(row, words[row["code"]], departments) for row in missing
    )
    trades = Trade.objects.in_bulk(field_name="code")
    written = written_trades()
    link = FaultCategory.trades.through
    link.objects.bulk_create(
        link(faultcategory=fault, trade=trades[written[trade]])
        for fault, row in zip(faults, missing, strict=True)
        for trade in row["trade"].split("|")
    )
    return len(faults)


def _renew_synonyms() -> int:
    """Bring the words of callers up to date where they stand as shipped earlier."""
    words = {row["code"]: row["synonyms"] for row in rows("fault_words")}
    return sum(
        FaultCategory.objects.filter(code=code, synonyms=earlier).update(synonyms=words[code])
        for code, earlier in EARLIER_SYNONYMS.items()
    )


def _fault(row: dict[str, str], words: dict[str, str], departments: dict[str, Department]) -> FaultCategory:
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
        department=departments.get(OTHER_DEPARTMENT.get(row["code"], "engineering")),
        needs_device=row["code"] in DEVICES,
        destructive=row["code"] in DESTRUCTIVE,
    )


def _load_scripts() -> int:
    known = set(Script.objects.values_list("code", flat=True))
    shipped = json.loads((HERE / "scripts.json").read_text(encoding="utf-8"))
    missing = [Script(**row) for row in shipped if row["code"] not in known]
    return len(Script.objects.bulk_create(missing)) + _name_sources(shipped)


def _name_sources(shipped: list[dict[str, Any]]) -> int:
    """Earlier versions wrote abbreviations of our own (S4 S5) as the source; their names stand there now."""
    ours = Script.objects.filter(source__regex=ABBREVIATED)
    named = {row["code"]: row["source"] for row in shipped}
    return sum(
        Script.objects.filter(pk=script.pk).update(source=named[script.code])
        for script in ours
        if script.code in named
    )
