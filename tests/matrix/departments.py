"""The rows of requests to other departments and of the weekly list (DI-11)."""

from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import User
from coordination import presets as counterparts
from coordination.models import Counterpart, Request, RequestEvent, RequestFile, WeeklyItem, WeeklyList
from tests.house import AT
from tests.matrix.row import page
from tickets.models import Ticket

# Asking other departments is for those who work on tickets; front desk and housekeepers look on.
LISTS = "200 see stranger root; 403"
COORDINATES = "clerk dispatcher engineer supervisor manager root"
COORDINATION = (f"{{}} {COORDINATES}; 403 see worker; 404", f"422 {COORDINATES}; 404 stranger; 403")
SEES_COORDINATION = "200 see root; 404 stranger; 403"
DECIDES = "422 clerk supervisor manager root; 403"

ROWS = {
    # -- what other departments owe
    "coordination_list": page(LISTS),
    "coordination_export": page("200 clerk engineer supervisor manager director root; 403", path="=xlsx"),
    "coordination_new": page(f"200 {COORDINATES} stranger; 403", f"422 {COORDINATES} stranger; 403"),
    "coordination_ticket": page(COORDINATION[0].format(200), COORDINATION[0].format(422), path="scheduled"),
    "coordination_request": page(SEES_COORDINATION, path="coordination"),
    "coordination_remind": page("405", COORDINATION[1], path="coordination"),
    "coordination_answer": page("405", COORDINATION[1], path="coordination"),
    "coordination_change": page("405", COORDINATION[1], path="coordination"),
    "coordination_end": page("405", COORDINATION[1], path="coordination"),
    "coordination_file": page(SEES_COORDINATION, path="coordination_file"),
    "coordination_file_thumb": page(SEES_COORDINATION, path="coordination_file"),
    "coordination_weeks": page(LISTS),
    "coordination_week_make": page("405", DECIDES),
    "coordination_week": page(SEES_COORDINATION, path="week"),
    "coordination_week_print": page(SEES_COORDINATION, path="week"),
    "coordination_week_close": page("405", DECIDES, path="week"),
    "coordination_decide": page("405", DECIDES, path="week_item"),
    "coordination_follow": page("405", DECIDES, path="week_item"),
}


def words(ticket: Ticket, user: User) -> dict[str, Any]:
    """A request to another department with a paper in its thread, and a weekly list with it."""
    counterparts.load()
    name = default_storage.save(f"matrix/paper-{ticket.pk}", ContentFile(b"picture"))
    times = {"asked_at": AT, "due_at": AT, "promised_at": AT}
    who = {"owner": user, "asked_by": user, "counterpart": Counterpart.objects.first()}
    row = Request.objects.create(estate=ticket.estate, ticket=ticket, asked="图纸", **who, **times)
    event = RequestEvent.objects.create(request=row, name="asked", at=AT, actor=user, actor_name="某人")
    files = {"original": name, "preview": name, "thumbnail": name, "kind": "photo", "name": "图纸.jpg"}
    kind = {"content_type": "image/jpeg", "size": 7, "sha256": "0" * 64}
    paper = RequestFile.objects.create(event=event, added_at=AT, **files, **kind)
    week = WeeklyList.objects.create(estate=ticket.estate, monday=date(2026, 5, 4), made_at=AT)
    facts = dict.fromkeys(
        ("number", "counterpart", "about", "asked", "owner", "since", "due", "late", "last"), "图"
    )
    item = WeeklyItem.objects.create(weekly=week, place=1, request=row, ticket=ticket, facts=facts)
    return {"coordination": row.pk, "coordination_file": paper.pk, "week": week.pk, "week_item": item.pk}
