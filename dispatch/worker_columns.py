"""The columns of the workers' sheet, and the sample that ships with them (IN-16)."""

import re
from collections.abc import Callable
from typing import Any, BinaryIO

from accounts.models import User
from core import sheets
from dispatch.models import Skill, Worker
from estates.columns import CellError, Column, read_date, read_phone, text_of

_LIST = re.compile(r"[、,;/\s]+")


def _one_of(choices: list[tuple[Any, str]]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        for value, label in choices:
            if text == label:
                return value
        raise CellError(f"只能填：{'、'.join(label for _, label in choices)}")

    return read


def _number(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,3}", text) or not 1 <= int(text) <= most:
            raise CellError(f"应为 1 到 {most} 的整数")
        return int(text)

    return read


def read_list(text: str) -> tuple[str, ...]:
    """Several names in one cell, each once."""
    return tuple(dict.fromkeys(word for word in _LIST.split(text) if word))


GRADES = Worker._meta.get_field("grade").choices
COLUMNS = [
    Column(
        "工号", "job_number", text_of(User, "job_number"), "工号或手机号至少填一个；按它们找到已有人员", True
    ),
    Column("姓名", "full_name", text_of(User, "full_name"), "例如 张强", True, True),
    Column("手机号", "phone", read_phone, "登录用，不可重复", True, width=16),
    Column("片区", "area", str, "后台“片区”里的名称；新人必填", True),
    Column("负责项目", "estates", read_list, "项目代码，多个用顿号分开；新人必填", True, width=18),
    Column(
        "用工方", "employer", _one_of(Worker.Employer.choices), "自有班组、保修单位、第三方；留空为自有班组"
    ),
    Column("单位名称", "company", text_of(Worker, "company"), "外部单位的名称", width=22),
    Column("技能等级", "grade", _one_of(list(GRADES)), "初级、中级、高级"),
    Column("在手上限", "capacity", _number(100), "同时在手的工单数，例如 6"),
    Column("入职日期", "hired_on", read_date, "新人考核由此判断", width=14),
    Column("工种", "trades", read_list, "后台“工种”里的名称；没有证书的可写多个", width=24),
    Column("证书编号", "certificate", text_of(Skill, "certificate"), "一行一本；多本证书写多行", width=20),
    Column("发证日期", "issued_on", read_date, "例如 2024-06-30", width=14),
    Column("有效期至", "expires_on", read_date, "例如 2027-06-29；长期有效留空", width=14),
]
TITLES = [column.title for column in COLUMNS]
USER_FIELDS = {"full_name": "姓名", "phone": "手机号", "job_number": "工号"}
WORKER_FIELDS = {
    "employer": "用工方",
    "company": "单位名称",
    "grade": "技能等级",
    "capacity": "在手上限",
    "hired_on": "入职日期",
}
_ZHANG = ("W0901", "张强", "13800020001", "滨江片区", "BJHY", "自有班组", "", "高级", 6, "2023-03-01")
ROWS = [
    (*_ZHANG, "水电工、管道疏通工", "", "", ""),
    (*_ZHANG, "电工（低压电工证）", "T110101199001010011", "2024-06-30", "2027-06-29"),
    (
        "W0902",
        "李梅",
        "13800020002",
        "滨江片区",
        "BJHY",
        "",
        "",
        "初级",
        4,
        "2026-11-01",
        "油漆工",
        "",
        "",
        "",
    ),
]


def write_sample(target: BinaryIO) -> None:
    """The workbook to begin with: three rows, and what each column takes."""
    notes = [
        [column.title, "是" if column.needed else "", "是" if column.filled else "", column.hint]
        for column in COLUMNS
    ]
    with sheets.open_workbook(target) as workbook:
        widths = [column.width for column in COLUMNS]
        sheets.add_sheet(workbook, title="维修人员", header=TITLES, rows=ROWS, widths=widths)
        header = ["列名", "表头必须有", "每行必填", "怎么填"]
        sheets.add_sheet(workbook, title="填写说明", header=header, rows=notes, widths=[14, 12, 10, 60])
