"""The state machine of a ticket: every step, from where to where, who may, and the words on the button.

A step only sets fields of the row. `tickets.workflow` locks, checks, saves and
records; nothing else calls these methods (design.md, one door).
"""

from django_fsm import GET_STATE, FSMField

from tickets import kinds, rules
from tickets.models.aside import AsideSteps
from tickets.models.declaring import transition, words
from tickets.states import WITH_WORKER, Status


class TicketMachine(AsideSteps):
    """The status and the steps; `Ticket` adds the facts."""

    status = FSMField("状态", choices=Status, default=Status.REGISTERED, protected=True, editable=False)

    class Meta(AsideSteps.Meta):
        abstract = True

    # -- intake and review -------------------------------------------------
    @transition(
        field="status",
        source=Status.INCOMPLETE,
        target=Status.REGISTERED,
        permission=rules.any_of(rules.may_register, rules.may_triage),
        custom=words("补全登记", needs="details"),
    )
    def complete_details(self, *, at):
        """What was missing has been asked for and written down (IN-04)."""

    @transition(
        field="status",
        source=Status.REGISTERED,
        target=Status.IN_REVIEW,
        permission=rules.any_of(rules.may_dispatch, rules.is_system),
        custom=words("提交复核", needs="proposal"),
    )
    def submit_review(self, *, at):
        """A proposal exists; a person decides (DI-03)."""

    @transition(
        field="status",
        source=[Status.REGISTERED, Status.IN_REVIEW],
        target=Status.INCOMPLETE,
        permission=rules.any_of(rules.may_dispatch, rules.may_triage),
        custom=words("退回补充", reason=True, tone="secondary"),
    )
    def return_for_information(self, *, at):
        """The front desk asks the caller for what is missing."""

    @transition(
        field="status",
        source=[Status.REGISTERED, Status.IN_REVIEW],
        target=Status.DISPATCHED,
        permission=rules.any_of(rules.may_dispatch, rules.by_policy),
        custom=words("派单", needs="worker", saves=("handler", "dispatched_at")),
    )
    def dispatch(self, *, handler, at):
        """Give the ticket to a worker; without a reviewer only where the level's rule says so (DI-03)."""
        self.handler = handler
        self.dispatched_at = at

    @transition(
        field="status",
        source=[Status.DISPATCHED, Status.ACCEPTED, Status.SCHEDULED],
        target=Status.DISPATCHED,
        permission=rules.may_dispatch,
        custom=words("改派", needs="worker", saves=("handler",), reason=True, tone="secondary"),
    )
    def reassign(self, *, handler, at):
        """Give it to somebody else before the work has begun; the first dispatch time stays."""
        self.handler = handler

    @transition(
        field="status",
        source=[*WITH_WORKER, Status.OWNER_CONSENT],
        target=Status.DISPATCHED,
        permission=rules.may_replace_company,
        custom=words("启用备选单位", needs="backup", saves=("handler",), reason=True, tone="secondary"),
    )
    def activate_backup(self, *, handler, at):
        """A company that does not answer or does not finish gives way to the next one (WA-12)."""
        self.handler = handler

    # -- the worker's side -------------------------------------------------
    @transition(
        field="status",
        source=Status.DISPATCHED,
        target=Status.ACCEPTED,
        permission=rules.is_handler,
        custom=words("接单"),
    )
    def accept(self, *, at):
        """The worker takes it (DI-04)."""

    @transition(
        field="status",
        source=Status.DISPATCHED,
        target=Status.IN_REVIEW,
        permission=rules.is_handler,
        custom=words("拒单", saves=("handler",), reason=True, tone="danger"),
    )
    def decline(self, *, at):
        """The worker says no and why; the reviewer looks again."""
        self.handler = None

    @transition(
        field="status",
        source=Status.DISPATCHED,
        target=Status.IN_REVIEW,
        permission=rules.is_system,
        custom=words("无人应答收回", saves=("handler",), reason=True, tone="secondary"),
    )
    def take_back(self, *, at):
        """Nobody answered in time: the next one is proposed (DI-04)."""
        self.handler = None

    @transition(
        field="status",
        source=Status.ACCEPTED,
        target=Status.SCHEDULED,
        permission=rules.any_of(rules.is_handler, rules.may_dispatch),
        custom=words("预约上门", needs="window"),
    )
    def schedule(self, *, at):
        """A window is agreed with the owner (DI-07)."""

    @transition(
        field="status",
        source=Status.SCHEDULED,
        target=Status.SCHEDULED,
        permission=rules.any_of(rules.is_handler, rules.may_dispatch),
        custom=words("改约", needs="window", reason=True, tone="secondary"),
    )
    def reschedule(self, *, at):
        """Another window; counted, and the first promise keeps counting (SL-04)."""

    @transition(
        field="status",
        source=Status.SCHEDULED,
        target=Status.ACCEPTED,
        permission=rules.is_handler,
        custom=words("上门无人", needs="photo", reason=True, tone="secondary"),
    )
    def no_access(self, *, at):
        """Nobody opened; a new window must be agreed (EX-11)."""

    @transition(
        field="status",
        source=[Status.ACCEPTED, Status.SCHEDULED],
        target=Status.SURVEYING,
        permission=rules.is_handler,
        custom=words("到场", needs="photo"),
    )
    def arrive(self, *, at):
        """The worker is on site, with a photo as proof (EX-01)."""

    @transition(
        field="status",
        source=Status.SURVEYING,
        target=Status.OWNER_CONSENT,
        permission=rules.is_handler,
        custom=words("提交方案", needs="plan"),
    )
    def submit_plan(self, *, at):
        """A routine plan card goes straight to the owner (EX-02)."""

    @transition(
        field="status",
        source=Status.SURVEYING,
        target=Status.PLAN_REVIEW,
        permission=rules.is_handler,
        custom=words("提交方案审核", needs="plan"),
    )
    def submit_plan_for_review(self, *, at):
        """An important plan goes to the manager first (EX-02)."""

    @transition(
        field="status",
        source=Status.PLAN_REVIEW,
        target=Status.OWNER_CONSENT,
        permission=rules.may_review_plan,
        custom=words("审核通过"),
    )
    def approve_plan(self, *, at):
        """The manager agrees to the plan."""

    @transition(
        field="status",
        source=Status.PLAN_REVIEW,
        target=Status.SURVEYING,
        permission=rules.may_review_plan,
        custom=words("退回方案", reason=True, tone="secondary"),
    )
    def reject_plan(self, *, at):
        """The manager wants another plan."""

    @transition(
        field="status",
        source=Status.OWNER_CONSENT,
        target=Status.REPAIRING,
        permission=rules.any_of(rules.is_owner, rules.is_handler),
        custom=words("签字同意", needs="signature"),
    )
    def consent(self, *, at):
        """The owner signs, on their phone or in front of the worker (EX-02)."""

    @transition(
        field="status",
        source=Status.OWNER_CONSENT,
        target=Status.SURVEYING,
        permission=rules.any_of(rules.is_owner, rules.is_handler),
        custom=words("不同意方案", reason=True, tone="danger"),
    )
    def refuse_plan(self, *, at):
        """The owner does not agree; another plan is needed."""

    @transition(
        field="status",
        source=Status.REPAIRING,
        target=Status.PRE_INSPECTION,
        permission=rules.is_handler,
        custom=words("完工上报", needs="photo"),
    )
    def finish(self, *, at):
        """The work is done and photographed (EX-09)."""

    @transition(
        field="status",
        source=Status.PRE_INSPECTION,
        target=Status.OWNER_ACCEPTANCE,
        permission=rules.may_inspect,
        custom=words("预验收合格"),
    )
    def pass_inspection(self, *, at):
        """The engineer finds the work good (EX-09)."""

    @transition(
        field="status",
        source=Status.PRE_INSPECTION,
        target=Status.REPAIRING,
        permission=rules.may_inspect,
        custom=words("预验收不合格", reason=True, tone="danger"),
    )
    def fail_inspection(self, *, at):
        """Back to the worker with the reason."""

    @transition(
        field="status",
        source=Status.OWNER_ACCEPTANCE,
        target=Status.COMPLETED,
        permission=rules.any_of(rules.is_owner, rules.is_handler),
        custom=words("验收签字", needs="signature", saves=("completed_at",)),
    )
    def pass_acceptance(self, *, at):
        """The owner accepts and signs (EX-09)."""
        self.completed_at = at

    @transition(
        field="status",
        source=Status.OWNER_ACCEPTANCE,
        target=Status.REPAIRING,
        permission=rules.any_of(rules.is_owner, rules.is_handler),
        custom=words("验收不通过", reason=True, tone="danger"),
    )
    def refuse_acceptance(self, *, at):
        """The owner names what is still wrong."""

    # -- answered with words -----------------------------------------------
    @transition(
        field="status",
        source=Status.REGISTERED,
        target=GET_STATE(
            lambda self, **_: kinds.of(self.kind).replied, states=[Status.COMPLETED, Status.CLOSED]
        ),
        permission=rules.may_reply,
        custom=words("答复", needs="reply", saves=("completed_at", "closed_at")),
    )
    def reply(self, *, at):
        """The answer was given: a complaint waits for the follow-up call, others are closed (IN-11)."""
        self.completed_at = at
        if kinds.of(self.kind).replied == Status.CLOSED:
            self.closed_at = at

    # -- follow-up and the end ---------------------------------------------
    @transition(
        field="status",
        source=Status.COMPLETED,
        target=Status.CLOSED,
        permission=rules.any_of(rules.may_follow_up, rules.may_close),
        custom=words("回访闭环", needs="follow_up", saves=("closed_at",)),
    )
    def close(self, *, at):
        """The follow-up found the fault gone (FU-01)."""
        self.closed_at = at

    @transition(
        field="status",
        source=Status.COMPLETED,
        target=Status.REGISTERED,
        permission=rules.may_follow_up,
        custom=words(
            "回访整改",
            needs="follow_up",
            reason=True,
            tone="danger",
            saves=("round", "rework", "handler", "completed_at"),
        ),
    )
    def fail_follow_up(self, *, at):
        """Not solved: the same ticket goes round again (FU-02)."""
        self.round += 1
        self.rework = True
        self.handler = None
        self.completed_at = None

    @transition(
        field="status",
        source=Status.CLOSED,
        target=Status.ARCHIVED,
        permission=rules.any_of(rules.may_archive, rules.is_system),
        custom=words("归档"),
    )
    def archive(self, *, at):
        """Filed by unit, fault and time (FU-03)."""


# Every step in the order in which pages and papers list them.
ORDER = [*vars(TicketMachine), *vars(AsideSteps)]
