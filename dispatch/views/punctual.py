"""Who came when they had said: the month's figures, the visits behind each, and both as a file (DI-07)."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime, now
from django.views.decorators.http import require_GET

from core import sheets
from dispatch import punctuality, visits
from dispatch.forms import PunctualityFilter
from dispatch.models import Visit
from tickets.calendars import SHANGHAI

sees = permission_required("tickets.view_estate_tickets", raise_exception=True)
exports = permission_required(["tickets.view_estate_tickets", "tickets.export_ticket"], raise_exception=True)
PER_PAGE = 50
KINDS = {"xlsx": sheets.XLSX_TYPE, "csv": sheets.CSV_TYPE}
HEADER = ["单号", "项目", "位置", "维修人员", "单位", "约定时段", "到场", "结果", "说明"]
WIDTHS = [20, 16, 20, 10, 16, 24, 18, 8, 14]


@require_GET
@sees
def overview(request: HttpRequest) -> HttpResponse:
    """The month by worker, company and estate, the least punctual first."""
    form, found = _chosen(request, overview=True)
    groups = [
        ("worker", "维修人员", punctuality.by_worker(found)),
        ("company", "单位", punctuality.by_company(found)),
        ("estate", "项目", punctuality.by_estate(found)),
    ]
    query = form.query()
    context = {
        "form": form,
        "total": _sum(groups[2][2]),
        "groups": [
            (label, [(tally, _behind(query, name, tally)) for tally in tallies])
            for name, label, tallies in groups
        ],
    }
    return render(request, "dispatch/punctuality.html", context)


def _sum(tallies: list[punctuality.Tally]) -> punctuality.Tally:
    whole = punctuality.Tally("", "合计")
    for tally in tallies:
        for result in punctuality.RESULTS:
            setattr(whole, result, getattr(whole, result) + getattr(tally, result))
    return whole


def _behind(query: dict[str, str], name: str, tally: punctuality.Tally) -> str:
    return f"{reverse('dispatch_punctual_visits')}?{urlencode(query | {name: tally.key})}"


def _chosen(request: HttpRequest, *, overview: bool = False) -> tuple[PunctualityFilter, QuerySet[Visit]]:
    """The filter and the judged visits that it lets through; an odd month is this one."""
    at = now()
    form = PunctualityFilter(request.GET, user=request.user, at=at, overview=overview)
    form.is_valid()
    found = punctuality.of_month(request.user, form.first_day, at=at)
    return form, form.narrow(found)


@require_GET
@sees
def behind(request: HttpRequest) -> HttpResponse:
    """The visits behind a figure."""
    form, found = _chosen(request)
    query = urlencode(form.query())
    rows = _read(found)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": page,
        "rows": [
            (visit, punctuality.RESULTS[visit.result], punctuality.TONES[visit.result]) for visit in page
        ],
        "downloads": [
            (kind, f"{reverse('dispatch_punctual_export', args=[kind])}?{query}") for kind in KINDS
        ],
        "crumbs": [("到场准时", reverse("dispatch_punctuality"))],
    }
    return render(request, "dispatch/punctual_visits.html", context)


def _read(found: QuerySet[Visit]) -> QuerySet[Visit]:
    beside = ("ticket__estate", "ticket__policy", "worker__user", "worker__contractor")
    return found.select_related(*beside).order_by("-window", "-pk")


@require_GET
@exports
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The same visits as xlsx or csv; no cell becomes a formula (RE-07)."""
    if kind not in KINDS:
        raise Http404
    form, found = _chosen(request)
    # Closed by the response when it has been sent.
    target = tempfile.TemporaryFile()  # noqa: SIM115
    lines = _lines(_read(found))
    if kind == "csv":
        sheets.write_csv(target, header=HEADER, rows=lines)
    else:
        sheets.write_xlsx(target, title="到场准时", header=HEADER, rows=lines, widths=WIDTHS)
    target.seek(0)
    name = f"到场准时_{form.first_day:%Y-%m}.{kind}"
    answer = FileResponse(target, as_attachment=True, filename=name, content_type=KINDS[kind])
    answer["Cache-Control"] = "private, no-store"
    return answer


def _lines(found: QuerySet[Visit]) -> Iterator[list[object]]:
    for visit in found.iterator(chunk_size=1000):
        yield [
            visit.ticket.number,
            visit.ticket.estate.name,
            visit.ticket.place_label,
            visit.worker.user.full_name,
            punctuality.firm_of(visit.worker),
            visits.window_words(visit.window.lower, visit.window.upper),
            _local(visit.arrived_at),
            punctuality.RESULTS[visit.result],
            punctuality.words(visit) or visit.get_state_display(),
        ]


def _local(moment: datetime | None) -> str:
    return f"{localtime(moment, SHANGHAI):%Y-%m-%d %H:%M}" if moment else ""
