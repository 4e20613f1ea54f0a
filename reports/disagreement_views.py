"""The page of 人机差异, the tickets behind each of its numbers, and their export."""

import tempfile
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET

from accounts.models import User
from core import sheets
from dispatch.models import Proposal
from knowledge.models import Trade
from reports import disagreement, exports
from reports.disagreement import FIGURES, GROUPS, Choice
from reports.forms import months
from reports.periods import Month
from tickets.forms.filters import LevelFilter

PER_PAGE = 50
SPANS = [("1", "当月"), ("3", "近 3 个月"), ("6", "近 6 个月"), ("12", "近 12 个月")]
HEADER = [
    *["单号", "项目", "位置", "故障", "级别", "轮次", "结论", "复核人", "复核时间", "首选", "首选得分"],
    *["最终人选", "理由", "事后复核", "事后复核人", "事后复核说明"],
]
WIDTHS = [20, 16, 20, 26, 6, 6, 10, 10, 18, 10, 10, 10, 40, 12, 10, 40]
may_dispatch = permission_required("tickets.dispatch_ticket", raise_exception=True)
may_export = permission_required(["tickets.dispatch_ticket", "tickets.export_ticket"], raise_exception=True)


class DisagreementFilter(LevelFilter):
    """Which decisions, and by what they are divided."""

    month = forms.TypedChoiceField(label="截止月份", coerce=Month.parse)
    span = forms.TypedChoiceField(label="期间", choices=SPANS, coerce=int)
    group = forms.ChoiceField(label="按", choices=[(name, words[0]) for name, words in GROUPS.items()])
    reviewer = forms.ModelChoiceField(
        User.objects.none(), label="复核人", required=False, empty_label="全部复核人"
    )
    trade = forms.ModelChoiceField(Trade.objects.all(), label="工种", required=False, empty_label="全部工种")
    field_order = ["month", "span", "group", "estate", "reviewer", "trade", "level"]

    def __init__(self, data: Mapping[str, Any], *, user: User):
        at = now()
        first = {"month": str(Month.of(at)), "span": "1", "group": "estate"}
        super().__init__(first | dict(data.items()), user=user)
        self.fields["month"].choices = months(at)
        seen = Proposal.objects.visible_to(user).filter(decided_by__isnull=False)
        self.fields["reviewer"].queryset = User.objects.filter(pk__in=seen.values("decided_by"))

    def choice(self) -> Choice:
        """The cleaned values."""
        data = self.cleaned_data
        keys = {name: data[name].pk if data[name] else None for name in ("estate", "reviewer", "trade")}
        return Choice(data["month"], data["span"], level=data["level"], **keys)


def _asked(request: HttpRequest) -> DisagreementFilter:
    """The filter of the address; what names nothing of the user's is as missing as nothing."""
    form = DisagreementFilter(request.GET, user=request.user)
    if not form.is_valid():
        raise Http404
    return form


@require_GET
@may_dispatch
def show(request: HttpRequest) -> HttpResponse:
    """How often, why, and was it better."""
    form = _asked(request)
    group = form.cleaned_data["group"]
    found = disagreement.decided(request.user, form.choice())
    context = {
        "form": form,
        "group": GROUPS[group][0],
        "figures": [(slug, words) for slug, (words, _) in FIGURES.items()],
        "lines": disagreement.table(found, group),
        "total": disagreement.total(found),
        "reasons": disagreement.reasons(found),
        "parts": disagreement.parts(found),
        "outcomes": disagreement.outcomes(found),
        "query": _query(form),
    }
    return render(request, "reports/disagreement.html", context)


def _query(form: DisagreementFilter) -> str:
    """The filter as the links of the page carry it."""
    query = QueryDict(mutable=True)
    query.update({name: form.data[name] for name in form.fields if form.data.get(name)})
    return query.urlencode()


def _behind(request: HttpRequest) -> tuple[DisagreementFilter, str, Any]:
    form = _asked(request)
    figure, line = request.GET.get("figure", ""), request.GET.get("line", "")
    if figure not in FIGURES:
        raise Http404
    found = disagreement.decided(request.user, form.choice())
    if line:
        found = disagreement.of_line(found, form.cleaned_data["group"], line)
    return form, figure, disagreement.behind(found, figure)


@require_GET
@may_dispatch
def tickets(request: HttpRequest) -> HttpResponse:
    """The tickets behind a number."""
    form, figure, rows = _behind(request)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    export = reverse("disagreement_export")
    context = {
        "label": FIGURES[figure][0],
        "page_obj": page,
        "downloads": [(kind, f"{export}?{request.GET.urlencode()}&kind={kind}") for kind in exports.KINDS],
        "crumbs": [("人机差异", f"{reverse('disagreement')}?{_query(form)}")],
    }
    return render(request, "reports/disagreement_tickets.html", context)


@require_GET
@may_export
def export(request: HttpRequest) -> HttpResponseBase:
    """The same as xlsx or csv, without formulas."""
    kind = request.GET.get("kind", "xlsx")
    if kind not in exports.KINDS:
        raise Http404
    form, figure, found = _behind(request)
    rows = (_row(proposal) for proposal in found.iterator(chunk_size=1000))
    # Closed by the response when it has been sent.
    target = tempfile.TemporaryFile()  # noqa: SIM115
    if kind == "csv":
        sheets.write_csv(target, header=HEADER, rows=rows)
    else:
        sheets.write_xlsx(target, title=FIGURES[figure][0], header=HEADER, rows=rows, widths=WIDTHS)
    target.seek(0)
    name = f"人机差异_{FIGURES[figure][0]}_{form.cleaned_data['month']}.{kind}"
    return exports.download(target, name=name, kind=kind)


def _row(proposal: Proposal) -> list[object]:
    ticket = proposal.ticket
    first = proposal.candidates[0] if proposal.candidates else {"name": "", "score": ""}
    return [
        ticket.number,
        ticket.estate.name,
        ticket.place_label,
        str(ticket.fault) if ticket.fault else ticket.description,
        ticket.level,
        proposal.round,
        proposal.get_decision_display(),
        str(proposal.decided_by or "系统"),
        proposal.decided_at,
        first["name"],
        first["score"],
        str(proposal.worker or ""),
        proposal.reason,
        proposal.get_after_display() if proposal.after else "",
        str(proposal.after_by or ""),
        proposal.after_reason,
    ]
