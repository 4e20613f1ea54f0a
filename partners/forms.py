"""What the people of a company and our staff fill in; every choice lies within the scope of who chooses."""

from datetime import timedelta

from django import forms
from django.db.models import Q
from django.utils.timezone import now

from core import store
from core.filefields import PhotosField
from core.forms import KeyedForm, PhoneField, PlainForm, SearchField
from core.widgets import DateInput, DateTimeInput, PhotoInput, SegmentedRadio
from estates.models import Building
from knowledge.models import FaultCategory
from partners import access, queries
from partners.letters import CONSEQUENCE
from partners.models import Notice
from tickets.models import Ticket
from warranty.models import Contractor

WORDS = forms.Textarea(attrs={"rows": 3})


class SendPersonForm(KeyedForm):
    """Somebody from the roster, or a new name and number."""

    craftsman = forms.TypedChoiceField(label="花名册", required=False, coerce=int, empty_value=None)
    name = forms.CharField(label="姓名", max_length=40, required=False)
    phone = PhoneField(label="手机号", required=False, help_text="业主会收到上门人员的姓名与电话")

    def __init__(self, *args, contractor: Contractor, **kwargs):
        super().__init__(*args, **kwargs)
        self.roster = {row.pk: row for row in contractor.craftsmen.filter(active=True)}
        if not self.roster:
            # Nobody to choose from: both words are simply asked for.
            del self.fields["craftsman"]
            for name in ("name", "phone"):
                self.fields[name].required = True
            return
        self.fields["craftsman"].choices = [
            ("", "不在花名册，填写下面两项"),
            *((pk, str(row)) for pk, row in self.roster.items()),
        ]

    def clean(self):
        found = super().clean()
        if person := self.roster.get(found.get("craftsman")):
            return found | {"name": person.name, "phone": person.phone}
        for field in ("name", "phone"):
            if self.roster and not found.get(field) and field not in self.errors:
                self.add_error(field, f"请填写{self.fields[field].label}，或从花名册选择。")
        return found


class DisputeForm(KeyedForm):
    """What the company does not agree with, and what shows it."""

    words = forms.CharField(
        label="异议内容",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明为什么不属于贵单位责任，或对处理有何不同意见",
    )
    photos = PhotosField(label="照片", required=False, kinds=store.PHOTO)


class LinkForm(KeyedForm):
    """How long a personal link lasts."""

    days = forms.TypedChoiceField(
        label="有效期",
        choices=[(days, f"{days} 天") for days in access.DAYS],
        coerce=int,
        initial=30,
        widget=SegmentedRadio,
    )


class NoticeForm(KeyedForm):
    """A letter on one of the company's open tickets."""

    kind = forms.ChoiceField(
        label="函件", choices=Notice.Kind, widget=SegmentedRadio, initial=Notice.Kind.REMINDER
    )
    ticket = forms.ModelChoiceField(Ticket.objects.none(), label="工单", empty_label="请选择工单")
    words = forms.CharField(label="事由", max_length=500, widget=WORDS)
    due_at = forms.DateTimeField(label="要求办理时限", widget=DateTimeInput)
    consequence = forms.CharField(
        label="逾期后果", max_length=300, initial=CONSEQUENCE, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, user, contractor: Contractor | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        held = Ticket.objects.visible_to(user).filter(handler__worker__contractor__isnull=False)
        if contractor:
            held = held.filter(pk__in=queries.held_by(contractor).order_by().values("pk"))
        self.fields["ticket"].queryset = held
        self.fields["ticket"].label_from_instance = lambda row: f"{row.number} {row.place_label}"
        self.fields["due_at"].initial = (now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)

    def clean_due_at(self):
        due = self.cleaned_data["due_at"]
        if due <= now():
            raise forms.ValidationError("时限必须晚于现在。")
        return due


class LetterForm(KeyedForm):
    """The scan of an 授权委托书 with its validity."""

    valid_from = forms.DateField(label="生效日期", widget=DateInput)
    valid_to = forms.DateField(label="有效期至", widget=DateInput)
    file = PhotosField(
        label="扫描件",
        minimum=1,
        limit=1,
        kinds=store.PHOTO | {"pdf"},
        widget=PhotoInput(multiple=False, camera=False, tile="选择照片或 PDF", icon="paperclip"),
        error_messages={"required": "请选择扫描件，照片或 PDF 都可以。"},
    )

    def clean(self):
        found = super().clean()
        if found.get("valid_from") and found.get("valid_to") and found["valid_to"] < found["valid_from"]:
            self.add_error("valid_to", "有效期不能早于生效日期。")
        return found


class BackupForm(KeyedForm):
    """Which backup takes over, and why; names the version of the ticket that was seen (T42)."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    worker = forms.TypedChoiceField(
        label="交给", coerce=int, error_messages={"invalid_choice": "请从名单中选择可以接手的备选单位人员。"}
    )
    reason = forms.CharField(label="启用理由", max_length=300, widget=WORDS)

    def __init__(self, *args, stand_ins, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["worker"].choices = [
            (row.worker.pk, f"{row.contractor.name} · {row.worker.user.full_name}")
            for row in stand_ins
            if not row.why_not
        ]


class DecideForm(KeyedForm):
    """Whether an objection holds, and why."""

    upheld = forms.TypedChoiceField(
        label="结论",
        choices=[("yes", "异议成立"), ("no", "异议不成立")],
        coerce=lambda value: value == "yes",
        widget=SegmentedRadio,
    )
    words = forms.CharField(label="处理意见", max_length=500, widget=WORDS)


class RegisterFilter(PlainForm):
    """Which companies the register lists."""

    q = SearchField(placeholder="单位、联系人或电话", max_length=40)
    kind = forms.ChoiceField(
        label="类别", required=False, choices=[("", "全部类别"), *Contractor.Kind.choices]
    )

    def chosen(self, found):
        """The companies of `found` that the filter leaves."""
        if not self.is_valid():
            return found
        if text := self.cleaned_data["q"].strip():
            found = found.filter(
                Q(name__contains=text) | Q(contacts__name__contains=text) | Q(contacts__phone__contains=text)
            ).distinct()
        return found.filter(kind=self.cleaned_data["kind"]) if self.cleaned_data["kind"] else found


class AnswersForm(PlainForm):
    """Who answers for a place and a component: the room or building as people write it, and the fault."""

    building = forms.ModelChoiceField(Building.objects.none(), label="楼栋", empty_label="请选择楼栋")
    fault = forms.ModelChoiceField(
        FaultCategory.objects.filter(active=True).order_by("code"), label="部位与问题", empty_label="请选择"
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        buildings = Building.objects.visible_to(user).select_related("estate", "batch")
        self.fields["building"].queryset = buildings
        self.fields["building"].label_from_instance = lambda row: f"{row.estate.name} {row.name}"
        self.fields["fault"].label_from_instance = lambda row: f"{row.component} {row.fault}"
