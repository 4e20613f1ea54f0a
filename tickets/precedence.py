"""What goes before everything else for a while: said by the floor above, asked by every list (DI-09).

The emergency mode registers its source from `AppConfig.ready`; lists put what it names first and
show its words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Precedence:
    """Tickets of these estates with these faults go first; `words` say why.

    `notice` is a sentence for whoever takes a call from one of the estates.
    """

    estates: frozenset[int]
    faults: frozenset[int]
    words: str
    notice: str = ""


Source = Callable[[datetime], Sequence[Precedence]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Announce who knows; announcing the same one again changes nothing."""
    if source not in _sources:
        _sources.append(source)


def in_force(at: datetime) -> list[Precedence]:
    """Every precedence that holds at this moment."""
    return [each for source in _sources for each in source(at)]


def in_estate(estate_id: int, *, at: datetime) -> list[str]:
    """The notices of what goes before everything else in this estate now."""
    return [each.notice or each.words for each in in_force(at) if estate_id in each.estates]


def words_for(rules: Sequence[Precedence], *, estate_id: int, fault_id: int | None) -> str:
    """Why a ticket goes first; empty where it does not."""
    found = (each.words for each in rules if estate_id in each.estates and fault_id in each.faults)
    return next(found, "")
