"""The intake form asks for another kind: the same words, other fields, nothing written (IN-11)."""

from django.http import HttpRequest

from tickets.forms.intake import IntakeForm


def switches_kind(request: HttpRequest) -> bool:
    """Whether this POST only asks for the fields of another kind."""
    return request.POST.get("save", "").startswith("kind:")


def switched(request: HttpRequest) -> IntakeForm:
    """The form with what was typed, now for the kind of the button; unbound, so that nothing is wrong yet."""
    sent = request.POST
    initial = {name: value for name, value in sent.items() if name in IntakeForm.base_fields}
    initial["dangers"] = sent.getlist("dangers")
    initial["kind"] = sent.get("save", "").removeprefix("kind:")
    initial["details"] = {
        name.removeprefix("kind-"): value for name, value in sent.items() if name.startswith("kind-")
    }
    return IntakeForm(initial=initial, user=request.user)
