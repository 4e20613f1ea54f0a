"""Steps that need no more than a few words, for the ticket's page and for the admin alike."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import Http404

from tickets import acceptance, following, pausing, workflow
from tickets.actors import Actor
from tickets.forms import steps as forms
from tickets.models import Ticket

FORMS = {"pause": forms.PauseForm, "date": forms.DeferForm, "target": forms.MergeForm}
SIMPLE = {"", *FORMS}
# Steps that need no more than words, but say who reads them.
ENDINGS = {"cancel": forms.CancelForm, "transfer": forms.EndForm}
# The engineer's word: it stands on the sheet of acceptance too.
INSPECTIONS = {"pass_inspection", "fail_inspection"}


def find_button(ticket: Ticket, name: str, by: Actor) -> workflow.StepButton:
    """The step of this name, if this actor may take it now.

    Raises Http404 for a step that does not exist or has a page of its own,
    PermissionDenied, and workflow.StepTaken when the ticket stands elsewhere.
    """
    every = {each.name: each for each in ticket.get_all_status_transitions()}
    if name not in every or every[name].custom["needs"] not in SIMPLE:
        raise Http404
    for button in workflow.buttons(ticket, by):
        if button.name == name:
            return button
    if any(each.name == name for each in ticket.get_available_status_transitions()):
        raise PermissionDenied("您没有执行这一步的权限。")
    raise workflow.StepTaken(ticket)


def form_for(button: workflow.StepButton, data, *, ticket: Ticket, user, files=None) -> forms.StepForm:
    """The form of a step; unbound without data."""
    plain = forms.ReasonForm if button.reason else forms.StepForm
    form_class = FORMS.get(button.needs) or ENDINGS.get(button.name, plain)
    if form_class is forms.MergeForm:
        return forms.MergeForm(data, ticket=ticket, user=user)
    if form_class is forms.PauseForm:
        # Files alone would bind the form too, and a bound one shows no fresh key.
        return forms.PauseForm(data, None if data is None else files, ticket=ticket)
    return form_class(data)


def take(
    ticket: Ticket, button: workflow.StepButton, form: forms.StepForm, by: Actor, at: datetime
) -> Ticket:
    """Take the step with what the valid form says; store.RefusedFile when a file cannot be kept."""
    if isinstance(form, forms.PauseForm):
        data = form.cleaned_data
        return pausing.suspend(
            ticket=ticket, code=data["pause"], words=form.reason, files=data["photos"], by=by, at=at
        )
    if isinstance(form, forms.MergeForm):
        return following.merge(ticket=ticket, **form.values(), reason=form.reason, by=by, at=at)
    if button.name in INSPECTIONS:
        good = button.name == "pass_inspection"
        return acceptance.inspect(ticket=ticket, good=good, reason=form.reason, by=by, at=at)
    return workflow.step(
        ticket=ticket,
        name=button.name,
        by=by,
        at=at,
        reason=form.reason,
        payload=form.payload(),
        **form.values(),
    )
