"""The week's roster: a grid that a supervisor fills, the paper of it, and the list of a day (DI-08)."""

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.forms import KeyedForm
from dispatch import roster_book, roster_week
from dispatch.models import ShiftKind
from dispatch.roster_book import days_of
from dispatch.roster_forms import RosterFilter, RosterForm
from dispatch.views.queue import may_dispatch
from estates.models import Estate
from tickets.views.shared import act_once

may_plan = permission_required("dispatch.plan_roster", raise_exception=True)
# Seven inputs a person, and a form of a thousand inputs is refused.
PER_PAGE = 50
# So many lines of what is lacking are shown.
GAPS = 12


@require_GET
@may_dispatch
def show(request: HttpRequest) -> HttpResponse:
    """People by days; who may plan gets inputs."""
    return _grid(request, RosterFilter(request.GET, user=request.user))


@require_POST
@may_dispatch
@may_plan
def save(request: HttpRequest) -> HttpResponse:
    """Write the cells that were changed; those that somebody else changed first are named and kept."""
    chosen = RosterFilter(request.GET, user=request.user)
    workers = set(roster_week.people(request.user, {}).order_by().values_list("pk", flat=True))
    form = RosterForm(request.POST, workers=workers, days=days_of(chosen.monday))
    if not form.is_valid():
        return _grid(request, chosen, form)

    def act() -> str:
        written, clashes = roster_book.save(changes=form.changes, by=request.user, at=now())
        messages.success(request, f"已保存 {written} 格。" if written else "没有改动。")
        for clash in clashes[:10]:
            messages.warning(request, f"没有覆盖：{clash.words}")
        if len(clashes) > 10:
            messages.warning(request, f"另有 {len(clashes) - 10} 格也被他人改过，没有覆盖。")
        return _address(request, chosen)

    return act_once(request, form, act, back_url=_address(request, chosen))


@require_POST
@may_dispatch
@may_plan
def copy(request: HttpRequest) -> HttpResponse:
    """Last week into the empty cells of this one, for everybody whom the filter leaves."""
    chosen = RosterFilter(request.GET, user=request.user)
    form = KeyedForm(request.POST)
    if not form.is_valid():
        return _grid(request, chosen, form)

    def act() -> str:
        people = list(roster_week.people(request.user, chosen.chosen))
        filled = roster_book.copy_week(workers=people, monday=chosen.monday, by=request.user, at=now())
        messages.success(request, f"已照上周填入 {filled} 格，原有的班次没有改动。")
        return _address(request, chosen)

    return act_once(request, form, act, back_url=_address(request, chosen))


@require_GET
@may_dispatch
def paper(request: HttpRequest) -> HttpResponse:
    """The week on A4, everybody whom the filter leaves."""
    form = RosterFilter(request.GET, user=request.user)
    days = days_of(form.monday)
    rows = roster_week.rows_of(list(roster_week.people(request.user, form.chosen).distinct()), days)
    context = _common(form) | {"rows": rows, "counts": roster_week.counts_of(rows), "at": now()}
    return render(request, "dispatch/roster_print.html", context)


@require_http_methods(["GET"])
@may_dispatch
def day(request: HttpRequest) -> HttpResponse:
    """Who has which shift on one day, to be read on a phone."""
    form = RosterFilter(request.GET, user=request.user)
    people = list(roster_week.people(request.user, form.chosen).distinct())
    around = [form.day + timedelta(days=number) for number in (-1, 0, 1, 2, 3)]
    context = _common(form) | {
        "day": form.day,
        "day_word": roster_week.day_word(form.day),
        "around": [(each, roster_week.day_word(each), _query(form, each)) for each in around],
        "shifts": roster_week.day_list(people, form.day),
        "crumbs": [("排班", reverse("dispatch_roster"))],
    }
    return render(request, "dispatch/roster_day.html", context)


def _grid(request: HttpRequest, form: RosterFilter, bound: KeyedForm | None = None) -> HttpResponse:
    days = days_of(form.monday)
    people = roster_week.people(request.user, form.chosen).distinct()
    page = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    rows = roster_week.rows_of(list(page), days, getattr(bound, "typed", None))
    estates = [form.chosen["estate"]] if form.chosen.get("estate") else _estates(request)
    lacking, bare = roster_week.gaps(estates, days)
    context = _common(form) | {
        "form": form,
        "cells_form": bound or KeyedForm(),
        "may_plan": request.user.has_perm("dispatch.plan_roster"),
        "rows": rows,
        "counts": roster_week.counts_of(rows),
        "page_obj": page,
        "gaps": [(gap, roster_week.day_word(gap.day)) for gap in lacking[:GAPS]],
        "more_gaps": max(0, len(lacking) - GAPS),
        "gap_count": len(lacking),
        "gap_days": {gap.day for gap in lacking},
        "bare": bare,
        "here": request.get_full_path().partition("?")[2],
    }
    return render(request, "dispatch/roster.html", context, status=422 if bound else 200)


def _common(form: RosterFilter) -> dict:
    days = days_of(form.monday)
    week = timedelta(days=7)
    return {
        "days": [(each, roster_week.day_word(each)) for each in days],
        "monday": days[0],
        "sunday": days[-1],
        "today": roster_week.local_day(now()),
        "kinds": [(kind, roster_week.tone_of(kind)) for kind in ShiftKind.objects.filter(active=True)],
        "before": _query(form, days[0] - week),
        "after": _query(form, days[0] + week),
        "query": _query(form, form.day),
    }


def _query(form: RosterFilter, day) -> str:
    """The address of another day with the same filter."""
    values = {"week": day.isoformat()}
    for name in ("estate", "trade", "employer"):
        if value := form.chosen.get(name):
            values[name] = getattr(value, "pk", value)
    return urlencode(values)


def _estates(request: HttpRequest) -> list[Estate]:
    return list(Estate.objects.visible_to(request.user).order_by("code"))


def _address(request: HttpRequest, form: RosterFilter) -> str:
    page = request.GET.get("page", "")
    more = f"&page={page}" if page.isdecimal() else ""
    return f"{reverse('dispatch_roster')}?{_query(form, form.monday)}{more}"
