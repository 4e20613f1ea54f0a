"""The weekly list: made on Monday, decided in the meeting, followed up by the next (DI-11, S4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from accounts.queries import staff_with
from coordination import hanging, requests, rules
from coordination.models import Counterpart, Request, WeeklyItem, WeeklyList
from coordination.requests import Asking, Contact
from core.db import joined
from core.templatetags.fangxiu import dated
from estates.models import Estate
from notices.outbox import Recipient, post
from tickets.actors import Actor
from tickets.calendars import SHANGHAI
from tickets.models import Status, Ticket

State = Request.State


class Closed(Exception):
    """The list was closed before; carries it."""

    def __init__(self, weekly: WeeklyList):
        super().__init__(f"{weekly} 已定稿")
        self.weekly = weekly


@dataclass(frozen=True)
class Decision:
    """Who decides what, until when."""

    decision: str
    decider: str
    until: date


def monday_of(day: date) -> date:
    """The Monday of this day's week."""
    return day - timedelta(days=day.weekday())


def make_all(*, on: date, at: datetime) -> int:
    """The lists of this week that are missing, for estates where something hangs or was decided."""
    hangs = Request.objects.filter(estate=OuterRef("pk")).waiting()
    aside = Ticket.objects.filter(estate=OuterRef("pk"), status=Status.SUSPENDED)
    before = WeeklyItem.objects.filter(
        weekly__estate=OuterRef("pk"), weekly__monday=monday_of(on) - timedelta(days=7)
    ).exclude(decision="")
    estates = Estate.objects.filter(Q(Exists(hangs)) | Q(Exists(aside)) | Q(Exists(before)))
    made = 0
    for estate in estates.order_by("pk"):
        made += make(estate=estate, on=on, at=at, even_empty=False)[1]
    return made


@joined
def make(
    *, estate: Estate, on: date, at: datetime, by: Actor | None = None, even_empty: bool = True
) -> tuple[WeeklyList | None, bool]:
    """The estate's list of this week, and whether it is new; what it says is frozen.

    None where nothing hangs and it need not be made. Raises PermissionDenied for a person who may not.
    """
    if by is not None and not rules.may_decide(Request(estate_id=estate.pk), by):
        raise PermissionDenied("周协调清单由信息员、主管或经理生成。")
    known = WeeklyList.objects.filter(estate=estate, monday=monday_of(on)).first()
    if known:
        return known, False
    items, review = hanging.lines(estate.pk, at=at), review_of(estate, before=monday_of(on), at=at)
    if not (items or review or even_empty):
        return None, False
    facts = {"made_at": at, "review": review}
    weekly, new = WeeklyList.objects.get_or_create(estate=estate, monday=monday_of(on), defaults=facts)
    if new:
        for place, item in enumerate(items, start=1):
            item.weekly, item.place = weekly, place
        WeeklyItem.objects.bulk_create(items)
        _tell(weekly, items)
    return weekly, new


def review_of(estate: Estate, *, before: date, at: datetime) -> list[dict[str, str]]:
    """What the estate's list before this week decided, and whether it happened, as rows of words."""
    last = WeeklyList.objects.filter(estate=estate, monday__lt=before).order_by("-monday").first()
    if last is None:
        return []
    items = last.items.exclude(decision="").select_related("request", "ticket", "follow_up")
    return [_reviewed(item, at=at) for item in items]


def outcome(item: WeeklyItem) -> tuple[str, str]:
    """Whether a decision happened: ("done", "late" or "open", words with the moment)."""
    moment = _happened_at(item)
    if moment is None:
        return "open", "未落实"
    day = moment.astimezone(SHANGHAI).date()
    if item.until and day > item.until:
        return "late", f"{dated(moment)} 落实，晚于期限"
    return "done", f"{dated(moment)} 落实"


@joined
def decide(*, item: WeeklyItem, decision: Decision, by: Actor, at: datetime) -> WeeklyItem:
    """Write down what the meeting decided on one thing. Raises Closed, PermissionDenied."""
    item = _open_item(item, by)
    item.decision, item.decider = decision.decision.strip(), decision.decider.strip()
    item.until, item.decided_by, item.decided_at = decision.until, by.user, at
    item.save(update_fields=["decision", "decider", "until", "decided_by", "decided_at"])
    return item


@joined
def follow_up(
    *, item: WeeklyItem, counterpart: Counterpart, owner: User, due_at: datetime, by: Actor, at: datetime
) -> Request:
    """A request out of a decision, by one press; a second one finds the first.

    Raises ValueError before anything was decided, PermissionDenied.
    """
    item = _locked_item(item)
    if item.follow_up:
        return item.follow_up
    if not item.decision:
        raise ValueError("nothing was decided yet")
    ticket = item.ticket
    if ticket is not None and ticket.status in Ticket.OVER:
        ticket = None
    old = item.request
    contact = Contact()
    if old and old.counterpart_id == counterpart.pk:
        contact = Contact(old.contact_unit, old.contact_name, old.contact_phone, old.contact_email)
    asking = Asking(
        estate=item.weekly.estate,
        ticket=ticket,
        counterpart=counterpart,
        asked=f"{item.decision}（{item.weekly.monday:%m月%d日}协调会，{item.decider}决定）"[:500],
        owner=owner,
        contact=contact,
        due_at=due_at,
    )
    item.follow_up = requests.ask(asking=asking, by=by, at=at)
    item.save(update_fields=["follow_up"])
    return item.follow_up


@joined
def close(*, weekly: WeeklyList, attendees: str, minutes: str, by: Actor, at: datetime) -> WeeklyList:
    """Finish the minutes: from now on nothing of the list changes. Raises Closed, PermissionDenied."""
    weekly = WeeklyList.objects.select_for_update().get(pk=weekly.pk)
    _require_open(weekly, by)
    weekly.attendees, weekly.minutes = attendees.strip(), minutes.strip()
    weekly.closed_at, weekly.closed_by = at, by.user
    weekly.save(update_fields=["attendees", "minutes", "closed_at", "closed_by"])
    return weekly


def _locked_item(item: WeeklyItem) -> WeeklyItem:
    rows = WeeklyItem.objects.select_for_update(of=("self",)).select_related(
        "weekly__estate", "request", "ticket", "follow_up"
    )
    return rows.get(pk=item.pk)


def _open_item(item: WeeklyItem, by: Actor) -> WeeklyItem:
    # The list first: whoever closes it waits for this decision, or this one sees it closed.
    weekly = WeeklyList.objects.select_for_update().get(pk=item.weekly_id)
    _require_open(weekly, by)
    return _locked_item(item)


def _require_open(weekly: WeeklyList, by: Actor) -> None:
    if not rules.may_decide(weekly, by):
        raise PermissionDenied("会议决定由信息员、主管或经理记录。")
    if weekly.closed_at:
        raise Closed(weekly)


def _happened_at(item: WeeklyItem) -> datetime | None:
    """When what was decided came about: the follow-up's answer, else the request's; a ticket's return."""
    request = item.follow_up or item.request
    if request is not None:
        return request.answered_at if request.state in (State.ANSWERED, State.DONE) else None
    if item.ticket is None or item.ticket.status == Status.SUSPENDED:
        return None
    back = item.ticket.events.filter(name="resume", at__gt=item.weekly.made_at).order_by("seq").first()
    return back.at if back else None


def _reviewed(item: WeeklyItem, *, at: datetime) -> dict[str, str]:
    came, words = outcome(item)
    return {
        "title": f"{item.facts['counterpart']} {item.facts['about']}",
        "asked": item.facts["asked"],
        "decision": item.decision,
        "decider": item.decider,
        "until": dated(item.until),
        "outcome": came,
        "words": words if came != "open" else f"{words}（截至{dated(at)}）",
    }


def _tell(weekly: WeeklyList, items: Sequence[WeeklyItem]) -> None:
    late = sum(item.facts["late"].startswith("逾期") for item in items)
    undone = sum(row["outcome"] == "open" for row in weekly.review)
    words = f"本周有{len(items)}项等待其他部门，其中{late}项已逾期"
    if weekly.review:
        words += f"；上周决定{len(weekly.review)}项，{undone}项未落实"
    people = staff_with(permission=rules.DECIDE, estate_id=weekly.estate_id)
    post(
        template="X05",
        key=f"weekly:{weekly.pk}",
        recipients=[Recipient.staff(person.pk) for person in people],
        values={
            "项目": weekly.estate.name,
            "日期": f"{weekly.monday.month}月{weekly.monday.day}日",
            "内容": f"{words}。请在协调会上逐项记录决定。",
        },
        at=weekly.made_at,
        link=reverse("coordination_week", args=[weekly.pk]),
    )
