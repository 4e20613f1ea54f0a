"""The after-action record: written, approved, printed (DI-09)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dispatch.emergency import activation as verbs
from dispatch.emergency import record
from dispatch.emergency_forms import DecideForm, RecordForm
from dispatch.models import Activation, AfterAction
from dispatch.views.emergency import crumbs_of, find, may_see
from tickets.views.shared import act_once

State = AfterAction.State


def _find(request: HttpRequest, pk: int) -> tuple[Activation, AfterAction]:
    """The activation with its record; as long as it goes on there is none."""
    activation = find(request, pk)
    row = (
        AfterAction.objects.select_related("written_by", "approved_by").filter(activation=activation).first()
    )
    if row is None:
        raise Http404
    return activation, row


@require_http_methods(["GET", "POST"])
@may_see
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Figures and words; the commander fills in and submits."""
    activation, row = _find(request, pk)
    if request.method == "GET":
        return _page(request, activation, row)
    if not verbs.may_command(request.user, activation):
        raise PermissionDenied("应急总结由指挥岗位填写。")
    form = RecordForm(request.POST)
    if not form.is_valid():
        return _page(request, activation, row, form=form)

    def act() -> str:
        submit = form.cleaned_data["act"] == "submit"
        record.write(row=row, words=form.cleaned_data, submit=submit, by=request.user, at=now())
        messages.success(request, "已提交审批。" if submit else "已保存。")
        return _address(activation)

    return _or_not_so(request, activation, form, act)


@require_POST
@may_see
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The manager approves it, or sends it back."""
    activation, row = _find(request, pk)
    if not request.user.has_perm(record.APPROVE):
        raise PermissionDenied("应急总结由房修经理审批。")
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _page(request, activation, row, decide=form)

    def act() -> str:
        data = form.cleaned_data
        approved = data["approved"] == "yes"
        record.decide(row=row, approved=approved, answer=data["answer"], by=request.user, at=now())
        messages.success(request, "已批准，总结存档。" if approved else "已退回修改。")
        return _address(activation)

    return _or_not_so(request, activation, form, act)


@require_GET
@may_see
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """The record on A4."""
    activation, row = _find(request, pk)
    return render(request, "dispatch/emergency_record_print.html", _context(activation, row))


def _address(activation: Activation) -> str:
    return reverse("emergency_record", args=[activation.pk])


def _or_not_so(request: HttpRequest, activation: Activation, form, act) -> HttpResponse:
    try:
        return act_once(request, form, act, back_url=_address(activation))
    except record.NotSo as error:
        messages.info(request, str(error))
        return render(
            request, "core/taken.html", {"title": str(error), "back_url": _address(activation)}, status=409
        )


def _page(request: HttpRequest, activation: Activation, row: AfterAction, **bound: Any) -> HttpResponse:
    writes = row.state == State.DRAFT and verbs.may_command(request.user, activation)
    decides = row.state == State.SUBMITTED and request.user.has_perm(record.APPROVE)
    context = _context(activation, row) | {
        "form": bound.get("form") or (RecordForm.of(row) if writes else None),
        "decide": bound.get("decide") or (DecideForm() if decides else None),
        "crumbs": crumbs_of(activation),
    }
    return render(request, "dispatch/emergency_record.html", context, status=422 if bound else 200)


def _context(activation: Activation, row: AfterAction) -> dict[str, Any]:
    return {
        "activation": activation,
        "row": row,
        "figures": row.figures,
        "lines": lines(row.figures),
        "sections": [
            (AfterAction._meta.get_field(name).verbose_name, getattr(row, name)) for name in record.SECTIONS
        ],
        "estates": activation.estates.all(),
        "orders": activation.orders.select_related("by").order_by("at", "pk"),
        "squad": activation.squad.all(),
    }


def lines(figures: dict[str, Any]) -> list[tuple[str, str]]:
    """The frozen figures as pairs of words."""
    levels = "，".join(f"{level}级{number}单" for level, number in figures["levels"].items() if number)
    owners = figures["owners"]
    return [
        ("灾害类工单", f"{figures['tickets']}单" + (f"（{levels}）" if levels else "")),
        ("已完成", f"{figures['done']}单"),
        ("派单用时（中位数）", _minutes(figures["minutes_to_dispatch"])),
        ("到场用时（中位数）", _minutes(figures["minutes_to_arrive"])),
        ("时限超时", f"{figures['breaches']}次"),
        ("暂停3–4级工单", f"{figures['paused']}单，其中例外办理{figures['excepted']}单"),
        ("告知业主", f"{sum(owners.values())}条，失败{owners.get('dead', 0)}条"),
        ("期间投诉", f"{figures['complaints']}件"),
        ("应急小组", f"{figures['squad']}人，到岗{figures['present']}人，缺勤{figures['absent']}人"),
        ("检查清单", f"完成{figures['checks_done']}/{figures['checks']}项"),
    ]


def _minutes(value: float | None) -> str:
    return "无" if value is None else f"{value:g}分钟"
