"""Whether the history of tickets is still what was written: numbers, hashes, and where the ticket stands.

Each event carries the hash of its content and of the event before; the database
computes them on insert. Whoever changes a row behind the database's back breaks
the chain here. Somebody who may disable triggers could compute every later hash
anew; against that helps a copy kept elsewhere (the backup), not this command.
"""

from dataclasses import dataclass

from django.db import connection

from tickets.models import Ticket

# Named one by one; a whole table gone wrong needs no list of a million rows.
MOST = 1000

EVENTS = """
    SELECT t.number, e.seq,
           CASE WHEN e.seq <> coalesce(e.last_seq, 0) + 1 THEN 'gap'
                WHEN e.prev_hash <> coalesce(e.last_hash, '') THEN 'link'
                WHEN e.expected <> e.hash THEN 'content'
                WHEN e.from_status <> coalesce(e.last_status, '') THEN 'status'
           END AS problem
      FROM (SELECT ticket_id, seq, prev_hash, hash, from_status,
                   tickets_event_hash(row) AS expected,
                   lag(seq) OVER chain AS last_seq,
                   lag(hash) OVER chain AS last_hash,
                   lag(to_status) OVER chain AS last_status
              FROM tickets_ticketevent row
             WHERE %(ticket)s::bigint IS NULL OR ticket_id = %(ticket)s
            WINDOW chain AS (PARTITION BY ticket_id ORDER BY seq)) e
      JOIN tickets_ticket t ON t.id = e.ticket_id
"""
ENDS = """
    SELECT t.number, coalesce(last.seq, 0), 'end'
      FROM tickets_ticket t
      LEFT JOIN LATERAL (SELECT seq, to_status FROM tickets_ticketevent
                          WHERE ticket_id = t.id ORDER BY seq DESC LIMIT 1) last ON true
     WHERE (%(ticket)s::bigint IS NULL OR t.id = %(ticket)s)
       AND (last.seq IS DISTINCT FROM t.version OR last.to_status IS DISTINCT FROM t.status)
"""
QUERY = (
    f"SELECT * FROM ({EVENTS}) found WHERE problem IS NOT NULL UNION ALL {ENDS} ORDER BY 1, 2 LIMIT {MOST}"
)

PROBLEMS = {
    "gap": "前面缺少事件，或多出事件",
    "link": "与前一事件接不上",
    "content": "内容与哈希不符",
    "status": "起点与前一事件的终点不符",
    "end": "最后的事件与工单现在的状态不符",
}


@dataclass(frozen=True)
class Break:
    """A place where a ticket's history is not what was written."""

    number: str
    seq: int
    problem: str

    def __str__(self) -> str:
        return f"{self.number} 第{self.seq}条：{PROBLEMS[self.problem]}"


def verify(ticket: Ticket | None = None) -> list[Break]:
    """The breaks in the chain of one ticket, or of all (at most MOST); empty when everything holds."""
    with connection.cursor() as cursor:
        cursor.execute(QUERY, {"ticket": ticket.pk if ticket else None})
        return [Break(*row) for row in cursor.fetchall()]
