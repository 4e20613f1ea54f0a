"""Statutory minimum periods: no promise and no admin may go below them (WA-02, domain.md §1.1).

Sources: contractor to developer L1 §40 and L2 §7; developer to owner L3 §5;
insulation L6 §23. Numbers are months, or seasons for heating and cooling.
"""

from typing import NamedTuple


class Floor(NamedTuple):
    """The least a contractor owes the developer, and the developer the owner; None where nothing is set."""

    kind: str
    contractor: int | None
    owner: int | None


FLOORS = {
    "FOUND": Floor("design_life", None, None),
    "ROOF_WP": Floor("months", 60, 36),
    "WET_WP": Floor("months", 60, 12),
    "WINDOW_WP": Floor("months", 60, None),
    "HVAC_HEAT": Floor("heating", 2, 1),
    "HVAC_COOL": Floor("cooling", 2, 1),
    "MEP": Floor("months", 24, None),
    "DECO": Floor("months", 24, None),
    "PLASTER": Floor("months", 24, 12),
    "FLOOR": Floor("months", 24, 12),
    "INFILL": Floor("months", 24, None),
    "DOOR_HW": Floor("months", None, 12),
    "DRAIN": Floor("months", None, 2),
    "SANITARY": Floor("months", None, 12),
    "LAMP": Floor("months", None, 6),
    "INSUL": Floor("months", 60, None),
}


def floor_of(component: str) -> Floor | None:
    """The statutory minimum of a component code, None where the law leaves it to the parties."""
    return FLOORS.get(component)
