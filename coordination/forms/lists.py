"""What the list of requests shows."""

from django import forms

from coordination.models import Counterpart, Request
from core.forms import PlainForm
from core.widgets import PlainSelect
from estates.models import Estate
from estates.queries import estate_choices

STATES = [("", "未办结"), ("overdue", "已逾期"), *Request.State.choices, ("all", "全部")]


class RequestFilter(PlainForm):
    """Words, estate, counterpart, state, and whether only mine; all of it in the address bar."""

    q = forms.CharField(label="关键词", max_length=50, required=False)
    estate = forms.ModelChoiceField(
        Estate.objects.none(), label="项目", required=False, empty_label="全部项目", widget=PlainSelect
    )
    counterpart = forms.ModelChoiceField(
        Counterpart.objects.all(), label="部门", required=False, empty_label="全部部门", widget=PlainSelect
    )
    state = forms.ChoiceField(label="状态", choices=STATES, required=False, widget=PlainSelect)
    mine = forms.BooleanField(label="只看我的", required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        estate = self.fields["estate"]
        estate.queryset = Estate.objects.visible_to(user)
        estate.choices = [("", estate.empty_label), *estate_choices(user)]
