"""Addresses of pages, put together from parts that are looked up once.

Django's `reverse` walks the whole URLconf's candidates each time; a page of a ticket asks
for twenty addresses that differ in the ticket's number alone.
"""

import re
from functools import cache
from typing import Any

from django.urls import NoReverseMatch, get_script_prefix, reverse

# What every converter takes as it is, so that nothing has to be quoted.
PLAIN = re.compile(r"[0-9A-Za-z_-]+")
# Values that stand in an address for the arguments to come; no other part looks like them.
NUMBERS, WORDS = (880_000_001, 880_000_002, 880_000_003), ("zq-0-1", "zq-0-2", "zq-0-3")


def address(name: str, *args: Any) -> str:
    """What `reverse(name, args=args)` gives; raises NoReverseMatch like it."""
    if len(args) <= len(WORDS) and all(isinstance(arg, (int, str)) for arg in args):
        parts = _parts(get_script_prefix(), name, tuple(isinstance(arg, int) for arg in args))
        if parts and all(PLAIN.fullmatch(str(arg)) for arg in args):
            middle = "".join(f"{arg}{part}" for arg, part in zip(args, parts[1:], strict=True))
            return f"{parts[0]}{middle}"
    return reverse(name, args=args)


@cache
def _parts(prefix: str, name: str, numeric: tuple[bool, ...]) -> list[str] | None:
    """The fixed parts around the arguments; None where an argument may not be just anything.

    Whole words are asked for, so a converter that wants more than a word (a UUID, a
    path, a pattern of its own) says no here and Django's way is taken.
    """
    stand_ins = [NUMBERS[place] if number else WORDS[place] for place, number in enumerate(numeric)]
    try:
        rest = reverse(name, args=stand_ins)
    except NoReverseMatch:
        return None
    parts = []
    for value in stand_ins:
        before, found, rest = rest.partition(str(value))
        if not found:
            return None
        parts.append(before)
    return [*parts, rest]
