"""Import and export of the house book in admin: upload, preview, confirm; file within scope."""

import contextlib
import io
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_POST
from import_export.admin import ImportExportMixin

from core import sheets
from core.workbooks import RefusedFile, open_workbook_safely
from estates import house_book, presets
from estates.columns import COLUMNS, TITLES
from estates.forms import ExportForm, UploadForm
from estates.resources import HouseBookResult, UnitOwnerResource

log = structlog.get_logger(__name__)
KEPT_FOR = timedelta(days=1)
_SALT = "estates.house_book"


class HouseBookMixin(ImportExportMixin):
    """Replaces the library's pages by ours: Chinese, without inline style, safe reader and writer."""

    resource_classes = [UnitOwnerResource]
    import_template_name = "admin/estates/unit/import.html"
    export_template_name = "admin/estates/unit/export.html"

    def get_urls(self) -> list:
        sample = path(
            "import/sample/", self.admin_site.admin_view(self.sample), name="estates_unit_import_sample"
        )
        return [sample, *super().get_urls()]

    def sample(self, request: HttpRequest) -> HttpResponse:
        """The sample workbook that ships."""
        self._require(self.has_import_permission(request))
        return FileResponse(
            presets.SAMPLE.open("rb"), as_attachment=True, filename="房屋与业主导入样例.xlsx",
            content_type=sheets.XLSX_TYPE,
        )  # fmt: skip

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Upload and preview: nothing is written yet."""
        self._require(self.has_import_permission(request))
        if request.method != "POST":
            return self._import_page(request, form=UploadForm())
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._import_page(request, form=form, status=422)
        result = UnitOwnerResource().import_data(form.rows, dry_run=True, user=request.user)
        upload = form.cleaned_data["import_file"]
        if result.refused:
            return self._import_page(request, form=UploadForm(), result=result, name=upload.name, status=422)
        token = signing.dumps([self._keep(upload), upload.name, request.user.pk], salt=_SALT)
        return self._import_page(request, form=form, result=result, name=upload.name, token=token)

    @method_decorator(require_POST)
    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write what the preview has shown; a second press finds the file gone and says so."""
        self._require(self.has_import_permission(request))
        try:
            key, name, user_pk = signing.loads(request.POST.get("token", ""), salt=_SALT, max_age=KEPT_FOR)
            self._require(user_pk == request.user.pk)
            storage = self.get_tmp_storage_class()(name=key, read_mode="rb")
            rows = open_workbook_safely(io.BytesIO(storage.read()))
        except (signing.BadSignature, FileNotFoundError, RefusedFile):
            messages.warning(request, "这份文件已经导入，或预览已过期；如需再次导入，请重新上传。")
            return redirect("admin:estates_unit_import")
        result = UnitOwnerResource().import_data(rows, user=request.user)
        with contextlib.suppress(FileNotFoundError):
            storage.remove()
        if result.refused:
            return self._import_page(request, form=UploadForm(), result=result, name=name, status=422)
        self._tell(request, result, name)
        return redirect("admin:estates_unit_changelist")

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """The filtered list of dwellings with their residents, as a file."""
        self._require(self.has_export_permission(request))
        try:
            units = self.get_export_queryset(request)
        except IncorrectLookupParameters:
            return redirect(request.path)
        form = ExportForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            return self._file(request, units, form.cleaned_data["file_format"])
        context = self._context(request, "导出房屋与业主") | {
            "form": form,
            "count": units.count(),
            "titles": TITLES,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, self.export_template_name, context, status=status)

    def _file(self, request: HttpRequest, units: Any, kind: str) -> HttpResponse:
        target = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        rows = house_book.export_rows(units)
        if kind == "xlsx":
            widths = [column.width for column in COLUMNS]
            count = sheets.write_xlsx(target, title="房屋与业主", header=TITLES, rows=rows, widths=widths)
        else:
            count = sheets.write_csv(target, header=TITLES, rows=rows)
        target.seek(0)
        self._record(request, f"导出房屋与业主 {count} 行（{kind}）")
        log.info("house_book_exported", rows=count, file_format=kind)
        return FileResponse(
            target,
            as_attachment=True,
            filename=f"房屋与业主-{localdate():%Y%m%d}.{kind}",
            content_type=sheets.XLSX_TYPE if kind == "xlsx" else sheets.CSV_TYPE,
        )

    def _import_page(
        self,
        request: HttpRequest,
        *,
        form: UploadForm,
        result: HouseBookResult | None = None,
        name: str = "",
        token: str = "",
        status: int = 200,
    ) -> HttpResponse:
        context = self._context(request, "导入房屋与业主") | {
            "form": form,
            "result": result,
            "file_name": name,
            "token": token,
            "columns": COLUMNS,
        }
        return TemplateResponse(request, self.import_template_name, context, status=status)

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        request.current_app = self.admin_site.name
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "list_url": reverse("admin:estates_unit_changelist"),
        }

    def _keep(self, upload: Any) -> str:
        """Store an upload until it is confirmed; uploads that never were go after a day."""
        storage = self.get_tmp_storage_class()()
        _forget_old(storage)
        upload.seek(0)
        storage.save(upload.read())
        return storage.name

    def _tell(self, request: HttpRequest, result: HouseBookResult, name: str) -> None:
        totals = result.totals
        told = f"新增 {totals['new']} 行，更新 {totals['update']} 行，{totals['skip']} 行没有变化"
        self._record(request, f"导入“{name[:80]}”：{told}")
        log.info("house_book_imported", **{kind: totals[kind] for kind in ("new", "update", "skip")})
        messages.success(request, f"导入完成：{told}。")

    def _record(self, request: HttpRequest, told: str) -> None:
        LogEntry.objects.create(
            user_id=request.user.pk,
            content_type=ContentType.objects.get_for_model(self.model),
            object_repr=told[:200],
            action_flag=CHANGE,
            change_message=told,
        )

    @staticmethod
    def _require(allowed: bool) -> None:
        if not allowed:
            raise PermissionDenied


def _forget_old(storage: Any) -> None:
    files, folder = storage._storage, storage.MEDIA_FOLDER
    with contextlib.suppress(FileNotFoundError):
        for name in files.listdir(folder)[1]:
            stored = str(Path(folder) / name)
            if files.get_modified_time(stored) < now() - KEPT_FOR:
                files.delete(stored)
