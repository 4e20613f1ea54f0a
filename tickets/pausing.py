"""For which reasons work may be put aside while its clocks rest, and what proves each (SL-04).

The reasons are data of the policy a ticket was accepted under: `"pauses": {"material":
{"label": "等待材料", "evidence": true, "hint": "现场照片与调货申请"}}` beside its clocks. A policy
without them has these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.db import joined
from tickets import evidence, rules, workflow
from tickets.actors import Actor
from tickets.models import Evidence, Ticket


@dataclass(frozen=True)
class Reason:
    """An allowed reason; `evidence` says whether a file must prove it, `hint` which."""

    code: str
    label: str
    evidence: bool
    hint: str


class ProofMissing(ValueError):
    """The reason must be proved by a file, and none came."""


# What the owner said is kept as such; the rest stands with the work.
BY_OWNER = {"owner", "refusal"}
REASONS = {
    reason.code: reason
    for reason in (
        Reason("owner", "业主改期", True, "短信、聊天截图、录音或留言条"),
        Reason("refusal", "业主拒绝方案", True, "业主的书面意见、短信、截图或录音"),
        Reason("material", "等待材料", True, "现场照片或调货申请"),
        Reason("weather", "等待雨天验证", True, "现场照片或淋水试验安排"),
        Reason("stop_order", "停工令", True, "停工令照片"),
        Reason("emergency", "应急模式", False, "发布人与期限见应急公告"),
        Reason("cross_department", "等待其他部门", True, "往来函件或截图"),
    )
}


def reasons(policy: Mapping[str, Any]) -> dict[str, Reason]:
    """The allowed reasons under a policy's rules, by code, in their order."""
    named = policy.get("pauses")
    if named is None:
        return REASONS
    return {
        code: Reason(code, spec["label"], spec.get("evidence", False), spec.get("hint", ""))
        for code, spec in named.items()
    }


def offered(policy: Mapping[str, Any]) -> dict[str, Reason]:
    """The reasons that a person may choose: what the emergency mode holds, only its end lets go (DI-09)."""
    return {code: reason for code, reason in reasons(policy).items() if code != rules.HELD}


def label(payload: Mapping[str, Any]) -> str:
    """The words for the reason that an event's payload names; empty where there is none."""
    found = REASONS.get(payload.get("pause", ""))
    return payload.get("pause_label") or (found.label if found else "")


@joined
def suspend(
    *,
    ticket: Ticket,
    code: str,
    words: str,
    files: Sequence[Any],
    by: Actor,
    at: datetime,
    proof: Mapping[str, Any] | None = None,
) -> Ticket:
    """Put the work aside for an allowed reason, with its proof; the clocks pause (SL-04).

    `files` as `PhotosField` gives them; `proof` names a row of ours that proves it as well as a file
    would, and is kept with the event. Raises KeyError for a reason that the ticket's policy does
    not know, ProofMissing, evidence's RefusedFile, and what workflow.step raises.
    """
    reason = reasons(ticket.policy.rules)[code]
    if reason.evidence and not files and not proof:
        raise ProofMissing(reason.hint)
    # The step first: it locks the row and refuses who may not, before a file is written.
    ticket = workflow.require(ticket=ticket, name="suspend", by=by)
    stage = Evidence.Stage.REFUSAL if code in BY_OWNER else Evidence.Stage.OTHER
    kept = evidence.add(ticket=ticket, files=files, stage=stage, by=by, at=at, owner_may_see=False)
    payload: dict[str, Any] = {"pause": code, "pause_label": reason.label, **(proof or {})}
    if kept:
        payload["evidence"] = evidence.as_payload(kept)
    return workflow.step(
        ticket=ticket, name="suspend", by=by, at=at, reason=words, payload=payload, code=code
    )
