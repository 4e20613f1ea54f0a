"""The columns of the sheet of past tickets: names, meaning, and how a cell becomes a value."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from core import phones
from estates.columns import CellError, Column
from tickets.calendars import SHANGHAI
from tickets.models import Channel, Kind, Port

_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?"
)
_LEVEL = re.compile(r"([1-4一二三四])级?.{0,4}")
EARLIEST = datetime(1990, 1, 1, tzinfo=SHANGHAI)
ENDINGS = {"完成": False, "已完成": False, "已关闭": False, "已归档": False, "作废": True, "已作废": True}
STARS = {"5", "4", "3", "2", "1"}


def text(most: int) -> Callable[[str], str]:
    """Any text of at most so many characters."""

    def read(value: str) -> str:
        if len(value) > most:
            raise CellError(f"最多 {most} 个字")
        return value

    return read


def moment(value: str) -> datetime:
    """A day with or without a time of day, as our clocks here show it."""
    found = _MOMENT.fullmatch(value)
    try:
        at = datetime(*(int(part or 0) for part in found.groups()), tzinfo=SHANGHAI) if found else None
    except ValueError:
        at = None
    if at is None:
        raise CellError("应为时间，例如 2024-06-30 09:05")
    if at < EARLIEST:
        raise CellError("年份应在 1990 年以后")
    return at


def one_of(choices: Any) -> Callable[[str], str]:
    """One of the words of a list of choices."""
    words = {label: value for value, label in choices.choices}

    def read(value: str) -> str:
        if value not in words:
            raise CellError(f"只能填：{'、'.join(words)}")
        return words[value]

    return read


def level(value: str) -> int:
    """1 to 4, written 1, 1级 or 一级."""
    found = _LEVEL.fullmatch(value)
    if not found:
        raise CellError("应为 1 到 4 级")
    return "一二三四".index(found[1]) + 1 if found[1] in "一二三四" else int(found[1])


def ending(value: str) -> bool:
    """Whether it was cancelled."""
    if value not in ENDINGS:
        raise CellError("只能填：完成、作废；未完成的工单请在系统中重新登记")
    return ENDINGS[value]


def stars(value: str) -> str:
    """One to five."""
    if value.removesuffix("星") not in STARS:
        raise CellError("应为 1 到 5")
    return value.removesuffix("星")


def phone(value: str) -> str:
    """A number as the house book writes it; one that is none stays as it was written down then."""
    return phones.normalise(value) or text(20)(value)


def upper(value: str) -> str:
    """A code."""
    return value.upper()


# What people wrote keeps its full stops and brackets; codes, numbers and names become half-width.
VERBATIM = {"description", "work_done"}
COLUMNS = [
    Column(
        "原单号",
        "old_number",
        text(40),
        "原系统或登记本的编号；同一项目内不重复，已导入过的会跳过",
        True,
        True,
        16,
    ),
    Column("项目代码", "estate", upper, "后台“项目”里的代码，例如 BJHY", True, True),
    Column("楼栋", "building", text(30), "例如 3栋；公共区域没有楼栋的留空", True),
    Column("单元", "entrance", text(20), "例如 2单元，没有就留空"),
    Column("房号", "room", text(20), "例如 1201；公共部位的工单留空", True),
    Column("公共部位", "place", text(60), "例如 1号电梯；户内的工单留空"),
    Column("登记时间", "registered_at", moment, "例如 2024-06-30 09:05", True, True, 18),
    Column("完成时间", "completed_at", moment, "留空同登记时间", width=18),
    Column("关闭时间", "closed_at", moment, "留空同完成时间", width=18),
    Column("故障描述", "description", text(2000), "原来登记的内容", True, True, 36),
    Column("故障分类", "fault", text(60), "后台“故障分类”的代码或问题名称；对不上的留空", width=14),
    Column("类型", "kind", one_of(Kind), f"{'、'.join(Kind.labels)}；留空为维修"),
    Column("级别", "level", level, "1 到 4；留空为 3", width=8),
    Column("渠道", "channel", one_of(Channel), f"{'、'.join(Channel.labels)}；留空为电话"),
    Column("受理端口", "port", one_of(Port), f"{'、'.join(Port.labels)}；留空为物业"),
    Column("报修人", "reporter_name", text(60), ""),
    Column("联系电话", "reporter_phone", phone, "", width=16),
    Column("维修人员", "worker", text(60), "原来的维修人员姓名"),
    Column("维修内容", "work_done", text(200), "", width=24),
    Column("满意度", "stars", stars, "1 到 5", width=8),
    Column("结果", "cancelled", ending, "完成、作废；留空为完成", width=8),
]
