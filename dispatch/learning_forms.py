"""Forms for certificates, exams and trainings (DI-08)."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.utils.timezone import localdate

from core import store
from core.filefields import PhotosField
from core.forms import KeyedForm
from core.widgets import DateInput, PlainSelect, SegmentedRadio
from dispatch.models import Exam, Worker
from estates.filters import EstateFilter
from knowledge.models import Trade


class CertificateForm(KeyedForm):
    """A certificate with its scan."""

    number = forms.CharField(label="证书编号", max_length=60)
    issued_on = forms.DateField(label="发证日期", widget=DateInput)
    expires_on = forms.DateField(
        label="有效期至", widget=DateInput, required=False, help_text="长期有效的留空"
    )
    scan = PhotosField(label="证书照片或扫描件", required=False, limit=1, kinds=store.PHOTO | {"pdf"})

    def clean(self) -> dict:
        cleaned = super().clean()
        begin, end = cleaned.get("issued_on"), cleaned.get("expires_on")
        if begin and end and end < begin:
            self.add_error("expires_on", "有效期不能早于发证日期。")
        if begin and begin > localdate():
            self.add_error("issued_on", "发证日期不能晚于今天。")
        return cleaned


def score_field(**options) -> forms.DecimalField:
    """Points of a hundred with one digit after the point."""
    return forms.DecimalField(
        label="成绩", min_value=0, max_value=100, max_digits=4, decimal_places=1, **options
    )


class ExamForm(KeyedForm):
    """The result of one part of an exam."""

    trade = forms.ModelChoiceField(Trade.objects.all(), label="工种", empty_label="请选择工种")
    part = forms.ChoiceField(label="科目", choices=Exam.Part.choices, widget=SegmentedRadio)
    taken_on = forms.DateField(label="考核日期", widget=DateInput)
    score = score_field()
    passed = forms.TypedChoiceField(
        label="结果",
        choices=[("yes", "通过"), ("no", "未通过")],
        coerce=lambda value: value == "yes",
        widget=SegmentedRadio,
    )
    examiner = forms.CharField(label="考官", max_length=40, required=False)

    def clean_taken_on(self):
        return not_to_come(self.cleaned_data["taken_on"])


class TrainingForm(KeyedForm):
    """A session; who was there comes as "p.worker" and "s.worker" (score) of the list below it."""

    topic = forms.CharField(label="主题", max_length=100)
    held_on = forms.DateField(label="日期", widget=DateInput)
    hours = forms.DecimalField(
        label="学时", min_value=Decimal("0.5"), max_value=100, max_digits=4, decimal_places=1
    )
    trainer = forms.CharField(label="讲师", max_length=40, required=False)
    note = forms.CharField(
        label="内容", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, workers: list[Worker], **kwargs):
        super().__init__(*args, **kwargs)
        self.workers = workers
        self.attended: dict[Worker, Decimal | None] = {}

    @property
    def rows(self) -> list[dict]:
        """Each worker with what was ticked and typed."""
        return [
            {
                "worker": each,
                "there": f"p.{each.pk}" in self.data,
                "score": self.data.get(f"s.{each.pk}", ""),
            }
            for each in self.workers
        ]

    def clean_held_on(self):
        return not_to_come(self.cleaned_data["held_on"])

    def clean(self) -> dict:
        cleaned = super().clean()
        for row in self.rows:
            if row["there"] or row["score"].strip():
                self.attended[row["worker"]] = self._score(row)
        if not self.attended:
            self.add_error(None, "请勾选参加的人员。")
        return cleaned

    def _score(self, row: dict) -> Decimal | None:
        text = row["score"].strip()
        if not text:
            return None
        try:
            score = Decimal(text)
        except InvalidOperation:
            score = Decimal(-1)
        if not score.is_finite() or not 0 <= score <= 100:
            self.add_error(None, f"{row['worker']}的成绩应为 0 到 100 的数字（填写的是“{text[:10]}”）。")
            return None
        return round(score, 1)


def not_to_come(day):
    """The day, if it is not in the future."""
    if day > localdate():
        raise forms.ValidationError("日期不能晚于今天。")
    return day


class CertificateFilter(EstateFilter):
    """Which certificates are listed."""

    show = forms.ChoiceField(
        label="范围",
        required=False,
        choices=[("", "全部"), ("soon", "30天内到期"), ("expired", "已过期")],
        widget=PlainSelect,
    )
