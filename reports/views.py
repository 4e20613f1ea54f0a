"""The figures of a month, the lists behind them, and the workbooks made of them."""

from django.contrib.auth.decorators import permission_required
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from core import keys, sheets
from reports import channels, exports, pages, queries, runs, workbook
from reports.figures import Figure, Kind
from reports.forms import BehindFilter, MonthFilter, RestartForm, RunForm
from reports.models import ReportRun
from reports.periods import Month, Period
from tickets.models import Ticket

PER_PAGE = 50
RUNS_SHOWN = 20
may_see = permission_required("reports.view_reportrun", raise_exception=True)
may_run = permission_required("reports.run_report", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_see
@vary_on_headers("HX-Request")
def home(request: HttpRequest) -> HttpResponse:
    """A month's figures on the screen, and the workbooks made so far; POST asks for another."""
    if request.method == "POST":
        return _ask(request)
    return _home(request)


def _home(request: HttpRequest, run_form: RunForm | None = None, status: int = 200) -> HttpResponse:
    at = now()
    month = str(run_form.data.get("month", "")) if run_form else ""
    asked = request.GET.copy()
    asked.setdefault("month", month or str(Month.of(at)))
    form = MonthFilter(asked, user=request.user, at=at)
    context = {"form": form, "runs": _runs(request), "run_form": run_form, "now": at}
    if form.is_valid():
        context |= _figures(request, form)
    elif form.names_foreign_estate:
        raise Http404
    else:
        status = 422
    template = "reports/_month.html" if request.htmx else "reports/home.html"
    return render(request, template, context, status=status)


def _figures(request: HttpRequest, form: MonthFilter) -> dict:
    at = now()
    chosen = list(form.cleaned_data["estates"])
    estates = form.chosen_estates()
    sheet = queries.monthly(estates, Period(form.cleaned_data["month"], at))
    initial = {"month": str(form.cleaned_data["month"]), "estates": [estate.pk for estate in chosen]}
    return {
        "sheet": sheet,
        "estates": estates,
        "all_estates": not chosen,
        "shares": pages.tiles(sheet, chosen, {Kind.SHARE, Kind.MEAN}),
        "counts": pages.tiles(sheet, chosen, {Kind.COUNT}),
        "columns": pages.IN_TABLE,
        "rows": pages.by_estate(sheet),
        "totals": pages.totals(sheet, chosen),
        "ports": channels.PORTS,
        "channels": pages.by_channel(channels.by_channel(estates, sheet.period), sheet.period.month, chosen),
        "fresh_form": RunForm(initial=initial, user=request.user, at=at),
    }


def _runs(request: HttpRequest) -> QuerySet[ReportRun]:
    found = ReportRun.objects.visible_to(request.user)
    return found.select_related("requested_by").prefetch_related("estates")[:RUNS_SHOWN]


@may_run
def _ask(request: HttpRequest) -> HttpResponse:
    form = RunForm(request.POST, user=request.user, at=now())
    if not form.is_valid():
        if form.names_foreign_estate:
            raise Http404
        return _home(request, form, status=422)

    def act() -> str:
        run = runs.request_run(
            by=request.user, month=form.cleaned_data["month"], estates=form.chosen_estates(), at=now()
        )
        return reverse("report_run", args=[run.pk])

    return _once(request, form, act)


def _once(request: HttpRequest, form, act) -> HttpResponse:
    try:
        answer = keys.once(request=request, key=form.cleaned_data["form_key"], act=act)
    except keys.KeyReused:
        context = {
            "title": "这张表单已经提交过",
            "text": "同一页面已经提交过一次，内容又有改动。请打开最新页面再办理，以免重复。",
            "back_url": reverse("reports_home"),
        }
        return render(request, "core/taken.html", context, status=422)
    return HttpResponseRedirect(answer.path, status=303)


@require_GET
@may_see
@vary_on_headers("HX-Request")
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a run is; htmx asks for the bar alone until it is done."""
    run = _run_or_404(request, pk)
    template = "reports/_run.html" if request.htmx else "reports/run.html"
    return render(request, template, _about(run, RestartForm()))


def _about(run: ReportRun, form: RestartForm) -> dict:
    month = Month.of(run.month)
    home = pages.address(month, [], reverse("reports_home"))
    return {"run": run, "month": month, "form": form, "crumbs": [("报表", home), (month.label, "")]}


@require_POST
@may_see
@may_run
def restart(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a failed run again."""
    run = _run_or_404(request, pk)
    form = RestartForm(request.POST)
    if not form.is_valid():
        return render(request, "reports/run.html", _about(run, form), status=422)

    def act() -> str:
        runs.restart(run=run, at=now())
        return reverse("report_run", args=[run.pk])

    return _once(request, form, act)


def _run_or_404(request: HttpRequest, pk: int) -> ReportRun:
    found = ReportRun.objects.visible_to(request.user).select_related("requested_by")
    return get_object_or_404(found, pk=pk)


@require_GET
@may_see
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The finished workbook; 404 until there is one."""
    run = _run_or_404(request, pk)
    if run.state != ReportRun.State.DONE or not default_storage.exists(run.file):
        raise Http404
    response = FileResponse(
        default_storage.open(run.file),
        as_attachment=True,
        filename=workbook.filename(Month.of(run.month)),
        content_type=sheets.XLSX_TYPE,
    )
    return exports.private(response)


@require_GET
@may_see
@vary_on_headers("HX-Request")
def behind(request: HttpRequest, slug: str) -> HttpResponse:
    """The tickets that a figure counts, within what the reader may see (RE-01)."""
    figure, form, tickets = _behind(request, slug)
    chosen, month = list(form.cleaned_data["estates"]), form.cleaned_data["month"]
    page = Paginator(tickets, PER_PAGE).get_page(request.GET.get("page"))
    only, door = form.cleaned_data["only"], form.door
    context = {
        "figure": figure,
        "form": form,
        "reset_url": pages.behind(figure, month, chosen, only=only),
        "month": month,
        "page_obj": page,
        "tickets": page.object_list,
        "tabs": pages.tabs(figure, month, chosen, only, **door),
        "estates": form.chosen_estates(),
        "all_estates": not chosen,
        "judged": figure.kind is not Kind.COUNT or bool(figure.good),
        "crumbs": [("报表", pages.address(month, chosen, reverse("reports_home"))), (figure.label, "")],
        "downloads": [
            (
                kind,
                pages.address(month, chosen, reverse("reports_export", args=[slug, kind]), only=only, **door),
            )
            for kind in exports.KINDS
        ],
    }
    return render(request, "reports/behind.html", context)


@require_GET
@may_see
@permission_required("tickets.export_ticket", raise_exception=True)
def export(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """The same list as a file (RE-07)."""
    figure, form, tickets = _behind(request, slug)
    if kind not in exports.KINDS:
        raise Http404
    return exports.tickets(tickets, figure=figure, month=form.cleaned_data["month"], kind=kind)


def _behind(request: HttpRequest, slug: str) -> tuple[Figure, BehindFilter, QuerySet[Ticket]]:
    figure = pages.figure_of(slug)
    form = BehindFilter(request.GET, user=request.user, at=now())
    if figure is None or not form.is_valid():
        raise Http404
    visible = Ticket.objects.visible_to(request.user)
    period = Period(form.cleaned_data["month"], now())
    found = queries.tickets_behind(figure, form.chosen_estates(), period).filter(pk__in=visible.values("pk"))
    if figure.good and form.cleaned_data["only"]:
        found = found.filter(hit=form.cleaned_data["only"] == "hit")
    found = found.filter(**{f"report__{name}": value for name, value in form.door.items()})
    return figure, form, found.select_related("estate", "fault", "handler")
