"""Past tickets from Excel: upload, look at the findings, confirm, watch (IN-16)."""

import io

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from channels.forms.history import ConfirmForm, UploadForm
from channels.history_import import jobs
from channels.history_import import sample as samples
from channels.history_import.columns import COLUMNS
from channels.models import ImportJob
from core import sheets
from tickets.views.shared import act_once

may_import = permission_required("channels.run_importjob", raise_exception=True)
SHOWN = 20


@require_http_methods(["GET", "POST"])
@may_import
def home(request: HttpRequest) -> HttpResponse:
    """Upload a workbook, and what became of the earlier ones."""
    if request.method == "GET":
        return _home(request, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _home(request, form, status=422)

    def act() -> str:
        job = jobs.upload(file=form.cleaned_data["workbook"], by=request.user, at=now())
        return reverse("history_job", args=[job.pk])

    return act_once(request, form, act, back_url=reverse("history_home"))


def _home(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    found = ImportJob.objects.visible_to(request.user).select_related("requested_by")[:SHOWN]
    context = {"form": form, "jobs": found, "columns": COLUMNS, "most": f"{jobs.MAX_ROWS:,}"}
    return render(request, "channels/history_home.html", context, status=status)


@require_GET
@may_import
@vary_on_headers("HX-Request")
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a job is, and what was found; htmx asks for the middle alone until it rests."""
    return _job(request, _job_or_404(request, pk))


def _job(request: HttpRequest, row: ImportJob, status: int = 200) -> HttpResponse:
    context = {
        "job": row,
        "form": ConfirmForm(),
        "headings": ["原单号", "位置", "登记时间", "关闭时间", "故障分类", "故障描述", "结果"],
        "crumbs": [("历史导入", reverse("history_home")), (row.name, "")],
    }
    template = "channels/_history_job.html" if request.htmx else "channels/history_job.html"
    return render(request, template, context, status=status)


@require_POST
@may_import
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write it; a second press changes nothing."""
    row = _job_or_404(request, pk)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        messages.error(request, "页面已过期，请重新点击“确认导入”。")
        return _job(request, row, status=422)

    def act() -> str:
        jobs.confirm(job=row, at=now())
        return reverse("history_job", args=[row.pk])

    return act_once(request, form, act, back_url=reverse("history_job", args=[row.pk]))


def _job_or_404(request: HttpRequest, pk: int) -> ImportJob:
    found = ImportJob.objects.visible_to(request.user).select_related("requested_by")
    return get_object_or_404(found, pk=pk)


@require_GET
@may_import
def sample(request: HttpRequest) -> HttpResponseBase:
    """The sample workbook with a sheet that explains the columns."""
    target = io.BytesIO()
    samples.write(target)
    target.seek(0)
    return FileResponse(
        target, as_attachment=True, filename="历史工单导入样例.xlsx", content_type=sheets.XLSX_TYPE
    )
