"""Asking another department, and what becomes of it."""

from django import forms
from django.utils.timezone import now

from accounts.models import User
from accounts.queries import everyone_with, staff_with
from coordination import rules
from coordination.models import Counterpart, Request
from coordination.requests import Asking, Contact
from core import store
from core.filefields import PhotosField
from core.forms import KeyedForm, PhoneField
from core.widgets import DateTimeInput, PhotoInput, SegmentedRadio
from estates.models import Estate
from tickets.models import Ticket


def words(label: str, hint: str = "", *, rows: int = 3, required: bool = True) -> forms.CharField:
    """A few sentences."""
    return forms.CharField(
        label=label,
        max_length=500,
        help_text=hint,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class DeadlineField(forms.DateTimeField):
    """A moment still to come."""

    widget = DateTimeInput

    def validate(self, value) -> None:
        super().validate(value)
        if value is not None and value <= now():
            raise forms.ValidationError("请填写今后的时间。")


class AskForm(KeyedForm):
    """What is asked of whom; of a ticket, or of an estate where `ticket` is None."""

    estate = forms.ModelChoiceField(Estate.objects.none(), label="项目")
    counterpart = forms.ModelChoiceField(Counterpart.objects.none(), label="协作对象")
    asked = words("请对方做什么", "要什么、做到什么程度；留空用这个对象的常用说法", required=False)
    due_at = DeadlineField(label="期限", required=False, help_text="留空按这个对象的默认时限")
    owner = forms.ModelChoiceField(User.objects.none(), label="我方负责人")
    contact_unit = forms.CharField(label="对方单位", max_length=60, required=False)
    contact_name = forms.CharField(label="对方联系人", max_length=40, required=False)
    contact_phone = PhoneField(label="对方电话", required=False, help_text="手机号会收到短信督办")
    contact_email = forms.EmailField(
        label="对方邮箱", max_length=120, required=False, help_text="填了邮箱就用邮件督办，不发短信"
    )
    pause = forms.BooleanField(
        label="挂起工单，等对方回复",
        required=False,
        help_text="时限暂停，以这张协作单为证明；对方回复后自动恢复",
    )

    def __init__(self, *args, user: User, ticket: Ticket | None, may_pause: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.ticket = ticket
        self.fields["counterpart"].queryset = Counterpart.objects.filter(active=True)
        if ticket is None:
            self.fields["estate"].queryset = Estate.objects.visible_to(user).order_by("code")
            people = everyone_with(permission=rules.WORK).filter(pk__in=User.objects.visible_to(user))
        else:
            del self.fields["estate"]
            people = staff_with(permission=rules.WORK, estate_id=ticket.estate_id)
        self.fields["owner"].queryset = people | User.objects.filter(pk=user.pk).distinct()
        self.fields["owner"].initial = user.pk
        if not may_pause:
            del self.fields["pause"]

    def clean(self):
        data = super().clean()
        counterpart = data.get("counterpart")
        if counterpart and "asked" not in self.errors and not data.get("asked", "").strip():
            data["asked"] = counterpart.asks
            if not counterpart.asks:
                self.add_error("asked", "请填写请对方做什么。")
        owner, estate = data.get("owner"), data.get("estate")
        if owner and estate and not owner.may_see_estate(estate.pk):
            self.add_error("owner", f"{owner}不负责{estate}，请选择别人。")
        return data

    def asking(self) -> Asking:
        """For `coordination.requests.ask`."""
        data = self.cleaned_data
        parts = {part: data[f"contact_{part}"].strip() for part in ("unit", "name", "phone", "email")}
        return Asking(
            estate=self.ticket.estate if self.ticket else data["estate"],
            ticket=self.ticket,
            counterpart=data["counterpart"],
            asked=data["asked"],
            owner=data["owner"],
            contact=Contact(**parts),
            due_at=data["due_at"],
            pause=data.get("pause", False),
        )


class RemindForm(KeyedForm):
    """How somebody reminded the counterpart, and what they said."""

    MEANS = [("电话", "电话"), ("微信", "微信"), ("当面", "当面"), ("会议", "会议"), ("系统", "系统发送督办")]
    means = forms.ChoiceField(label="催办方式", choices=MEANS, widget=SegmentedRadio)
    words = words("对方怎么说", "谁接的、答应什么时候；系统发送的可以留空", rows=2, required=False)

    def __init__(self, *args, way: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        if not way:
            self.fields["means"].choices = self.MEANS[:-1]

    def clean(self):
        data = super().clean()
        if data.get("means") not in (None, "系统") and not data.get("words", "").strip():
            self.add_error("words", "请填写对方怎么说。")
        return data


class AnswerForm(KeyedForm):
    """What the counterpart answered, with its papers."""

    answer = words("对方的回复")
    files = PhotosField(
        label="图纸、报价或函件",
        required=False,
        kinds=store.EVERYTHING,
        widget=PhotoInput(camera=False, tile="选择文件", icon="paperclip"),
    )


class ChangeForm(KeyedForm):
    """Another deadline or another person of ours, and why."""

    due_at = DeadlineField(label="期限")
    owner = forms.ModelChoiceField(User.objects.none(), label="我方负责人")
    reason = words("原因", rows=2)

    def __init__(self, *args, request_row: Request, **kwargs):
        super().__init__(*args, **kwargs)
        people = staff_with(permission=rules.WORK, estate_id=request_row.estate_id)
        self.fields["owner"].queryset = people | User.objects.filter(pk=request_row.owner_id).distinct()


class EndForm(KeyedForm):
    """What becomes of it: done, sent back, cancelled; offers what the state allows."""

    OUTCOMES = [("done", "满足要求，办结"), ("reopen", "不够，继续催办"), ("cancel", "撤销")]
    outcome = forms.ChoiceField(label="处理", choices=OUTCOMES, widget=SegmentedRadio)
    note = words("说明", "退回与撤销须写明原因", rows=2, required=False)
    new_due_at = DeadlineField(label="新的期限", required=False, help_text="继续催办时填写")

    def __init__(self, *args, request_row: Request, **kwargs):
        super().__init__(*args, **kwargs)
        if request_row.is_open:
            self.fields["outcome"].choices = [("cancel", "撤销")]
            self.fields["outcome"].initial = "cancel"
            del self.fields["new_due_at"]

    def clean(self):
        data = super().clean()
        outcome = data.get("outcome")
        if outcome in {"reopen", "cancel"} and not data.get("note", "").strip():
            self.add_error("note", "请写明原因。")
        if outcome == "reopen" and "new_due_at" not in self.errors and not data.get("new_due_at"):
            self.add_error("new_due_at", "请填写新的期限。")
        return data
