"""Finding tickets by pieces of their words: two Chinese characters, a number's last digits (IN-03).

Every ticket's words are cut into pairs of characters and kept in a table of their own, each
piece with the estate before it, so that a search within one estate touches that estate's
tickets alone. A schedule cuts the new ones, so that registering waits for nothing; those that
are not cut yet are few and are read one by one.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.rows import prepared_cursor
from estates.models import Estate
from tickets.models import Ticket, TicketEvent, TicketWords

BATCH = 2000
# How far back a registration that took long to commit may lie, in tickets.
OVERTAKEN = 5000
# Newest tickets that are looked through before the index is asked: a common word stands in them.
NEWEST = 3000
FEW_ESTATES = 8
NOT_CUT_YET = 300
SHORTEST_SERIAL = 3
LONGEST_TEXT = 600
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]+")
_LATIN = re.compile(r"[a-z0-9]{2,}")
# A number of more digits is somebody's phone.
_SERIAL = re.compile(r"\d{3,8}")
_DATED = re.compile(r"(?:[a-z0-9]{2,12}-)?\d{6}-(\d{3,8})", re.IGNORECASE)
# Shorter letters are initials; digits and dashes a dwelling.
_WORDS = re.compile(r"[a-z]{3,}(?:\s+[a-z]{3,})*", re.IGNORECASE)
WANTED = """
WITH wanted AS MATERIALIZED (
    SELECT estate.id, (SELECT array_agg(estate.id || ':' || piece) FROM unnest(%s::text[]) AS piece) AS pieces
      FROM unnest(%s::bigint[]) AS estate(id)
)
"""
NEW = """
SELECT words.ticket_id
  FROM (SELECT * FROM tickets_ticketwords ORDER BY ticket_id DESC LIMIT %s) words
  JOIN wanted ON wanted.id = words.estate_id
 WHERE words.pieces @> wanted.pieces
 ORDER BY words.ticket_id DESC LIMIT %s
"""
# MATERIALIZED, or the planner walks through all tickets by date in the hope of an early end.
ALL = """
SELECT found.ticket_id FROM wanted CROSS JOIN LATERAL (
    WITH hit AS MATERIALIZED (
        SELECT words.ticket_id FROM tickets_ticketwords words WHERE words.pieces @> wanted.pieces
    ) SELECT ticket_id FROM hit ORDER BY ticket_id DESC LIMIT %s
) found ORDER BY found.ticket_id DESC LIMIT %s
"""


def pieces(text: str) -> set[str]:
    """Pairs of Chinese characters, and words of letters and digits: 厨房漏水 → 厨房, 房漏, 漏水."""
    text = unicodedata.normalize("NFKC", text).casefold()
    found = set(_LATIN.findall(text))
    for run in _HAN.findall(text):
        found.update(run[place : place + 2] for place in range(len(run) - 1))
    return found


def pieces_of(ticket: Ticket) -> set[str]:
    """Everything a ticket can be found by besides its number's beginning, phone and dwelling."""
    fault = ticket.fault
    texts = [ticket.description[:LONGEST_TEXT], ticket.place_label, ticket.reporter_name]
    if fault:
        texts += [fault.area, fault.component, fault.fault]
    serial = ticket.number.rsplit("-", 1)[-1]
    ends = {f"#{serial[start:]}" for start in range(len(serial) - SHORTEST_SERIAL + 1)}
    return {piece for text in texts for piece in pieces(text)} | ends


def asked(text: str) -> set[str]:
    """The pieces a ticket must have to answer this; empty for what is too short or no words of a ticket."""
    text = unicodedata.normalize("NFKC", text).strip()
    if _SERIAL.fullmatch(text):
        return {f"#{text}"}
    if dated := _DATED.fullmatch(text):
        return {f"#{dated[1]}"}
    if text.isascii() and not _WORDS.fullmatch(text):
        return set()
    return pieces(text)


def find(user: Any, text: str, limit: int) -> list[int]:
    """Keys of the newest tickets in the user's scope that hold all pieces of the text."""
    wanted = asked(text)
    if not wanted:
        return []
    newest = _not_cut_yet(user, wanted)[:limit]
    if len(newest) < limit:
        newest += _cut(user, sorted(wanted), limit - len(newest))
    return newest


def _not_cut_yet(user: Any, wanted: set[str]) -> list[int]:
    last = Coalesce(Subquery(TicketWords.objects.order_by("-pk").values("pk")[:1]), 0)
    rows = Ticket.objects.visible_to(user).filter(pk__gt=last).select_related("fault").order_by("-pk")
    return [ticket.pk for ticket in rows[:NOT_CUT_YET] if wanted <= pieces_of(ticket)]


def _cut(user: Any, wanted: list[str], limit: int) -> list[int]:
    if user.sees_all_estates:
        estates = list(Estate.objects.order_by().values_list("pk", flat=True))
    else:
        estates = list(user.estate_ids())
    with prepared_cursor() as cursor:
        if len(estates) > FEW_ESTATES:
            cursor.execute(WANTED + NEW, [wanted, estates, NEWEST, limit])
            found = [row[0] for row in cursor.fetchall()]
            if len(found) == limit:
                return found
        cursor.execute(WANTED + ALL, [wanted, estates, limit, limit])
        return [row[0] for row in cursor.fetchall()]


def cut_new(*, now: datetime) -> int:
    """Cut the words of the tickets that have none yet, and of those completed lately; returns how many.

    May run twice: the second run finds nothing to do.
    """
    total = 0
    last = TicketWords.objects.aggregate(last=Max("pk"))["last"] or 0
    waiting = Ticket.objects.filter(pk__gt=last - OVERTAKEN, words__isnull=True).order_by("pk")
    while rows := list(waiting.select_related("fault")[:BATCH]):
        total += cut(rows)
    completed = TicketEvent.objects.filter(name="complete_details", at__gt=now - timedelta(minutes=10))
    rows = Ticket.objects.filter(pk__in=completed.values("ticket_id")).select_related("fault")
    return total + cut(rows)


def cut(tickets: Iterable[Ticket] | QuerySet[Ticket]) -> int:
    """Write the pieces of these tickets; returns how many there were."""
    rows: Sequence[TicketWords] = [
        TicketWords(
            ticket=ticket,
            estate_id=ticket.estate_id,
            pieces=sorted(f"{ticket.estate_id}:{piece}" for piece in pieces_of(ticket)),
        )
        for ticket in tickets
    ]
    TicketWords.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["ticket"], update_fields=["estate_id", "pieces"]
    )
    return len(rows)
