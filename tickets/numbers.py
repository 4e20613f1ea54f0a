"""Ticket numbers: estate, day, serial: BJHY-261121-0042 (IN-02)."""

from datetime import datetime

from core.rows import prepared_cursor
from tickets.calendars import SHANGHAI


def next_number(*, estate_code: str, at: datetime) -> str:
    """A number that was never given before; no two registrations wait for each other for it."""
    with prepared_cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_serial')")
        serial = cursor.fetchone()[0]
    return f"{estate_code}-{at.astimezone(SHANGHAI):%y%m%d}-{serial:04d}"
