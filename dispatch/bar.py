"""What the floor of dispatch has in the top bar, and who sees it."""

from core import nav
from dispatch import leaves


def may(user):
    return user.has_perm("tickets.dispatch_ticket")


def may_see(user):
    return user.has_perm("dispatch.view_activation")


def only_sees(user):
    # Who has the reviewer's desk finds it there.
    return may_see(user) and not may(user)


def works(user):
    return user.has_perm("tickets.work_ticket")


def may_see_waiting(user):
    return user.has_perm("tickets.triage_ticket") or may(user)


ITEMS = (
    nav.Item("dispatch", "派单", "dispatch_queue", "send", 20, may),
    nav.Item("queue", "派单复核", "dispatch_queue", "list-task", 1, may, parent="dispatch"),
    nav.Item("workers", "维修人员", "dispatch_workers", "people", 2, may, parent="dispatch", key="w"),
    nav.Item("emergency", "应急", "emergencies", "cone-striped", 9, may_see, parent="dispatch"),
    nav.Item("emergency", "应急", "emergencies", "cone-striped", 90, only_sees, parent="desk"),
    nav.Item("roster", "排班", "dispatch_roster", "calendar-week", 3, may, parent="dispatch"),
    nav.Item("leave", "请假", "dispatch_leaves", "calendar-x", 4, may, parent="dispatch"),
    nav.Item("load", "负荷", "dispatch_load", "speedometer2", 5, may, parent="dispatch"),
    nav.Item(
        "certificates",
        "证书",
        "dispatch_certificates",
        "award",
        6,
        may,
        parent="dispatch",
        holds=("skills",),
    ),
    nav.Item("training", "培训", "dispatch_trainings", "book", 7, may, parent="dispatch"),
    nav.Item("pool", "抢单", "field_pool", "hand-index", 2, works, parent="field"),
    nav.Item("leave", "班次请假", "field_leave", "calendar-week", 3, leaves.may_ask, parent="field"),
    nav.Item("punctual", "到场准时", "dispatch_punctuality", "alarm", 8, may, parent="dispatch"),
)
