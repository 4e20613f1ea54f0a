"""Two pages beside the policies: which one applies to an estate and why, and what a change would do."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.timezone import localdate, now

from core.forms import PlainForm
from core.widgets import DateInput, PlainSelect
from estates.models import Estate
from tickets import policies, policy_preview
from tickets.clock_lines import ORDER, span
from tickets.clocks import NO_CLOCK
from tickets.models import Channel, Kind, PolicySet, Port
from tickets.settlement import WHY, Change, Limit

PREVIEW = "_preview"
ONLY = {
    "kind": dict(Kind.choices),
    "channel": dict(Channel.choices),
    "port": dict(Port.choices),
}


class ExplainForm(PlainForm):
    """For which estate, and on which day."""

    estate = forms.ModelChoiceField(
        Estate.objects.none(), label="项目", empty_label="请选择项目", widget=PlainSelect
    )
    on = forms.DateField(label="日期", required=False, widget=DateInput)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["estate"].queryset = Estate.objects.visible_to(user)


def explain(model_admin, request: HttpRequest) -> HttpResponse:
    """Every policy in force for an estate with its verdict, and the limits that hold with their reason."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    form = ExplainForm(request.GET or None, user=request.user)
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": "哪一套时效在起作用",
        "form": form,
    }
    status = 200
    if form.is_bound:
        if form.is_valid():
            context |= _explained(form.cleaned_data["estate"], form.cleaned_data["on"] or localdate())
        else:
            status = 422
    return TemplateResponse(request, "admin/tickets/policyset/explain.html", context, status=status)


def _explained(estate: Estate, on) -> dict[str, Any]:
    context: dict[str, Any] = {"estate": estate, "on": on}
    try:
        settled = policies.settle(estate_id=estate.pk, on=on)
    except policies.NoPolicy:
        return context | {"nothing": True}
    versions = policies.in_force(estate_id=estate.pk, on=on)
    versions.sort(key=lambda each: (each.pk != settled.leader.pk, -each.policy.scope, each.policy.code))
    return context | {
        "settled": settled,
        "candidates": [(each, scope_words(each.policy), settled.verdicts[each.pk]) for each in versions],
        "limits": limit_rows(settled.clocks, settled.changes),
        "changes": [
            (change, limit_words(change.before), limit_words(change.after), WHY[change.rule])
            for change in settled.changes
        ],
    }


def limit_rows(clocks: dict[str, Any], changes: Iterable[Change] = ()) -> list[dict[str, Any]]:
    """The limits of each clock by level in words, with what another policy changed."""
    return list(_rows(clocks, {(change.clock, change.level): change for change in changes}))


def _rows(clocks: dict[str, Any], changed: dict[tuple[str, str], Change]) -> Iterable[dict[str, Any]]:
    # The database keeps no order of keys; people read a repair from its call to its follow-up.
    for key, spec in sorted(clocks.items(), key=lambda each: (ORDER[each[0].partition(":")[0]], each[0])):
        working = spec.get("calendar", "always")
        yield {
            "key": key,
            "label": spec["label"],
            "only": "；".join(_only(spec.get("only", {}))),
            "cells": [
                {
                    "words": limit_words(spec["limits"][level]),
                    "working": (working if isinstance(working, str) else working.get(level)) == "working",
                    "change": changed.get((key, level)),
                }
                for level in "1234"
            ],
        }


def _only(only: dict[str, list[str]]) -> Iterable[str]:
    for name, values in only.items():
        yield "、".join(ONLY[name].get(value, value) for value in values)


def limit_words(limit: Limit) -> str:
    """A limit as people say it."""
    if limit is None:
        return "按约定"
    return "不计" if limit == NO_CLOCK else span(int(limit))


def scope_words(policy: PolicySet) -> str:
    """For whom a set is."""
    if policy.estate:
        return f"项目：{policy.estate.name}"
    return f"片区：{policy.area.name}" if policy.area else "全部项目"


def preview(model_admin, request: HttpRequest, object_id: str | None, save) -> HttpResponse:
    """Save as asked, look what it does to today's open tickets, and take the saving back.

    `save` is the admin's own change view: what it refuses is shown by it. What it says of its
    success is not true here; `model_admin` keeps it to itself.
    """
    with transaction.atomic():
        before = PolicySet.objects.filter(pk=object_id).first() if object_id else None
        response = save()
        if response.status_code != 302:
            return response
        policy = PolicySet.objects.get(code=request.POST["code"])
        newest = policy.versions.filter(settled="").order_by("-valid_from", "-number").first()
        on = max(localdate(), newest.valid_from) if newest else localdate()
        estates = Estate.objects.visible_to(request.user).filter(
            pk__in={estate.pk for each in (before, policy) if each for estate in _estates(each)}
        )
        effect = policy_preview.preview(estates=estates, on=on, now=now())
        transaction.set_rollback(True)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": f"预览影响：{policy}",
        "policy": policy,
        "effect": effect,
        "on": on,
        "posted": _posted(request),
    }
    return TemplateResponse(request, "admin/tickets/policyset/preview.html", context)


def _estates(policy: PolicySet) -> Iterable[Estate]:
    if policy.estate_id:
        return Estate.objects.filter(pk=policy.estate_id)
    return Estate.objects.filter(area=policy.area_id) if policy.area_id else Estate.objects.all()


def _posted(request: HttpRequest) -> list[tuple[str, str]]:
    left_out = {"csrfmiddlewaretoken", PREVIEW}
    return [
        (name, value) for name, values in request.POST.lists() if name not in left_out for value in values
    ]
