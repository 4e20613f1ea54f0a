"""Workbooks as people would send them."""

import io

from core import sheets
from core.workbooks import open_workbook_safely
from estates.columns import TITLES
from estates.resources import UnitOwnerResource

HEAD = {"项目代码": "BJHY", "楼栋": "3栋", "单元": "2单元", "房号": "1201", "批次": "一期"}
PERSON = {"业主姓名": "张伟", "电话": "13800138000"}


def row(**cells):
    """A row of the sheet by column; the door and its owner unless told otherwise."""
    return HEAD | PERSON | cells


def workbook(*rows, titles=TITLES):
    """The rows as an .xlsx in memory."""
    stream = io.BytesIO()
    cells = [[line.get(title, "") for title in titles] for line in rows]
    sheets.write_xlsx(stream, title="房屋", header=titles, rows=cells)
    stream.seek(0)
    return stream


def imported(user, *rows, dry_run=False, titles=TITLES):
    """The result of importing the rows as this user."""
    opened = open_workbook_safely(workbook(*rows, titles=titles))
    return UnitOwnerResource().import_data(opened, dry_run=dry_run, user=user)


def problems(result):
    """(Excel row, column, messages) of everything that was refused."""
    return [(line.number, title, told) for line in result.invalid_rows for title, told in line.errors.items()]


def totals(result):
    return {kind: count for kind, count in result.totals.items() if count}
