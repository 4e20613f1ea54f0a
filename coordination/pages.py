"""What the pages of requests show, as the components of docs/ui.md take it."""

from typing import Any

from django.urls import reverse
from django.utils.timezone import localtime

from coordination import letters
from coordination.forms.requests import AnswerForm, ChangeForm, EndForm, RemindForm
from coordination.models import Request, RequestFile
from core.templatetags.fangxiu import when

CONTACT = ("contact_unit", "contact_name", "contact_phone", "contact_email")
TONES = {
    "asked": "info",
    "reminded": "wait",
    "answered": "ok",
    "mailed": "info",
    "reopened": "danger",
    "done": "ok",
}


def facts(row: Request) -> list[tuple[str, str]]:
    """What the card beside the thread says."""
    found = [
        ("项目", row.estate.name),
        ("对方单位", row.contact_unit),
        ("对方联系人", row.contact_name),
        ("对方电话", row.contact_phone),
        ("对方邮箱", row.contact_email),
        ("我方负责人", row.owner.full_name),
        ("发起", f"{row.asked_by.full_name} {when(row.asked_at)}"),
        ("期限", when(row.due_at)),
    ]
    if row.promised_at != row.due_at:
        found.append(("最初期限", when(row.promised_at)))
    if row.answered_at:
        found.append(("回复", when(row.answered_at)))
    return [(label, value) for label, value in found if value]


def thread(row: Request) -> list[dict[str, Any]]:
    """The events, the newest first."""
    return [
        {
            "at": event.at,
            "title": event.get_name_display(),
            "actor": event.actor_name,
            "text": event.words,
            "tone": TONES.get(event.name, "neutral"),
            "changes": event.facts,
        }
        for event in row.events.order_by("-pk")
    ]


def files(row: Request) -> list[dict[str, Any]]:
    """Papers of the thread for components/evidence_grid.html."""
    kept = RequestFile.objects.filter(event__request=row).select_related("event").order_by("added_at", "pk")
    return [
        {
            "url": reverse("coordination_file", args=[each.pk]),
            "thumb_url": reverse("coordination_file_thumb", args=[each.pk]) if each.thumbnail else "",
            "kind": "file" if each.kind == "pdf" else each.kind,
            "caption": each.name,
            "taken_at": each.added_at,
        }
        for each in kept
    ]


def forms_for(row: Request) -> dict[str, Any]:
    """The forms of what may be done with it now, unbound."""
    found: dict[str, Any] = {}
    if row.is_open:
        way = letters.way(row)
        initial = {"due_at": localtime(row.due_at), "owner": row.owner_id}
        found = {
            "way": way,
            "remind_form": RemindForm(way=way, initial={"means": "系统" if way else "电话"}),
            "answer_form": AnswerForm(),
            "change_form": ChangeForm(request_row=row, initial=initial),
        }
    if row.state in (Request.State.OPEN, Request.State.ANSWERED):
        found["end_form"] = EndForm(request_row=row)
    return found
