"""How a dwelling is written: 3栋 2单元 1201 is 3-2-1201 on the desk's screen."""

import re
import unicodedata

_BUILDING_END = re.compile(r"(?:号楼|号|栋|幢|座|楼|#)$")
_ENTRANCE_END = re.compile(r"(?:单元|门|梯)$")
_ROOM_END = re.compile(r"(?:室|号|房)$")
_SPOKEN = re.compile(
    r"(?P<building>[0-9A-Z]{1,6})(?:号楼|栋|幢|座|#)"
    r"(?:(?P<entrance>[0-9A-Z]{1,4})(?:单元|门|梯))?"
    r"(?P<room>[0-9A-Z]{0,8})[室号房]?",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """Half-width, without blanks, dashes of all kinds as `-`."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"[‐‑‒–—―−－_/]", "-", re.sub(r"\s+", "", text))


def building_name(text: str) -> str:
    """A bare number is a 栋: 3 → 3栋; anything else stays as typed."""
    text = clean(text)
    return f"{text}栋" if text.isascii() and text.isalnum() else text


def entrance_name(text: str) -> str:
    """A bare number is a 单元: 2 → 2单元."""
    text = clean(text)
    return f"{text}单元" if text.isascii() and text.isalnum() else text


def room_name(text: str) -> str:
    """The door's number without 室: 1201室 → 1201."""
    return _ROOM_END.sub("", clean(text)).upper()


def building_key(name: str) -> str:
    """What two spellings of one building share: 3栋, 3号楼 and 3# are all 3."""
    return _BUILDING_END.sub("", clean(name)).upper()


def entrance_key(name: str) -> str:
    """What two spellings of one entrance share: 2单元 and 2 are 2."""
    return _ENTRANCE_END.sub("", clean(name)).upper()


def label(building: str, entrance: str, room: str) -> str:
    """`3栋`, `2单元`, `1201` → `3-2-1201`; without entrance `3-1201`."""
    parts = building_key(building), entrance_key(entrance), room_name(room)
    return "-".join(filter(None, parts))


def spoken_label(text: str) -> str:
    """The beginning of a label out of what was typed (`3栋2单元1201`, `3-2-1201`), or "" when it is none."""
    text = clean(text).upper()
    if re.fullmatch(r"[0-9A-Z]{1,8}(?:-[0-9A-Z]{0,8}){1,3}", text):
        return text
    if found := _SPOKEN.fullmatch(text):
        parts = [found["building"], found["entrance"], found["room"]]
        return "-".join(filter(None, parts)) + ("" if found["room"] else "-")
    return ""
