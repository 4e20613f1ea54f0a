"""Workers from Excel: upload, look at the preview, confirm (IN-16)."""

import io
from typing import Any

import structlog
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import parked, sheets
from core.forms import KeyedForm
from core.widgets import WorkbookInput
from core.workbooks import RefusedFile, Rows, data_rows, open_workbook_safely
from dispatch import worker_book, worker_write
from dispatch.views.queue import may_dispatch
from dispatch.worker_book import Plan
from dispatch.worker_columns import COLUMNS, write_sample
from estates.columns import header_mistakes
from tickets.views.shared import act_once

log = structlog.get_logger(__name__)
may_import = permission_required("dispatch.import_worker", raise_exception=True)
MAX_ROWS, SHOWN = 5000, 200
_SALT = "dispatch.worker_book"


class UploadForm(KeyedForm):
    """One .xlsx file; once valid, `rows` holds what it says (T23)."""

    workbook = forms.FileField(
        label="Excel 文件",
        allow_empty_file=False,
        widget=WorkbookInput(),
        error_messages={"required": "请选择要导入的 .xlsx 文件。", "empty": "文件是空的，请重新选择。"},
    )

    def clean_workbook(self) -> Any:
        upload = self.cleaned_data["workbook"]
        try:
            self.rows = open_workbook_safely(upload, max_rows=MAX_ROWS)
        except RefusedFile as refused:
            raise forms.ValidationError(refused.message) from refused
        if len(self.rows.cells) < 2:
            raise forms.ValidationError("没有数据：第一行应为列名，从第二行起为数据。")
        if mistakes := header_mistakes(self.rows.cells[0], COLUMNS):
            raise forms.ValidationError(mistakes)
        return upload


class ConfirmForm(KeyedForm):
    """Write what the preview has shown; `token` names the file and its reader."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=500)


@require_http_methods(["GET", "POST"])
@may_dispatch
@may_import
def upload(request: HttpRequest) -> HttpResponse:
    """Upload and preview: nothing is written yet."""
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if not form.is_bound or not form.is_valid():
        return _page(request, form=form, status=422 if form.is_bound else 200)
    plan = _plan(request, form.rows)
    name = form.cleaned_data["workbook"].name
    if plan.refused:
        return _page(request, form=UploadForm(), plan=plan, name=name, status=422)
    key = parked.park(form.cleaned_data["workbook"], at=now())
    token = signing.dumps([key, name[:80], request.user.pk], salt=_SALT)
    return _page(request, confirm=ConfirmForm(initial={"token": token}), plan=plan, name=name)


@require_POST
@may_dispatch
@may_import
def confirm(request: HttpRequest) -> HttpResponse:
    """Write what the preview has shown, as things stand now; a file that is gone is said to be."""
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _page(request, form=UploadForm(), status=422)
    try:
        key, name, reader = signing.loads(
            form.cleaned_data["token"], salt=_SALT, max_age=parked.KEPT_FOR.total_seconds()
        )
        if reader != request.user.pk:
            raise signing.BadSignature
        return _confirm(request, form, key, name)
    except (signing.BadSignature, FileNotFoundError, RefusedFile):
        messages.warning(request, "这份文件已经导入，或预览已过期；如需再次导入，请重新上传。")
        return _page(request, form=UploadForm(), status=422)


class _Stale(Exception):
    """What was right in the preview is wrong by now."""

    def __init__(self, plan: Plan):
        super().__init__()
        self.plan = plan


def _confirm(request: HttpRequest, form: ConfirmForm, key: str, name: str) -> HttpResponse:
    def act() -> str:
        worker_write.lock()
        plan = _plan(request, open_workbook_safely(io.BytesIO(parked.fetch(key)), max_rows=MAX_ROWS))
        if plan.refused:
            raise _Stale(plan)
        worker_write.write(plan, by=request.user)
        transaction.on_commit(lambda: parked.drop(key))
        totals = plan.totals
        told = f"新增 {totals['new']} 行，更新 {totals['update']} 行，{totals['skip']} 行没有变化"
        log.info("workers_imported", **{kind: totals[kind] for kind in ("new", "update", "skip")})
        messages.success(request, f"导入完成：{told}。")
        return reverse("dispatch_workers")

    try:
        return act_once(request, form, act, back_url=reverse("dispatch_import"))
    except _Stale as stale:
        return _page(request, form=UploadForm(), plan=stale.plan, name=name, status=422)
    except IntegrityError:
        # Somebody saved one of these people in admin between our reading and our writing.
        messages.error(request, "导入期间有人改动了同一批数据，没有写入任何内容，请重新上传。")
        return _page(request, form=UploadForm(), status=422)


@require_GET
@may_dispatch
@may_import
def sample(request: HttpRequest) -> HttpResponseBase:
    """The sample workbook with a sheet that explains the columns."""
    target = io.BytesIO()
    write_sample(target)
    target.seek(0)
    return FileResponse(
        target, as_attachment=True, filename="维修人员导入样例.xlsx", content_type=sheets.XLSX_TYPE
    )


def _plan(request: HttpRequest, rows: Rows) -> Plan:
    return worker_book.plan_import(user=request.user, header=rows.cells[0], rows=data_rows(rows), at=now())


def _page(
    request: HttpRequest, *, status: int = 200, plan: Plan | None = None, **context: Any
) -> HttpResponse:
    whole = (plan.refused or plan.changes) if plan else []
    context |= {
        "plan": plan,
        "totals": dict(plan.totals) if plan else {},
        "lines": whole[:SHOWN],
        "hidden": max(0, len(whole) - SHOWN),
        "columns": COLUMNS,
        "most": f"{MAX_ROWS:,}",
        "crumbs": [("维修人员", reverse("dispatch_workers"))],
    }
    return render(request, "dispatch/worker_import.html", context, status=status)
