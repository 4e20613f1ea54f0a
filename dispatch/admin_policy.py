"""Rules of handing out and weights of the score: data of the managers (DI-01, DI-04)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.timezone import now

from dispatch import weights
from dispatch.models import DispatchRule, ScoreWeights
from dispatch.models.policy import PARTS
from warranty.admin import OwnAndDefaultAdmin


@admin.register(DispatchRule)
class DispatchRuleAdmin(OwnAndDefaultAdmin):
    """How tickets of a level are handed out, for all or for one estate, from a moment on."""

    list_display = (
        "where",
        "level",
        "mode",
        "review_after",
        "remind_minutes",
        "next_minutes",
        "next_by_machine",
        "since",
    )
    list_filter = ("level", "mode", "estate")
    fields = (
        "estate",
        "level",
        "mode",
        "review_after",
        ("remind_minutes", "next_minutes"),
        "next_by_machine",
        "since",
    )


class WeightsForm(forms.ModelForm):
    """The parts must make a hundred; whatever is saved becomes the next version."""

    class Meta:
        model = ScoreWeights
        fields = ["estate", *PARTS]

    def validate_constraints(self) -> None:
        """Left to `weights.replace`: the active version makes room only there."""


@admin.register(ScoreWeights)
class ScoreWeightsAdmin(OwnAndDefaultAdmin):
    """The most points of each part; saving makes a new version, the old one stays with its proposals."""

    form = WeightsForm
    list_display = ("where", "version", *PARTS, "sum", "active", "made_by", "made_at")
    list_filter = ("active", "estate")
    follow = ("estate", "made_by")
    readonly_fields = ("sum",)

    @admin.display(description="合计")
    def sum(self, row: ScoreWeights) -> str:
        return f"{row.total} 分"

    def get_fields(self, request: HttpRequest, obj: ScoreWeights | None = None) -> list[str]:
        return ["estate", *PARTS, "sum"]

    def get_readonly_fields(self, request: HttpRequest, obj: ScoreWeights | None = None) -> tuple[str, ...]:
        # A version belongs to its place.
        return ("estate", "sum") if obj else ("sum",)

    def has_change_permission(self, request: HttpRequest, obj: ScoreWeights | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.active)

    def has_delete_permission(self, request: HttpRequest, obj: ScoreWeights | None = None) -> bool:
        return False

    def save_model(self, request: Any, obj: ScoreWeights, form: forms.ModelForm, change: bool) -> None:
        weights.replace(row=obj, by=request.user, at=now())
