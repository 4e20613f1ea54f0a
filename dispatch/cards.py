"""What a worker has to know before going: materials, history, care, the manager's visit (DI-05)."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.models import User
from dispatch.models import Visit
from estates.models import CareFlag
from estates.queries import care_kinds, hints_for
from tickets import kind_pages, kinds, pages, requirements
from tickets.models import Acceptance, Errand, Status, Ticket

# So many of the last repairs of the same fault say what was really used.
LOOKED_AT = 30
SHOWN = 8
HISTORY = 5
_BETWEEN = re.compile(r"[|、，,;；/\n]+|\s+")
# "角阀×2", "生料带 1卷": how much of it is no part of the name.
_AMOUNT = re.compile(r"[×xX*]\s*\d+\S*$|\d+(\.\d+)?\s*(个|只|米|卷|套|根|件|片|桶|袋|支|块|瓶)?$")
DONE = [Status.COMPLETED, Status.CLOSED, Status.ARCHIVED]


@dataclass(frozen=True)
class Material:
    """To bring: `used` in so many `of` the last repairs of this fault; `listed` in the taxonomy."""

    name: str
    used: int
    of: int
    listed: bool

    @property
    def words(self) -> str:
        """阀芯（近20次用过15次）"""
        return f"{self.name}（近{self.of}次用过{self.used}次）" if self.used else self.name


@dataclass(frozen=True)
class Earlier:
    """A past repair of the same dwelling or place, without anybody's name."""

    at: datetime
    fault: str
    done: str
    same: bool


def materials(ticket: Ticket) -> list[Material]:
    """What to bring: what the last repairs of this fault really used, the most often first, then the list."""
    if ticket.fault is None:
        return []
    latest = Ticket.objects.filter(fault=ticket.fault_id, status__in=DONE).exclude(pk=ticket.pk)
    sheets = Acceptance.objects.filter(ticket__in=latest.order_by("-pk").values("pk")[:LOOKED_AT])
    texts = [text for text in sheets.values_list("materials", flat=True) if text.strip()]
    used = Counter(name for text in texts for name in set(names_in(text)))
    listed = names_in(ticket.fault.materials)
    order = {name: place for place, name in enumerate(listed)}
    found = sorted({*listed, *used}, key=lambda name: (-used[name], order.get(name, len(order)), name))
    return [Material(name, used[name], len(texts), name in order) for name in found[:SHOWN]]


def names_in(text: str) -> list[str]:
    """The materials that a line names, without amounts, each once."""
    names = (_AMOUNT.sub("", part).strip() for part in _BETWEEN.split(text))
    return list(dict.fromkeys(name for name in names if name))


def history(ticket: Ticket) -> list[Earlier]:
    """The last repairs of this dwelling or public place: what and when, never who."""
    if not (ticket.unit_id or ticket.place_id):
        return []
    here = {"unit": ticket.unit_id} if ticket.unit_id else {"place": ticket.place_id}
    work = Acceptance.objects.filter(ticket=OuterRef("pk")).order_by("-round").values("work_done")[:1]
    # What was answered with words was no repair, and a complaint may be about whoever reads this.
    rows = Ticket.objects.filter(kind__in=kinds.SENT, **here).exclude(pk=ticket.pk).select_related("fault")
    rows = rows.annotate(work=Subquery(work)).order_by("-registered_at", "-pk")[:HISTORY]
    return [
        Earlier(
            row.registered_at,
            row.problem,
            row.work or row.get_status_display(),
            row.fault_id is not None and row.fault_id == ticket.fault_id,
        )
        for row in rows
    ]


def card(ticket: Ticket, user: User, *, at: datetime) -> dict[str, Any]:
    """Everything of the dispatch card, for the worker's phone and for paper, except its clocks."""
    visit = Visit.objects.filter(ticket=ticket, state=Visit.State.BOOKED).first()
    manager = ticket.errands.filter(kind=Errand.Kind.MANAGER, round=ticket.round).select_related("done_by")
    ruling = requirements.ruling_of(ticket)
    return {
        "ticket": ticket,
        "asked": kind_pages.said(ticket),
        "now": at,
        "visit": visit,
        "materials": materials(ticket),
        "history": history(ticket),
        "care": [CareFlag.Kind(kind).label for kind in care_kinds(ticket.owner)] if ticket.owner else [],
        "hints": hints_for(user, **pages.whereabouts(ticket)),
        "manager_visit": manager.first(),
        "ruling": ruling,
        "covered": (ruling.get_covered_display() if ruling else "") or ticket.get_covered_display(),
        "closed_doors": ticket.events.filter(name="no_access", round=ticket.round).count(),
    }
