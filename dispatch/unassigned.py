"""Tickets that nobody has yet, and why not: a panel of the desk's first page (SL-09)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from dispatch import queries
from dispatch.models import Proposal
from tickets.models import Ticket

ROWS = 8


@dataclass(frozen=True)
class Unassigned:
    """A ticket without a worker; `stuck` when the machine found nobody either."""

    ticket: Ticket
    why: str
    stuck: bool
    late: bool


def panel(user: User, at: datetime) -> Mapping[str, Any]:
    """What templates/dispatch/_unassigned.html shows."""
    waiting = queries.waiting(user)
    rows = [
        Unassigned(ticket, *reason(ticket), late=ticket.due is not None and ticket.due < at)
        for ticket in waiting[:ROWS]
    ]
    return {"rows": rows, "count": waiting.order_by().count()}


def reason(ticket: Ticket) -> tuple[str, bool]:
    """Why this ticket of `queries.waiting` has no worker, and whether nobody can be found for it."""
    proposal: Proposal | None = next(iter(ticket.open_proposals), None)
    if proposal is None:
        return "系统建议还没有生成", False
    if proposal.candidates:
        return f"建议{proposal.candidates[0]['name']}，等待复核", False
    if not proposal.excluded:
        return "没有人负责这个项目", True
    counted = Counter(each["reason"] for each in proposal.excluded).most_common(3)
    return "找不到合适的人：" + "、".join(f"{words}{number}人" for words, number in counted), True
