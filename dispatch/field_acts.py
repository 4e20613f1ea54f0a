"""The acts of a worker's phone: each a form, words, and the service it calls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.forms import KeyedForm
from dispatch import field_forms, visits
from tickets import acceptance, fieldwork, pausing, plans, workflow
from tickets.actors import Actor
from tickets.models import Evidence, Status, Ticket

Do = Callable[[Ticket, Any, Actor, datetime], object]


@dataclass(frozen=True)
class Act:
    """One act: `step` is what the workflow must allow; `direct` ones need no page of their own."""

    label: str
    step: str
    form: type[KeyedForm]
    do: Do
    thanks: str
    tone: str = "secondary"
    direct: bool = False


def _step(name: str) -> Do:
    def do(ticket: Ticket, form: Any, by: Actor, at: datetime) -> object:
        reason = form.cleaned_data.get("reason", "")
        return workflow.step(ticket=ticket, name=name, by=by, at=at, reason=reason)

    return do


def _depart(ticket: Ticket, form: Any, by: Actor, at: datetime) -> object:
    return visits.depart(ticket=ticket, by=by, at=at)


def _arrive(ticket: Ticket, form: Any, by: Actor, at: datetime) -> object:
    return visits.arrive(ticket=ticket, photos=form.cleaned_data["photos"], by=by, at=at)


def _no_access(ticket: Ticket, form: Any, by: Actor, at: datetime) -> object:
    data = form.cleaned_data
    called = "、".join(data["called"])
    return visits.no_access(
        ticket=ticket, photos=data["photos"], reason=data["reason"], called=called, by=by, at=at
    )


def _contain(ticket: Ticket, form: Any, by: Actor, at: datetime) -> object:
    data = form.cleaned_data
    return fieldwork.contain(ticket=ticket, photos=data["photos"], measure=data["measure"], by=by, at=at)


def _plan(ticket: Ticket, form: Any, by: Actor, at: datetime) -> object:
    return plans.submit(ticket=ticket, plan=form.plan(), by=by, at=at)


def _sign(ticket: Ticket, form: Any, by: Actor, at: datetime) -> object:
    data = form.cleaned_data
    return plans.sign(ticket=ticket, signature=data["signature"], signer=data["signer"], by=by, at=at)


def _finish(ticket: Ticket, form: Any, by: Actor, at: datetime) -> object:
    data = form.cleaned_data
    return fieldwork.finish(
        ticket=ticket,
        photos=data["photos"],
        work_done=data["work_done"],
        materials=data["materials"],
        ended_at=at - timedelta(minutes=data["ended_ago"]),
        by=by,
        at=at,
    )


def _accept_work(ticket: Ticket, form: Any, by: Actor, at: datetime) -> object:
    data = {name: form.cleaned_data[name] for name in ("signature", "signer", "stars", "remark")}
    return acceptance.accept(ticket=ticket, by=by, at=at, **data)


def _suspend(ticket: Ticket, form: Any, by: Actor, at: datetime) -> object:
    data = form.cleaned_data
    return pausing.suspend(
        ticket=ticket, code=data["pause"], words=data["reason"], files=data["photos"], by=by, at=at
    )


def _photos(ticket: Ticket, form: Any, by: Actor, at: datetime) -> object:
    stage = Evidence.Stage.DURING if ticket.status == Status.REPAIRING else Evidence.Stage.BEFORE
    return fieldwork.add_photos(ticket=ticket, photos=form.cleaned_data["photos"], stage=stage, by=by, at=at)


# In the order in which buttons stand: the first that is allowed is the main one.
ACTS: dict[str, Act] = {
    "accept": Act(
        "接单", "accept", KeyedForm, _step("accept"), "已接单，请尽快联系业主。", "primary", direct=True
    ),
    "arrive": Act("我已到场", "arrive", field_forms.ArriveForm, _arrive, "已记录到场。", "primary"),
    "plan": Act("填写方案", "submit_plan", field_forms.PlanForm, _plan, "方案已提交。", "primary"),
    "sign": Act(
        "业主当面签字", "consent", field_forms.SignForm, _sign, "业主已签字，可以开始维修。", "primary"
    ),
    "finish": Act(
        "完工上报", "finish", field_forms.FinishForm, _finish, "已上报完工，等待工程师预验收。", "primary"
    ),
    "acceptance": Act(
        "业主当面验收", "pass_acceptance", field_forms.AcceptForm, _accept_work, "业主已验收签字。", "primary"
    ),
    "resume": Act("恢复维修", "resume", KeyedForm, _step("resume"), "已恢复。", "primary", direct=True),
    "depart": Act("出发", "depart", KeyedForm, _depart, "已通知业主您已出发。", direct=True),
    "no-access": Act(
        "上门无人",
        "no_access",
        field_forms.NoAccessForm,
        _no_access,
        "已记录上门无人，时限暂停，请重新预约。",
    ),
    "contain": Act("临时措施", "contain", field_forms.ContainForm, _contain, "临时措施已记录。"),
    "photos": Act("补充照片", "add_evidence", field_forms.PhotosForm, _photos, "照片已保存。"),
    "suspend": Act("申请挂起", "suspend", field_forms.PauseForm, _suspend, "已挂起，时钟暂停。"),
    "refuse-plan": Act(
        "业主不同意方案",
        "refuse_plan",
        field_forms.ReasonForm,
        _step("refuse_plan"),
        "已记录，请重新制定方案。",
    ),
    "refuse-acceptance": Act(
        "业主验收不通过",
        "refuse_acceptance",
        field_forms.ReasonForm,
        _step("refuse_acceptance"),
        "已记录，请继续整改。",
    ),
    "decline": Act(
        "不能接单", "decline", field_forms.DeclineForm, _step("decline"), "已退回派单员。", "danger"
    ),
}


def allowed(ticket: Ticket, by: Actor) -> list[tuple[str, Act]]:
    """The acts this worker may do now, the main one first."""
    return [
        (name, act)
        for name, act in ACTS.items()
        if workflow.may(ticket, act.step, by) and not (name == "depart" and visits.has_departed(ticket))
    ]
