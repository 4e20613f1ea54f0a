"""The engineer's ruling, joint visits, and what is done in person (DI-06, DI-13)."""

from datetime import timedelta

from django import forms
from django.utils.timezone import now

from accounts.models import User
from accounts.queries import staff_in_role, staff_with
from core import store
from core.filefields import PhotosField
from core.forms import KeyedForm
from core.widgets import DateTimeInput, PlainSelect, SegmentedRadio
from knowledge.models import Trade
from tickets.models import Errand, Party, Ticket
from tickets.models.responsibility import CONTRACTORS_MEND

UNCLEAR = ("", "仍不明确")
# Where the machine could not say whether it is covered, there is nothing to agree with.
UNJUDGED = [("", "暂不判定"), ("yes", "保修期内"), ("no", "已过保修期")]
FARTHEST = timedelta(days=60)


def words(label: str, *, rows: int = 3, most: int = 500, **kwargs) -> forms.CharField:
    """A text of several lines."""
    return forms.CharField(
        label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **kwargs
    )


class PersonField(forms.ModelChoiceField):
    """One of these people, by full name."""

    def label_from_instance(self, person: User) -> str:
        return person.full_name


class RulingForm(KeyedForm):
    """Trade, responsibility, cover where the machine is wrong, and on what it rests."""

    party = forms.ChoiceField(label="责任", choices=Party.choices, widget=SegmentedRadio)
    trade = forms.ModelChoiceField(
        Trade.objects.all(), label="专业（工种）", widget=PlainSelect, empty_label="请选择工种"
    )
    covered = forms.ChoiceField(
        label="保修判断",
        choices=[("", "同系统判断"), ("yes", "改判保修期内"), ("no", "改判已过保修期")],
        required=False,
        widget=SegmentedRadio,
        help_text="改判与系统判断并列保存，系统原判断不会被覆盖",
    )
    reason = words("依据", help_text="看到什么、依据哪份资料；改判保修时写明理由")

    def __init__(self, *args, ticket: Ticket, **kwargs):
        super().__init__(*args, **kwargs)
        if ticket.fault and not self.is_bound:
            self.initial.setdefault("trade", ticket.fault.trades.first())
        self.unjudged = ticket.covered not in ("yes", "no")
        if self.unjudged:
            self.fields["covered"].choices = UNJUDGED
            self.fields["covered"].owed = "派保修单位前须填"
            self.fields["covered"].help_text = "系统判断不了；责任在保修单位、设计或供应商时须在这里判定"

    def clean(self):
        data = super().clean()
        # No company is sent before somebody has said that it is covered (dispatch.suggest).
        if self.unjudged and data.get("party") in CONTRACTORS_MEND and not data.get("covered"):
            self.add_error("covered", "系统判断不了是否在保修期内，派保修单位前请在这里判定。")
        return data

    def values(self) -> dict:
        """Arguments of `tickets.responsibility.confirm` besides ticket, actor and time."""
        return {name: self.cleaned_data[name] for name in ("party", "trade", "covered", "reason")}


class JointForm(KeyedForm):
    """When housekeeper and engineer look at it together, and what nobody can say."""

    starts_at = forms.DateTimeField(label="踏勘时间", widget=DateTimeInput)
    housekeeper = PersonField(User.objects.none(), label="管家", widget=PlainSelect, empty_label="请选择管家")
    engineer = PersonField(
        User.objects.none(), label="工程师", widget=PlainSelect, empty_label="请选择工程师"
    )
    why = words("哪里不清楚", rows=2, most=300)

    def __init__(self, *args, ticket: Ticket, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        keepers = staff_in_role(code="housekeeper", estate_id=ticket.estate_id)
        engineers = staff_with(permission="tickets.judge_ticket", estate_id=ticket.estate_id)
        self.fields["housekeeper"].queryset = keepers
        self.fields["engineer"].queryset = engineers
        if not self.is_bound and engineers.filter(pk=user.pk).exists():
            self.initial.setdefault("engineer", user.pk)

    def clean_starts_at(self):
        starts_at = self.cleaned_data["starts_at"]
        if starts_at < now():
            raise forms.ValidationError("请选择现在以后的时间。")
        if starts_at > now() + FARTHEST:
            raise forms.ValidationError("最多约在60天以内。")
        return starts_at

    def values(self) -> dict:
        """Arguments of `tickets.joint.plan` besides ticket, actor and time."""
        return {name: self.cleaned_data[name] for name in ("starts_at", "housekeeper", "engineer", "why")}


class ProtocolForm(KeyedForm):
    """What both have seen, and who answers for it."""

    photos = PhotosField(label="踏勘照片", minimum=1, kinds=store.PHOTO_AND_VIDEO)
    protocol = words("踏勘记录", rows=5, most=2000, help_text="看到的情况、双方意见、业主怎么说")
    party = forms.ChoiceField(
        label="结论", choices=[*Party.choices, UNCLEAR], required=False, widget=SegmentedRadio
    )


class CancelJointForm(KeyedForm):
    """Why it does not take place."""

    reason = words("取消原因", rows=2, most=300)


class ErrandForm(KeyedForm):
    """What was found or said; the manager's visit is proved by a photo (DI-06)."""

    photos = PhotosField(label="现场照片", minimum=1, kinds=store.PHOTO_AND_VIDEO)
    note = words("情况", rows=4)

    def __init__(self, *args, kind: str, **kwargs):
        super().__init__(*args, **kwargs)
        visit = kind == Errand.Kind.MANAGER
        self.fields["note"].label = "看到的情况与处理意见" if visit else "怎么联系的，业主怎么说"
        if not visit:
            self.fields["photos"].required = False
            self.fields["photos"].minimum = 0
            self.fields["photos"].label = "截图或照片"
