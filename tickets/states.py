"""The states of a ticket and who holds it in each of them."""

from django.db import models


class Status(models.TextChoices):
    """Where a ticket stands; docs/states.md shows the whole machine."""

    INCOMPLETE = "incomplete", "待补充"
    REGISTERED = "registered", "已登记"
    IN_REVIEW = "in_review", "待复核"
    DISPATCHED = "dispatched", "已派单"
    ACCEPTED = "accepted", "已接单"
    SCHEDULED = "scheduled", "已预约"
    SURVEYING = "surveying", "勘查中"
    PLAN_REVIEW = "plan_review", "方案待审"
    OWNER_CONSENT = "owner_consent", "待业主确认"
    REPAIRING = "repairing", "维修中"
    PRE_INSPECTION = "pre_inspection", "待预验收"
    OWNER_ACCEPTANCE = "owner_acceptance", "待业主验收"
    COMPLETED = "completed", "待回访"
    CLOSED = "closed", "已闭环"
    ARCHIVED = "archived", "已归档"
    SUSPENDED = "suspended", "已挂起"
    DEFERRED = "deferred", "已延期"
    CANCELLED = "cancelled", "已作废"
    MERGED = "merged", "已合并"
    TRANSFERRED = "transferred", "已转出"


class Desk(models.TextChoices):
    """The queue or person that holds a ticket."""

    FRONT = "front", "前台"
    REVIEW = "review", "派单复核"
    WORKER = "worker", "维修人员"
    MANAGER = "manager", "房修经理"
    OWNER = "owner", "业主"
    ENGINEER = "engineer", "房修工程师"
    FOLLOW_UP = "follow_up", "回访"


HOLDER = {
    Status.INCOMPLETE: Desk.FRONT,
    Status.REGISTERED: Desk.REVIEW,
    Status.IN_REVIEW: Desk.REVIEW,
    Status.DISPATCHED: Desk.WORKER,
    Status.ACCEPTED: Desk.WORKER,
    Status.SCHEDULED: Desk.WORKER,
    Status.SURVEYING: Desk.WORKER,
    Status.PLAN_REVIEW: Desk.MANAGER,
    Status.OWNER_CONSENT: Desk.OWNER,
    Status.REPAIRING: Desk.WORKER,
    Status.PRE_INSPECTION: Desk.ENGINEER,
    Status.OWNER_ACCEPTANCE: Desk.OWNER,
    Status.COMPLETED: Desk.FOLLOW_UP,
    Status.CLOSED: Desk.FRONT,
    Status.SUSPENDED: Desk.WORKER,
    Status.DEFERRED: Desk.REVIEW,
}

ENDED = (Status.CLOSED, Status.ARCHIVED, Status.CANCELLED, Status.MERGED, Status.TRANSFERRED)
# States in which somebody still has something to do that an owner may ask to hurry (IN-20).
URGEABLE = tuple(status for status in Status if status not in {*ENDED, Status.COMPLETED})
WITH_WORKER = (
    Status.DISPATCHED,
    Status.ACCEPTED,
    Status.SCHEDULED,
    Status.SURVEYING,
    Status.REPAIRING,
)
# States from which work can be put aside; resume leads back to where it came from.
PAUSABLE = (
    Status.ACCEPTED,
    Status.SCHEDULED,
    Status.SURVEYING,
    Status.PLAN_REVIEW,
    Status.OWNER_CONSENT,
    Status.REPAIRING,
    Status.PRE_INSPECTION,
    Status.OWNER_ACCEPTANCE,
)
# Where nobody has gone yet: only the emergency mode puts a ticket aside from here (DI-09).
HOLDABLE = (Status.REGISTERED, Status.IN_REVIEW, Status.DISPATCHED)
# Where time works against a ticket: somebody of ours has to do the next thing (SL-06).
WATCHED = tuple(
    status for status in Status if status not in (*ENDED, Status.COMPLETED, Status.SUSPENDED, Status.DEFERRED)
)
