"""Who may know what of a place: pure predicates over a user."""

from typing import Any


def knows_inside(user: Any) -> bool:
    """Whether a user may read what is kept for the company's own people (IN-19).

    Superusers and holders of an inside role may; contractors, third parties and
    users without any role may not.
    """
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or user.is_inside
