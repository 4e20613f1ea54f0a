"""Who does something to a ticket: staff, the owner through a link, or the system."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Actor:
    """The one who acts. An owner's right is bound to one ticket; the system's to none."""

    kind: str
    name: str
    user: "User | None" = None
    ticket_id: int | None = None

    @classmethod
    def staff(cls, user: "User") -> "Actor":
        """A signed-in user."""
        return cls("staff", user.get_full_name(), user=user)

    @classmethod
    def owner(cls, *, ticket_id: int, name: str) -> "Actor":
        """An owner whose link and phone digits were checked for this one ticket."""
        return cls("owner", name, ticket_id=ticket_id)

    @classmethod
    def system(cls, name: str = "系统") -> "Actor":
        """A schedule, an import or a sensor."""
        return cls("system", name)

    def has_perm(self, perm: str) -> bool:
        """Whether this is a user with that permission."""
        return self.user is not None and self.user.has_perm(perm)
