"""The sample workbook of past tickets: a few rows, and what each column takes."""

from typing import BinaryIO

from channels.history_import.columns import COLUMNS
from core import sheets

ROWS = [
    {
        "原单号": "2023-0001", "项目代码": "BJHY", "楼栋": "3栋", "单元": "1单元", "房号": "101",
        "登记时间": "2023-05-08 09:05", "完成时间": "2023-05-08 16:30", "关闭时间": "2023-05-09 10:00",
        "故障描述": "厨房龙头关不紧，一直滴水", "级别": "3级", "渠道": "电话", "受理端口": "物业",
        "报修人": "张伟", "联系电话": "13800010001", "维修人员": "李师傅", "维修内容": "更换阀芯",
        "满意度": "5", "结果": "完成",
    },
    {
        "原单号": "2023-0002", "项目代码": "BJHY", "楼栋": "3栋", "公共部位": "1号电梯",
        "登记时间": "2023-05-10 20:11", "故障描述": "轿厢门关不上", "级别": "1级", "渠道": "巡检发现",
        "维修内容": "调整门机皮带",
    },
]  # fmt: skip


def write(target: BinaryIO) -> None:
    """Write the workbook; the same program gives the same bytes."""
    titles = [column.title for column in COLUMNS]
    rows = [[row.get(title, "") for title in titles] for row in ROWS]
    notes = [
        [column.title, "是" if column.needed else "", "是" if column.filled else "", column.hint]
        for column in COLUMNS
    ]
    with sheets.open_workbook(target) as workbook:
        widths = [column.width for column in COLUMNS]
        sheets.add_sheet(workbook, title="历史工单", header=titles, rows=rows, widths=widths)
        header = ["列名", "表头必须有", "每行必填", "怎么填"]
        sheets.add_sheet(workbook, title="填写说明", header=header, rows=notes, widths=[14, 12, 10, 60])
