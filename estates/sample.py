"""The sample of the house book sheet: a few dwellings, and what each column takes."""

from typing import BinaryIO

from core import sheets
from estates.columns import COLUMNS, TITLES

SAMPLE_ESTATE, SAMPLE_BATCH = "BJHY", "一期"
_HOME = ("2024-06-30", "2024-07-02")
ROWS = [
    ("18栋", "1单元", "101", 1, "三室两厅", "98.50", *_HOME, "张伟", "13800010001", "业主", ""),
    ("18栋", "1单元", "101", 1, "三室两厅", "98.50", *_HOME, "李秀英", "13800010002", "家庭成员", "高龄独居"),
    ("18栋", "1单元", "102", 1, "两室一厅", "76.20", "2024-06-30", "", "曾敏", "13800010003", "业主", ""),
    ("18栋", "1单元", "201", 2, "三室两厅", "98.50", *_HOME, "欧阳静", "13800010004", "业主", "婴幼儿、VIP"),
    ("18栋", "1单元", "202", 2, "两室一厅", "76.20", *_HOME, "王强", "13800010005", "租户", ""),
    ("18栋", "2单元", "101", 1, "四室两厅", "128.00", *_HOME, "单雨", "010-65180006", "业主", "残障"),
    ("18栋", "2单元", "102", 1, "四室两厅", "128.00", "2024-06-30", "", "", "", "", ""),
    ("18栋", "2单元", "-101", -1, "储藏间", "12.60", *_HOME, "单雨", "010-65180006", "业主", ""),
]


def write_sample(target: BinaryIO) -> None:
    """Write the workbook; the same program gives the same bytes."""
    rows = [[SAMPLE_ESTATE, *row[:6], SAMPLE_BATCH, *row[6:]] for row in ROWS]
    notes = [
        [column.title, "是" if column.needed else "", "是" if column.filled else "", column.hint]
        for column in COLUMNS
    ]
    with sheets.open_workbook(target) as workbook:
        widths = [column.width for column in COLUMNS]
        sheets.add_sheet(workbook, title="房屋与业主", header=TITLES, rows=rows, widths=widths)
        header = ["列名", "表头必须有", "每行必填", "怎么填"]
        sheets.add_sheet(workbook, title="填写说明", header=header, rows=notes, widths=[14, 12, 10, 60])
