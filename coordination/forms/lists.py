"""What the list of requests shows."""

from django import forms

from coordination.models import Counterpart, Request
from core.forms import SearchField
from core.widgets import PlainSelect
from estates.filters import EstateFilter

STATES = [("", "未办结"), ("overdue", "已逾期"), *Request.State.choices, ("all", "全部")]


class RequestFilter(EstateFilter):
    """Words, estate, counterpart, state, and whether only mine; all of it in the address bar."""

    q = SearchField(label="关键词")
    counterpart = forms.ModelChoiceField(
        Counterpart.objects.all(), label="部门", required=False, empty_label="全部部门", widget=PlainSelect
    )
    state = forms.ChoiceField(label="状态", choices=STATES, required=False, widget=PlainSelect)
    mine = forms.BooleanField(label="只看我的", required=False)
    field_order = ["q", "estate"]
