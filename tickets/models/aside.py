"""The steps that put a ticket aside or take it out of the way; `tickets.models.machine` has all others."""

from django.db import models
from django_fsm import GET_STATE

from tickets import rules
from tickets.models.declaring import transition, words
from tickets.states import HOLDABLE, PAUSABLE, Status

SUSPENDED = ("suspended_from", "suspended_for")


class AsideSteps(models.Model):
    """Paused, deferred, cancelled, merged, transferred: what may happen beside the usual way."""

    suspended_from = models.CharField("挂起前状态", max_length=20, blank=True, choices=Status, editable=False)
    # The code of the reason while the ticket is put aside (tickets.pausing); empty otherwise.
    suspended_for = models.CharField(
        "挂起原因", max_length=20, blank=True, default="", db_default="", editable=False
    )

    class Meta:
        abstract = True

    @transition(
        field="status",
        source=list(HOLDABLE),
        target=Status.SUSPENDED,
        permission=rules.is_system,
        custom=words("挂起", needs="pause", reason=True, tone="secondary", saves=SUSPENDED),
    )
    @transition(
        field="status",
        source=list(PAUSABLE),
        target=Status.SUSPENDED,
        permission=rules.any_of(rules.is_handler, rules.may_dispatch, rules.may_inspect, rules.is_system),
        custom=words("挂起", needs="pause", reason=True, tone="secondary", saves=SUSPENDED),
    )
    def suspend(self, *, at, code=""):
        """Work waits for an allowed reason; its clocks pause (SL-04). Not begun: by emergencies (DI-09)."""
        self.suspended_from = self.status
        self.suspended_for = code

    @transition(
        field="status",
        source=Status.SUSPENDED,
        target=GET_STATE(lambda self, to="", **_: to or self.suspended_from, states=[*HOLDABLE, *PAUSABLE]),
        permission=rules.any_of(
            rules.unless_held(rules.any_of(rules.is_handler, rules.may_dispatch, rules.may_inspect)),
            rules.is_system,
        ),
        custom=words("恢复", saves=("suspended_for",)),
    )
    def resume(self, *, at, to=""):
        """Back to where it was put aside; `to` another state, where a window has gone by meanwhile."""
        self.suspended_for = ""

    @transition(
        field="status",
        source=[Status.REGISTERED, Status.IN_REVIEW],
        target=Status.DEFERRED,
        permission=rules.any_of(rules.may_dispatch, rules.may_triage),
        custom=words("延期办理", needs="date", reason=True, tone="secondary", saves=("deferred_until",)),
    )
    def defer(self, *, until, at):
        """Not now: a promised date, told to the owner (SL-10)."""
        self.deferred_until = until

    @transition(
        field="status",
        source=Status.DEFERRED,
        target=Status.REGISTERED,
        permission=rules.any_of(rules.may_dispatch, rules.may_triage, rules.is_system),
        custom=words("恢复办理"),
    )
    def undefer(self, *, at):
        """The promised date has come, or somebody found time earlier."""

    @transition(
        field="status",
        source=[Status.INCOMPLETE, Status.REGISTERED, Status.IN_REVIEW, Status.DISPATCHED, Status.DEFERRED],
        target=Status.CANCELLED,
        permission=rules.may_cancel,
        custom=words("作废", reason=True, tone="danger"),
    )
    def cancel(self, *, at):
        """It was no repair, or the owner withdrew it."""

    @transition(
        field="status",
        source=[Status.INCOMPLETE, Status.REGISTERED, Status.IN_REVIEW],
        target=Status.MERGED,
        permission=rules.may_triage,
        custom=words("合并到其他工单", needs="target", reason=True, tone="secondary", saves=("merged_into",)),
    )
    def merge(self, *, into, at):
        """The same fault is already being handled elsewhere (IN-08)."""
        self.merged_into = into

    @transition(
        field="status",
        source=[Status.INCOMPLETE, Status.REGISTERED, Status.IN_REVIEW],
        target=Status.TRANSFERRED,
        permission=rules.may_cancel,
        custom=words("转出", reason=True, tone="secondary"),
    )
    def transfer(self, *, at):
        """Somebody else's responsibility: utility, police, property law."""
