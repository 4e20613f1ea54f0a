"""Reads of the knowledge floor: what to say about a fault, and which fault a caller means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.rows import Query, prepared_cursor
from knowledge.models import Department, FaultCategory, Script

EXACT, PREFIX, CONTAINS, PIECES, SAID = range(5)
SHORTEST_PIECE = 2
LONGEST_TEXT = 40


@dataclass(frozen=True)
class Scripts:
    """Words for one fault at one moment; `more` holds the talk of the other moments."""

    talk: list[Script] = field(default_factory=list)
    rescue: list[Script] = field(default_factory=list)
    more: list[Script] = field(default_factory=list)


ACTIVE = Query("FROM knowledge_faultcategory fault WHERE fault.id = %s AND fault.active", fault=FaultCategory)


# Every list of tickets offers them.
DEPARTMENTS = 'SELECT id, name FROM knowledge_department ORDER BY "order", id'


def department_choices() -> list[tuple[int, str]]:
    """Key and name of every department label, in their order."""
    with prepared_cursor() as cursor:
        cursor.execute(DEPARTMENTS)
        return cursor.fetchall()


def find_department(pk: int) -> Department | None:
    """The label of this key that may be given."""
    return Department.objects.filter(active=True, pk=pk).first()


def find_active(pk: int) -> FaultCategory | None:
    """The fault of this key, if it is in use."""
    found = ACTIVE.first(pk)
    return found[0] if found else None


def scripts_for(
    fault: FaultCategory | None,
    moment: str = Script.Moment.INTAKE,
    values: Mapping[str, str] | None = None,
) -> Scripts:
    """The active scripts that fit a fault, one query (IN-15).

    Those written for the fault come first, then those for every call. Without
    a fault only the general ones are given. Each carries its text as `words`,
    with `values` ({"房号": "3栋1201"}) put in and the rest left as 〔时段〕.
    """
    code = fault.code if fault else ""
    fitting = [script for script in Script.objects.filter(active=True) if _fits(script, code)]
    for script in fitting:
        script.words = fill(script.body, values or {})
    fitting.sort(key=lambda script: (not script.fault_prefixes, _place(script, code), script.code))
    talk = [script for script in fitting if script.kind == Script.Kind.TALK]
    return Scripts(
        talk=[script for script in talk if script.moment == moment],
        rescue=[script for script in fitting if script.kind == Script.Kind.RESCUE],
        more=[script for script in talk if script.moment != moment],
    )


def fill(text: str, values: Mapping[str, str]) -> str:
    """A script's text with {房号} and the like replaced; a value not known stays as a blank to say."""
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1]) or f"〔{found[1]}〕", text)


def _fits(script: Script, code: str) -> bool:
    prefixes = script.fault_prefixes.split()
    return not prefixes or (bool(code) and code.startswith(tuple(prefixes)))


def _place(script: Script, code: str) -> int:
    """Where the fault stands among the script's prefixes: a guide names its own faults first."""
    prefixes = script.fault_prefixes.split()
    return next((place for place, prefix in enumerate(prefixes) if code.startswith(prefix)), len(prefixes))


def find_faults(text: str, limit: int = 8, *, at: str = "") -> list[FaultCategory]:
    """The active faults that a caller's words fit, best first, one query.

    `text` is a code, part of a name, or what callers say (口语说法); every word
    of it must fit. A word that equals a synonym goes before one that begins
    with it, that before one that contains it; then come words that fall apart
    into pieces of the fault (厨房漏水), and sentences that hold a synonym
    (厕所马桶堵了). `at` is the name of the public place meant: what belongs there goes first
    (the door of 3栋电梯 is the lift's). Empty for an empty text.
    """
    words = re.findall(r"[\w./-]+", text[:LONGEST_TEXT].casefold())
    if not words:
        return []
    found = []
    # A hundred rows read afresh cost a millisecond and are never out of date.
    for fault in FaultCategory.objects.filter(active=True):
        terms = _terms(fault)
        ranks = [rank for word in words if (rank := _rank(word, terms)) is not None]
        if len(ranks) == len(words):
            elsewhere = fault.area not in at
            found.append((elsewhere, [sum(part) for part in zip(*ranks, strict=True)], fault.code, fault))
    found.sort(key=lambda hit: hit[:3])
    return [hit[-1] for hit in found[:limit]]


def _terms(fault: FaultCategory) -> list[str]:
    """Everything a fault is called, what callers say most first."""
    names = re.split(r"[/、()（）]", f"{fault.fault}/{fault.component}/{fault.area}")
    return [
        *fault.synonyms.casefold().split(),
        *filter(None, map(str.casefold, names)),
        fault.code.casefold(),
    ]


def _rank(word: str, terms: list[str]) -> tuple[int, int] | None:
    """How well a word fits, smaller is better; the second number breaks ties. None if it does not fit."""
    if word in terms:
        return EXACT, terms.index(word)
    for rank, fits in ((PREFIX, str.startswith), (CONTAINS, str.__contains__)):
        for place, term in enumerate(terms):
            if fits(term, word):
                return rank, place
    if _falls_apart(word, terms):
        return PIECES, 0
    said = max((len(term) for term in terms if len(term) >= SHORTEST_PIECE and term in word), default=0)
    return (SAID, -said) if said else None


def _falls_apart(word: str, terms: list[str]) -> bool:
    """Whether the word is a row of pieces that each stand in some name of the fault."""
    if any(word in term for term in terms):
        return True
    cuts = range(SHORTEST_PIECE, len(word) - SHORTEST_PIECE + 1)
    return any(any(word[:cut] in term for term in terms) and _falls_apart(word[cut:], terms) for cut in cuts)
