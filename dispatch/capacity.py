"""How much more a worker can take, and what of it is kept free for emergencies: pure (DI-08)."""

from dataclasses import dataclass

# The only level that may use what is kept free.
EMERGENCY = 1


def reserve_left(*, capacity: int, load: int, reserve: int) -> int:
    """How many of the reserved places are still free, given tickets in hand; pure, never negative."""
    return max(0, min(reserve, capacity - load))


def places_for(level: int, *, capacity: int, load: int, reserve: int) -> int:
    """How many more tickets of this level fit: level 1 may use the reserve, others may not; pure."""
    free = max(0, capacity - load)
    return free if level == EMERGENCY else free - reserve_left(capacity=capacity, load=load, reserve=reserve)


@dataclass(frozen=True)
class Capacity:
    """Tickets in hand, how many are allowed, and how many places are kept for level 1."""

    capacity: int
    load: int
    reserve: int

    @property
    def tone(self) -> str:
        """The colour of the load: full, only the reserve left, two thirds, or free."""
        if self.load >= self.capacity:
            return "danger"
        if not places_for(EMERGENCY + 1, capacity=self.capacity, load=self.load, reserve=self.reserve):
            return "warn"
        return "warn" if self.load * 3 >= self.capacity * 2 else "ok"

    @property
    def reserve_left(self) -> int:
        """Places for emergencies that are still free."""
        return reserve_left(capacity=self.capacity, load=self.load, reserve=self.reserve)
