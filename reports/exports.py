"""Files that leave the house: never cached, never guessed at, never a formula in them (RE-07)."""

import tempfile
from typing import IO, TypeVar

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase

from core import sheets
from core.templatetags.fangxiu import mask_phone
from reports.figures import Figure
from reports.periods import Month
from tickets.models import Ticket

KINDS = {"xlsx": sheets.XLSX_TYPE, "csv": sheets.CSV_TYPE}
HEADER = [
    "单号",
    "项目",
    "位置",
    "故障",
    "级别",
    "状态",
    "轮次",
    "维修人员",
    "报修人",
    "联系电话",
    "登记时间",
    "结果",
]
WIDTHS = [20, 16, 20, 26, 6, 10, 6, 10, 10, 14, 18, 10]
Response = TypeVar("Response", bound=HttpResponseBase)


def private(response: Response) -> Response:
    """Kept by no cache, and taken for nothing but what it says it is."""
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def tickets(found: QuerySet[Ticket], *, figure: Figure, month: Month, kind: str) -> HttpResponseBase:
    """The tickets behind a figure as xlsx or csv."""
    rows = (_row(ticket, figure) for ticket in found.iterator(chunk_size=1000))
    # Closed by the response when it has been sent.
    target = tempfile.TemporaryFile()  # noqa: SIM115
    if kind == "csv":
        sheets.write_csv(target, header=HEADER, rows=rows)
    else:
        sheets.write_xlsx(target, title=figure.label[:31], header=HEADER, rows=rows, widths=WIDTHS)
    target.seek(0)
    return download(target, name=f"{figure.label}_{month}.{kind}", kind=kind)


def download(target: IO[bytes], *, name: str, kind: str) -> HttpResponseBase:
    """A file of one of `KINDS` that was just written, to be kept under this name."""
    return private(FileResponse(target, as_attachment=True, filename=name, content_type=KINDS[kind]))


def _row(ticket: Ticket, figure: Figure) -> list[object]:
    return [
        ticket.number,
        ticket.estate.name,
        ticket.place_label,
        str(ticket.fault) if ticket.fault else ticket.description,
        ticket.level,
        ticket.get_status_display(),
        ticket.round,
        str(ticket.handler or ""),
        ticket.reporter_name,
        mask_phone(ticket.reporter_phone),
        ticket.registered_at,
        (figure.good if ticket.hit else figure.bad) if figure.good else "",
    ]
