"""Cross-department requests: the list with its figures, asking, and the page of one (DI-11)."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localtime, now
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from coordination import exports, letters, pages, pauses, queries, requests, rules
from coordination.forms.lists import RequestFilter
from coordination.forms.requests import AnswerForm, AskForm, ChangeForm, EndForm, RemindForm
from coordination.models import Counterpart, Request, RequestFile
from coordination.thread import Moved
from coordination.views.shared import may_see, may_work, moved_page
from core.pages import CappedPaginator
from core.store import RefusedFile
from tickets import workflow
from tickets.models import Ticket
from tickets.views.files import show_file, show_small
from tickets.views.shared import act_once, actor_of, replays, step_taken, ticket_or_404

PER_PAGE = 50


# -- lists ---------------------------------------------------------------------


@require_GET
@may_see
@vary_on_headers("HX-Request")
def listing(request: HttpRequest) -> HttpResponse:
    """What other departments owe, overdue first, filtered by the address bar, with the figures above."""
    at = now()
    form = RequestFilter(request.GET or None, user=request.user)
    rows = Request.objects.visible_to(request.user)
    found = _chosen(request, form, rows)
    total, each = queries.figures(rows, at=at)
    context = {
        "form": form,
        "now": at,
        "page_obj": CappedPaginator(queries.overdue_first(found, at=at), PER_PAGE).get_page(
            request.GET.get("page")
        ),
        "total": total,
        "figures": each,
        "asked_for": request.GET.urlencode(),
        "overdue_url": f"{reverse('coordination_list')}?state=overdue",
    }
    template = "coordination/_list.html" if request.htmx else "coordination/list.html"
    return render(request, template, context)


def _chosen(request: HttpRequest, form: RequestFilter, rows):
    chosen = form.cleaned_data if form.is_valid() else {}
    return queries.filtered(rows, chosen, user=request.user, at=now())


@require_GET
@permission_required([rules.VIEW, "tickets.export_ticket"], raise_exception=True)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The requests that the same filter shows, for Excel."""
    at = now()
    form = RequestFilter(request.GET or None, user=request.user)
    rows = _chosen(request, form, Request.objects.visible_to(request.user))
    return exports.as_file(queries.overdue_first(rows, at=at), kind=kind, at=localtime(at))


# -- asking --------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@may_work
def new(request: HttpRequest) -> HttpResponse:
    """A request of an estate without a ticket."""
    return _ask(request, None)


@require_http_methods(["GET", "POST"])
@replays
def of_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """A request for a ticket, which may be put aside until it is answered."""
    ticket = ticket_or_404(request, number)
    if not rules.may_work(ticket, actor_of(request)):
        raise PermissionDenied("协作单由信息员、派单员、工程师、主管或经理发起。")
    if not workflow.may(ticket, "coordinate", actor_of(request)):
        back = reverse("ticket", args=[ticket.number])
        return step_taken(request, workflow.StepTaken(ticket), back_url=back)
    return _ask(request, ticket)


def _ask(request: HttpRequest, ticket: Ticket | None) -> HttpResponse:
    options = {
        "user": request.user,
        "ticket": ticket,
        "may_pause": ticket is not None and pauses.may_pause(ticket, actor_of(request)),
    }
    if request.method == "GET":
        return _ask_page(request, ticket, AskForm(initial=_initial(request, ticket), **options))
    form = AskForm(request.POST, **options)
    if not form.is_valid():
        return _ask_page(request, ticket, form, status=422)

    def act() -> str:
        row = requests.ask(asking=form.asking(), by=actor_of(request), at=now())
        way = letters.way(row)
        messages.success(request, f"已发起 {row.number}" + (f"，已向对方发送{way}。" if way else "。"))
        return reverse("coordination_request", args=[row.pk])

    return act_once(request, form, act, back_url=request.path)


def _initial(request: HttpRequest, ticket: Ticket | None) -> dict:
    """What is usual for the counterpart that the address names, and whom we reached there last."""
    code = request.GET.get("to", "")
    counterpart = Counterpart.objects.filter(active=True, code=code).first()
    if counterpart is None:
        return {}
    initial = {"counterpart": counterpart.pk, "asked": counterpart.asks}
    last = queries.last_contact(counterpart, ticket.estate_id) if ticket else None
    if last:
        initial |= {name: getattr(last, name) for name in pages.CONTACT}
    return initial


def _ask_page(request: HttpRequest, ticket: Ticket | None, form: AskForm, status: int = 200) -> HttpResponse:
    crumbs = [("协作单", reverse("coordination_list"))]
    if ticket:
        crumbs = [("工单", reverse("desk_tickets")), (ticket.number, reverse("ticket", args=[ticket.number]))]
    context = {
        "ticket": ticket,
        "form": form,
        "counterparts": Counterpart.objects.filter(active=True),
        "crumbs": crumbs,
    }
    return render(request, "coordination/ask.html", context, status=status)


# -- one request ---------------------------------------------------------------


def _visible_or_404(request: HttpRequest, pk: int) -> Request:
    return get_object_or_404(Request.objects.visible_to(request.user).listed(), pk=pk)


@require_GET
@may_see
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What was asked, its thread with files, and what may be done now."""
    return _page(request, _visible_or_404(request, pk))


def _page(request: HttpRequest, row: Request, **forms) -> HttpResponse:
    """The page; a bound form among `forms` is shown with its errors."""
    context = {
        "row": row,
        "now": now(),
        "is_late": row.is_late(now()),
        "facts": pages.facts(row),
        "events": pages.thread(row),
        "papers": pages.files(row),
        "crumbs": [("协作单", reverse("coordination_list"))],
    }
    if rules.may_work(row, actor_of(request)):
        context |= pages.forms_for(row) | forms
    return render(request, "coordination/request.html", context, status=422 if forms else 200)


def _act(request: HttpRequest, row: Request, form, name: str, act: Callable[[], object]) -> HttpResponse:
    """Run one act of the page under its key; somebody faster is a page, a refused file an error."""

    def acted() -> str:
        act()
        return reverse("coordination_request", args=[row.pk])

    try:
        return act_once(request, form, acted, back_url=reverse("coordination_request", args=[row.pk]))
    except Moved as error:
        return moved_page(request, error)
    except RefusedFile as error:
        form.add_error("files", str(error))
        return _page(request, row, **{name: form})


@require_POST
@may_work
@replays
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a reminder down, or have the house send N17."""
    row = _visible_or_404(request, pk)
    form = RemindForm(request.POST, way=letters.way(row))
    if not form.is_valid():
        return _page(request, row, remind_form=form)
    data = form.cleaned_data
    send = data["means"] == "系统"
    return _act(
        request,
        row,
        form,
        "remind_form",
        lambda: requests.remind(
            request=row,
            means=dict(RemindForm.MEANS)[data["means"]],
            words=data["words"],
            send=send,
            by=actor_of(request),
            at=now(),
        ),
    )


@require_POST
@may_work
@replays
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The counterpart's answer with its papers; a ticket that waited goes on."""
    row = _visible_or_404(request, pk)
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, row, answer_form=form)
    data = form.cleaned_data
    return _act(
        request,
        row,
        form,
        "answer_form",
        lambda: requests.answer(
            request=row, words=data["answer"], files=data["files"], by=actor_of(request), at=now()
        ),
    )


@require_POST
@may_work
@replays
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another deadline, another person."""
    row = _visible_or_404(request, pk)
    form = ChangeForm(request.POST, request_row=row)
    if not form.is_valid():
        return _page(request, row, change_form=form)
    data = form.cleaned_data
    return _act(
        request,
        row,
        form,
        "change_form",
        lambda: requests.change(
            request=row,
            owner=data["owner"],
            due_at=data["due_at"],
            reason=data["reason"],
            by=actor_of(request),
            at=now(),
        ),
    )


@require_POST
@may_work
@replays
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Done, sent back, or cancelled."""
    row = _visible_or_404(request, pk)
    form = EndForm(request.POST, request_row=row)
    if not form.is_valid():
        return _page(request, row, end_form=form)
    return _act(request, row, form, "end_form", lambda: _end(request, row, form.cleaned_data))


def _end(request: HttpRequest, row: Request, data: dict) -> Request:
    if data["outcome"] == "reopen":
        return requests.reopen(
            request=row, due_at=data["new_due_at"], reason=data["note"], by=actor_of(request), at=now()
        )
    done = data["outcome"] == "done"
    return requests.end(request=row, done=done, words=data["note"], by=actor_of(request), at=now())


# -- files ---------------------------------------------------------------------


@require_safe
@may_see
def file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What may be shown of a paper of the thread."""
    return show_file(request, _file_or_404(request, pk))


@require_safe
@may_see
def thumb(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The small picture; 404 for what has none."""
    return show_small(request, _file_or_404(request, pk))


def _file_or_404(request: HttpRequest, pk: UUID) -> RequestFile:
    visible = Request.objects.visible_to(request.user)
    return get_object_or_404(RequestFile.objects.filter(event__request__in=visible), pk=pk)
