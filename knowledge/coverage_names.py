"""What the components are called that faults name by their code: the warranty floor above knows (OR-02)."""

from collections.abc import Callable, Mapping

Names = Mapping[str, str]
_sources: list[Callable[[], Names]] = []


def register(source: Callable[[], Names]) -> None:
    """Take the names from here; called by the floor that keeps the terms, when it is ready."""
    _sources.append(source)


def names() -> Names:
    """The names by code; empty while no term is known."""
    return {code: name for source in _sources for code, name in source().items()}
