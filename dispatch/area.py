"""The picture of an area: who is where, on what, until when; who is away, and when they are back (DI-03)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from dispatch import facts, queries
from dispatch.models import Worker
from estates.models import Area
from tickets.calendars import SHANGHAI
from tickets.models import Ticket

# So many people of an area are shown; the page of all workers has the rest.
SHOWN = 12


@dataclass(frozen=True)
class Place:
    """A worker of the area with the sentence that says until when."""

    post: queries.Post
    until: str


@dataclass(frozen=True)
class Team:
    """The workers of an area: those on duty first, the least loaded first; how many more there are."""

    area: Area
    near: bool
    places: list[Place]
    on_duty: int
    more: int


def picture(ticket: Ticket, user: User, *, at: datetime) -> list[Team]:
    """The area of the ticket and its neighbours, as far as this user may know about their workers."""
    own = ticket.estate.area
    areas = [own, *own.neighbours.order_by("code")]
    people = (
        facts.workers_of(ticket.estate_id)
        .filter(pk__in=Worker.objects.visible_to(user).values("pk"), area__in=areas)
        .prefetch_related("skills__trade")
    )
    trades = {each.pk for each in ticket.fault.trades.all()} if ticket.fault else set()
    skilled = people.filter(skills__trade__in=trades) if trades else people
    posts = queries.posts(skilled[: SHOWN * len(areas)], user, at=at)
    return [team for area in areas if (team := _team(area, own, posts, at)).places]


def _team(area: Area, own: Area, posts: list[queries.Post], at: datetime) -> Team:
    members = [post for post in posts if post.worker.area_id == area.pk]
    members.sort(key=lambda post: (not post.duty.on, post.load, post.worker.pk))
    places = [Place(post, _until(post, at)) for post in members[:SHOWN]]
    on_duty = sum(post.duty.on for post in members)
    return Team(area, area == own, places, on_duty, max(0, len(members) - SHOWN))


def _until(post: queries.Post, at: datetime) -> str:
    """Until when somebody is busy, or when they are back: 约忙到 16:00, 明天 08:00 回岗."""
    if not post.duty.on:
        return f"{_moment(post.duty.until, at)}后可问" if post.duty.until else "未定回岗时间"
    if post.here and post.next_visit and post.next_visit.ticket_id == post.here.pk:
        return f"约忙到 {_moment(post.next_visit.window.upper, at)}"
    if post.here:
        return "在场，时间未定"
    if post.next_visit:
        return f"空到 {_moment(post.next_visit.window.lower, at)}"
    return f"在岗到 {_moment(post.duty.until, at)}" if post.duty.until else "现在有空"


def _moment(moment: datetime, at: datetime) -> str:
    local, today = moment.astimezone(SHANGHAI), at.astimezone(SHANGHAI).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    if local.date() == today + timedelta(days=1):
        return f"明天 {local:%H:%M}"
    return f"{local.month}月{local.day}日 {local:%H:%M}"
