"""The list of requests as a file for Excel: within scope, no cell a formula (RE-07, DI-11)."""

import tempfile
from datetime import datetime

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase

from coordination.models import Request
from core import sheets

KINDS = {"xlsx": sheets.XLSX_TYPE, "csv": sheets.CSV_TYPE}
HEADER = [
    *("协作单号", "项目", "工单号", "位置", "协作对象", "对方单位", "对方联系人", "请对方做什么"),
    *("负责人", "状态", "发起时间", "最初期限", "现期限", "回复时间", "是否逾期"),
]
WIDTHS = [12, 16, 20, 20, 16, 18, 12, 40, 10, 12, 18, 18, 18, 18, 10]


def as_file(rows: QuerySet[Request], *, kind: str, at: datetime) -> HttpResponseBase:
    """The requests as xlsx or csv; kept by no cache."""
    # Closed by the response when it has been sent.
    target = tempfile.TemporaryFile()  # noqa: SIM115
    cells = (_row(request, at) for request in rows.iterator(chunk_size=1000))
    if kind == "csv":
        sheets.write_csv(target, header=HEADER, rows=cells)
    else:
        sheets.write_xlsx(target, title="协作单", header=HEADER, rows=cells, widths=WIDTHS)
    target.seek(0)
    name = f"协作单_{at:%Y%m%d}.{kind}"
    response = FileResponse(target, as_attachment=True, filename=name, content_type=KINDS[kind])
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _row(request: Request, at: datetime) -> list[object]:
    ticket = request.ticket
    return [
        request.number,
        request.estate.name,
        ticket.number if ticket else "",
        ticket.place_label if ticket else "",
        request.counterpart.name,
        request.contact_unit,
        request.contact_name,
        request.asked,
        request.owner.full_name,
        request.get_state_display(),
        request.asked_at,
        request.promised_at,
        request.due_at,
        request.answered_at,
        request.is_late(at),
    ]
