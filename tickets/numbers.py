"""Ticket numbers: estate, day, serial: BJHY-261121-0042 (IN-02)."""

from datetime import datetime

from tickets.calendars import SHANGHAI

# The sequence behind them: no number was ever given before, and no two registrations wait for each other.
SERIAL = "tickets_serial"


def number_of(serial: int, *, estate_code: str, at: datetime) -> str:
    """The number of the ticket that drew this serial."""
    return f"{estate_code}-{at.astimezone(SHANGHAI):%y%m%d}-{serial:04d}"
