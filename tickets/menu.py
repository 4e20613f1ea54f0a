"""The desk's places in the top bar, in the order of its working day."""

from collections.abc import Callable
from typing import Any

from core.nav import Item


def _holds(*permissions: str) -> Callable[[Any], bool]:
    names = [f"tickets.{permission}" for permission in permissions]
    return lambda user: user.has_perms(names)


def _may_approve(user: Any) -> bool:
    return user.has_perm("tickets.supervise_ticket") or user.has_perm("tickets.direct_accident")


def _goes_in_person(user: Any) -> bool:
    return SEE(user) and (user.has_perm("tickets.visit_in_person") or user.has_perm("tickets.do_care_task"))


SEE = _holds("view_estate_tickets")
TAKE = _holds("view_estate_tickets", "register_ticket")
CARE = _holds("view_estate_tickets", "do_care_task")
INSPECT = _holds("inspect_ticket")
JUDGE = _holds("view_estate_tickets", "judge_ticket")
FOLLOW_UP = _holds("follow_up_ticket")

ITEMS = (
    Item("desk", "受理台", "desk_home", "headset", 10, SEE, search="tickets/_search_box.html"),
    Item("home", "首页", "desk_home", "house-door", 1, SEE, parent="desk"),
    Item("intake", "来电登记", "desk_intake", "telephone", 2, TAKE, parent="desk", key="n"),
    Item("incoming", "来件", "desk_incoming", "inbox", 2, TAKE, parent="desk"),
    Item("board", "看板", "desk_board", "kanban", 2, SEE, parent="desk", key="b"),
    Item("tickets", "工单", "desk_tickets", "card-list", 3, SEE, parent="desk", holds=("t", "search")),
    Item("incidents", "突发事件", "desk_incidents", "megaphone", 4, SEE, parent="desk"),
    Item("inspections", "待预验收", "desk_inspections", "check2-square", 4, INSPECT, parent="desk"),
    Item("follow-ups", "待回访", "desk_follow_ups", "telephone", 5, FOLLOW_UP, parent="desk"),
    Item("cases", "关联案件", "desk_cases", "diagram-3", 7, SEE, parent="desk"),
    Item("care", "一对一跟进", "desk_care", "heart-pulse", 8, CARE, parent="desk"),
    Item(
        "responsibility",
        "责任确认",
        "desk_responsibility",
        "clipboard-check",
        6,
        JUDGE,
        parent="desk",
        holds=("joint", "responsibility"),
    ),
    Item(
        "errands",
        "上门任务",
        "desk_errands",
        "house-door",
        8,
        _goes_in_person,
        parent="desk",
        holds=("errand",),
    ),
    Item("approvals", "待我审批", "desk_approvals", "clipboard-check", 8, _may_approve, parent="desk"),
)
