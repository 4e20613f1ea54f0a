"""The weekly coordination list: making, deciding, following up, printing (DI-11, S4)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_GET, require_POST

from coordination import rules, weekly
from coordination.forms.weekly import CloseForm, DecideForm, FollowForm, MakeForm
from coordination.models import WeeklyItem, WeeklyList
from coordination.views.shared import may_decide, may_follow, may_see
from core.pages import CappedPaginator
from tickets.views.shared import act_once, actor_of, replays

PER_PAGE = 30
FOLLOW_ID = "id_follow_{}_%s"


@require_GET
@may_see
def listing(request: HttpRequest) -> HttpResponse:
    """The lists of the user's estates, the newest first."""
    return _listing(request)


def _listing(request: HttpRequest, form: MakeForm | None = None) -> HttpResponse:
    rows = WeeklyList.objects.visible_to(request.user).select_related("estate", "closed_by")
    page = CappedPaginator(rows.prefetch_related("items"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"rows": [(row, _counts(row)) for row in page], "page_obj": page}
    if request.user.has_perm(rules.DECIDE):
        context["make_form"] = form or MakeForm(user=request.user)
    return render(request, "coordination/weeks.html", context, status=422 if form else 200)


def _counts(row: WeeklyList) -> dict[str, int]:
    items = row.items.all()
    return {
        "items": len(items),
        "late": sum(item.facts["late"].startswith("逾期") for item in items),
        "decided": sum(bool(item.decision) for item in items),
    }


@require_POST
@may_decide
def make(request: HttpRequest) -> HttpResponse:
    """This week's list of an estate, now; where there is one already, that one."""
    form = MakeForm(request.POST, user=request.user)
    if not form.is_valid():
        return _listing(request, form)

    def act() -> str:
        estate = form.cleaned_data["estate"]
        row, new = weekly.make(estate=estate, on=localdate(), at=now(), by=actor_of(request))
        assert row is not None
        messages.success(request, "已生成本周清单。" if new else "本周清单已经生成过，这是原来那一份。")
        return reverse("coordination_week", args=[row.pk])

    return act_once(request, form, act, back_url=reverse("coordination_weeks"))


@require_GET
@may_see
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What hung that Monday, what was decided, and what became of the decisions before."""
    return _page(request, _visible_or_404(request, pk))


def _visible_or_404(request: HttpRequest, pk: int) -> WeeklyList:
    rows = WeeklyList.objects.visible_to(request.user).select_related("estate", "closed_by")
    return get_object_or_404(rows, pk=pk)


def _items(row: WeeklyList) -> list[WeeklyItem]:
    related = ("request__counterpart", "ticket", "follow_up__counterpart", "decided_by", "weekly")
    items = list(row.items.select_related(*related))
    for item in items:
        item.came, item.came_words = weekly.outcome(item) if item.decision else ("", "")
    return items


def _page(
    request: HttpRequest,
    row: WeeklyList,
    *,
    decided: dict[int, DecideForm] | None = None,
    followed: dict[int, FollowForm] | None = None,
    close_form=None,
) -> HttpResponse:
    """The page; a refused form stands by the key of its item, as it was filled in."""
    actor, decided, followed = actor_of(request), decided or {}, followed or {}
    decides = rules.may_decide(row, actor) and not row.closed_at
    follows = rules.may_decide(row, actor) and rules.may_work(row, actor)
    lines = []
    for item in _items(row):
        decide_form = decided.get(item.pk) or _decide_form(item) if decides else None
        may = follows and item.decision and not item.follow_up_id
        follow_form = followed.get(item.pk) or _follow_form(item, request.user.pk) if may else None
        lines.append((item, decide_form, follow_form))
    context = {
        "weekly": row,
        "lines": lines,
        "decides": decides,
        "close_form": (close_form or CloseForm()) if decides else None,
        "close_asks": _close_asks([item for item, *_ in lines]),
        "crumbs": [("周协调清单", reverse("coordination_weeks"))],
    }
    refused = decided or followed or close_form
    return render(request, "coordination/week.html", context, status=422 if refused else 200)


def _close_asks(items: list[WeeklyItem]) -> str:
    undecided = sum(not item.decision for item in items)
    left = f"还有{undecided}项没有记录决定。" if undecided else ""
    return f"{left}定稿后决定不能再改，现在定稿？"


def _decide_form(item: WeeklyItem) -> DecideForm:
    initial = {"decision": item.decision, "decider": item.decider, "until": item.until}
    return DecideForm(initial=initial, auto_id=f"id_{item.pk}_%s")


def _follow_form(item: WeeklyItem, user_id: int) -> FollowForm:
    old = item.request
    initial = {
        "counterpart": old.counterpart_id if old else None,
        "owner": old.owner_id if old else user_id,
    }
    return FollowForm(initial=initial, item=item, auto_id=FOLLOW_ID.format(item.pk))


def _item_or_404(request: HttpRequest, pk: int) -> WeeklyItem:
    rows = WeeklyItem.objects.visible_to(request.user).select_related("weekly__estate", "request", "ticket")
    return get_object_or_404(rows, pk=pk)


def _closed_page(request: HttpRequest, error: weekly.Closed) -> HttpResponse:
    context = {
        "title": "这份清单已经定稿",
        "text": "定稿以后决定不能再改，请在下周的清单里记录。",
        "back_url": reverse("coordination_week", args=[error.weekly.pk]),
        "back_label": "查看清单",
    }
    return render(request, "core/taken.html", context, status=409)


@require_POST
@may_decide
@replays
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Who decides what, until when."""
    item = _item_or_404(request, pk)
    form = DecideForm(request.POST, auto_id=f"id_{item.pk}_%s")
    if not form.is_valid():
        return _page(request, item.weekly, decided={item.pk: form})

    def act() -> str:
        weekly.decide(item=item, decision=form.value(), by=actor_of(request), at=now())
        messages.success(request, "已记录决定。")
        return f"{reverse('coordination_week', args=[item.weekly_id])}#item-{item.pk}"

    try:
        return act_once(request, form, act, back_url=reverse("coordination_week", args=[item.weekly_id]))
    except weekly.Closed as error:
        return _closed_page(request, error)


@require_POST
@may_follow
@replays
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """A request out of the decision, by one press."""
    item = _item_or_404(request, pk)
    form = FollowForm(request.POST, item=item, auto_id=FOLLOW_ID.format(item.pk))
    back = f"{reverse('coordination_week', args=[item.weekly_id])}#item-{item.pk}"
    if not item.decision or not form.is_valid():
        messages.error(request, "没有发起：请先记录决定，再选择协作对象与负责人。")
        return _page(request, item.weekly, followed={item.pk: form})

    def act() -> str:
        data = form.cleaned_data
        made = weekly.follow_up(
            item=item,
            counterpart=data["counterpart"],
            owner=data["owner"],
            due_at=form.due_at(),
            by=actor_of(request),
            at=now(),
        )
        messages.success(request, f"已发起跟进协作单 {made.number}。")
        return back

    return act_once(request, form, act, back_url=back)


@require_POST
@may_decide
@replays
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Finish the minutes; nothing changes afterwards."""
    row = _visible_or_404(request, pk)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _page(request, row, close_form=form)

    def act() -> str:
        data = form.cleaned_data
        weekly.close(
            weekly=row, attendees=data["attendees"], minutes=data["minutes"], by=actor_of(request), at=now()
        )
        messages.success(request, "清单已定稿，可以打印会议纪要。")
        return reverse("coordination_week", args=[row.pk])

    try:
        return act_once(request, form, act, back_url=reverse("coordination_week", args=[row.pk]))
    except weekly.Closed as error:
        return _closed_page(request, error)


@require_GET
@may_see
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """The list with its decisions as minutes on A4, with lines to sign."""
    row = _visible_or_404(request, pk)
    return render(request, "coordination/week_print.html", {"weekly": row, "items": _items(row)})
