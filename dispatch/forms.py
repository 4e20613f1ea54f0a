"""What the reviewer fills in: a decision, another worker, a reason; and the filters of the lists."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from django import forms
from django.db.models import QuerySet

from core.forms import KeyedForm, SearchField
from dispatch import punctuality
from dispatch.models import Proposal, Visit, Worker
from dispatch.suggest import LADDER, OVERRULABLE, Suggestion
from estates.filters import EstateFilter
from knowledge.models import Trade
from tickets.forms.filters import LevelFilter

PICK = re.compile(r"([0-9]{1,18}):([0-9]{1,9})")
REASON = forms.Textarea(attrs={"rows": 2})


class DecisionForm(KeyedForm):
    """Every decision names the version of the ticket that the person saw (T42)."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ApproveForm(DecisionForm):
    """Yes to the first candidate, who is named so that a newer proposal is not approved unseen."""

    worker = forms.IntegerField(widget=forms.HiddenInput)


class ChooseForm(DecisionForm):
    """Another worker, out of those who can be sent to this ticket, and why."""

    worker = forms.TypedChoiceField(
        label="改派给",
        coerce=lambda pk: Worker.objects.select_related("user").get(pk=pk),
        error_messages={"invalid_choice": "请从名单中选择可以派到本项目的师傅。"},
    )
    reason = forms.CharField(label="改派理由", max_length=300, widget=REASON)

    def __init__(self, *args, suggestion: Suggestion, leave_out: Sequence[int] = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["worker"].choices = [("", "请选择师傅"), *_choices(suggestion, leave_out)]
        self.fields["worker"].widget.attrs |= {"data-key": "c", "data-key-label": "改派他人"}

    @property
    def has_choices(self) -> bool:
        """Whether there is anybody to choose."""
        return len(self.fields["worker"].choices) > 1


class SendBackForm(DecisionForm):
    """What the front desk has to ask the caller."""

    reason = forms.CharField(label="需要补充什么", max_length=300, widget=REASON)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs |= {"data-key": "b", "data-key-label": "退回补充"}


class RenewForm(KeyedForm):
    """Nothing but the key."""


class PickField(forms.Field):
    """Rows ticked in the queue, each "proposal:version"; cleans to pairs of numbers, the first hundred."""

    widget = forms.SelectMultiple
    default_error_messages = {
        "required": "请先勾选要派出的工单。",
        "invalid": "请从列表中勾选工单。",
    }

    def to_python(self, value: list[str] | None) -> list[tuple[int, int]]:
        pairs = [PICK.fullmatch(each) for each in value or []]
        if not all(pairs):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return [(int(pair[1]), int(pair[2])) for pair in pairs if pair]


class BulkForm(KeyedForm):
    """Several proposals to approve in one go; all must be the user's to see (T46)."""

    pick = PickField()

    def __init__(self, *args, user=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_pick(self) -> list[tuple[int, int]]:
        seen = self.cleaned_data["pick"]
        keys = {pk for pk, _ in seen}
        if Proposal.objects.visible_to(self.user).filter(pk__in=keys).count() != len(keys):
            raise forms.ValidationError("请从列表中勾选工单。")
        return seen


class ConfirmForm(KeyedForm):
    """The machine was right."""


class WrongForm(KeyedForm):
    """The machine was wrong, and why."""

    reason = forms.CharField(label="哪里有误", max_length=300, widget=REASON)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs |= {"data-key": "b", "data-key-label": "标记有误"}


def _choices(suggestion: Suggestion, leave_out: Sequence[int]) -> list[tuple[int, str]]:
    can = [
        (each.worker_id, f"{each.name} · {LADDER[each.step]} · {each.score:g} 分")
        for each in suggestion.ranked
    ]
    asked = [
        (each.worker_id, f"{each.name} · {each.reason}")
        for each in suggestion.excluded
        if each.code in OVERRULABLE
    ]
    return [choice for choice in can + asked if choice[0] not in leave_out]


class QueueFilter(LevelFilter):
    """What the queue shows."""

    q = SearchField(placeholder="单号、房号、姓名或电话")
    tab = forms.ChoiceField(
        choices=[("", "waiting"), ("after", "after"), ("sent", "sent")],
        required=False,
        widget=forms.HiddenInput,
    )
    field_order = ["q", "estate", "level"]


class WorkerFilter(EstateFilter):
    """Which workers are listed."""

    q = SearchField(placeholder="姓名、工号或单位", max_length=40)
    trade = forms.ModelChoiceField(Trade.objects.all(), label="工种", required=False, empty_label="全部工种")
    show = forms.ChoiceField(
        label="范围",
        required=False,
        choices=[("", "全部"), ("on_duty", "只看当班"), ("expiring", "证书临期或过期")],
    )
    field_order = ["q", "estate"]


class PunctualityFilter(EstateFilter):
    """Which month; for the visits behind a figure also whose, where, and how they came out."""

    month = forms.ChoiceField(label="月份", required=False)
    result = forms.ChoiceField(
        label="结果", choices=[("", "全部结果"), *punctuality.RESULTS.items()], required=False
    )
    worker = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**62)
    company = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)
    field_order = ["month", "estate"]

    def __init__(self, *args, user, at: datetime, overview: bool = False, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        if overview:
            del self.fields["result"]
        self.months = {f"{month:%Y-%m}": month for month in punctuality.months(at)}
        names = [(key, f"{month.year}年{month.month}月") for key, month in self.months.items()]
        self.fields["month"].choices = names

    @property
    def first_day(self) -> date:
        """The first day of the chosen month; of this one where none was."""
        return self.months.get(self.cleaned_data.get("month", ""), next(iter(self.months.values())))

    def query(self) -> dict[str, str]:
        """What was chosen, for addresses."""
        chosen = {name: self.cleaned_data.get(name) for name in ("worker", "company", "result")}
        estate = self.cleaned_data.get("estate")
        found = {"month": f"{self.first_day:%Y-%m}", "estate": estate.pk if estate else ""} | chosen
        return {name: str(value) for name, value in found.items() if value}

    def narrow(self, found: QuerySet[Visit]) -> QuerySet[Visit]:
        """Those of the judged visits that were chosen; nothing where the choice names what is not there."""
        if self.errors:
            return found.none()
        data = self.cleaned_data
        if data["estate"]:
            found = found.filter(ticket__estate=data["estate"])
        if data["worker"]:
            found = found.filter(worker=data["worker"])
        if data["company"]:
            workers = (
                Worker.objects.select_related("contractor")
                .filter(visits__in=found.order_by().values("pk"))
                .distinct()
            )
            of_firm = [each.pk for each in workers if punctuality.firm_of(each) == data["company"]]
            found = found.filter(worker__in=of_firm)
        if result := data.get("result"):
            found = found.filter(result=result)
        return found
