"""Places on a page that a floor above may fill, announced from ``AppConfig.ready`` like `core.panels`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class Slot:
    """What fills a place: `read` gives what `template` shows as `slot` for the subject, None for nothing."""

    place: str
    slug: str
    template: str
    read: Callable[[HttpRequest, Any], Mapping[str, Any] | None]


_slots: dict[tuple[str, str], Slot] = {}


def register(slot: Slot) -> None:
    """Announce a filling; announcing the same place and slug again replaces it."""
    _slots[slot.place, slot.slug] = slot


def filled(place: str, request: HttpRequest, subject: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """Template and content of each filling of a place that has something to show."""
    found = ((slot.template, slot.read(request, subject)) for slot in _slots.values() if slot.place == place)
    return [(template, content) for template, content in found if content is not None]
