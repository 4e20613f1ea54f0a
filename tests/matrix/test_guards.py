"""What holds at every address whoever asks: no POST without its token, no other methods, no foreign rows."""

import importlib
import pkgutil
from dataclasses import dataclass

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.forms import ModelChoiceField
from django.test import Client, RequestFactory
from django.utils.timezone import now

from accounts.models import User
from dispatch.facts import suggestion_for
from dispatch.forms import ChooseForm
from dispatch.models import Worker
from tests.matrix.admin import ADMIN
from tests.matrix.asking import address, ask
from tests.matrix.table import ROWS, SIGNED
from tests.matrix.test_matrix import admin_url, ticket_of
from tickets.forms.steps import MergeForm
from tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-01")]
OURS = [
    "core",
    "accounts",
    "estates",
    "notices",
    "knowledge",
    "warranty",
    "tickets",
    "dispatch",
    "partners",
    "channels",
    "planning",
    "reports",
]
# Choices that belong to no estate: everybody may name them.
COMMON = {"FaultCategory", "Trade", "Area", "Permission", "Group", "Department", "EmergencyPlan"}


@pytest.mark.parametrize("who", ["root", "worker", "owner"])
def test_no_post_is_taken_without_its_token(scene, who):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = scene.clients[who].cookies
    rows = {name: row for name, row in ROWS.items() if name not in SIGNED}
    urls = {name: address(name, row.path, scene.here) for name, row in rows.items()}
    for label, (own, _) in scene.objects.items():
        urls |= {
            f"{label} {kind}": admin_url(label, kind, own)
            for kind in ("changelist", "add", "change", "delete")
        }

    taken = {name: status for name, url in urls.items() if (status := strict.post(url).status_code) != 403}

    assert taken == {}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("who", ["root", "worker", "owner"])
def test_other_methods_do_nothing_anywhere(scene, who, method):
    done = {}
    for name, row in ROWS.items():
        url = address(name, row.path, scene.here)
        answer = ask(scene, who, method, url, ticket=ticket_of(scene, row.path))
        # Throttles count tries in the cache, whatever the method.
        if set(answer.writes) - {"django_cache"} or (not name.startswith("admin:") and answer.status < 300):
            done[name] = (answer.status, answer.writes)

    assert done == {}


@dataclass(frozen=True)
class Relation:
    """A field of a form that names a row."""

    form: type[forms.BaseForm]
    name: str

    def __str__(self) -> str:
        return f"{self.form.__name__}.{self.name}"


def relations() -> list[Relation]:
    """Every such field of every form of ours that is no model's own form."""
    for app in OURS:
        package = apps.get_app_config(app).module
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "form" in module.name:
                importlib.import_module(module.name)
    found = [
        Relation(form, name)
        for form in _below(forms.Form)
        if form.__module__.split(".")[0] in OURS and not form.__name__.startswith("_")
        for name, field in form.base_fields.items()
        if isinstance(field, ModelChoiceField)
    ]
    return sorted(found, key=str)


def _below(base: type) -> set[type]:
    return {each for child in base.__subclasses__() for each in {child, *_below(child)}}


def made(relation: Relation, user: User, scene, value) -> forms.BaseForm:
    """The form as its page makes it, filled with this value in this field."""
    ticket = scene.tickets["incomplete"]
    wanted = {"user": user, "at": now(), "ticket": ticket, "estate_id": ticket.estate_id, "members": ()}
    for keywords in (
        ["user"],
        ["ticket"],
        ["user", "ticket"],
        ["user", "at"],
        ["user", "members"],
        ["estate_id"],
        ["user", "estate_id"],
        [],
    ):
        try:
            return relation.form({relation.name: value}, **{name: wanted[name] for name in keywords})
        except TypeError:
            continue
    raise LookupError(f"{relation} is made in a way this test does not know")


def test_every_field_that_names_a_row_refuses_a_foreign_one(scene):
    user = User.objects.get(username="manager")
    taken, asked = [], []
    for relation in relations():
        offered = made(relation, user, scene, "").fields[relation.name].queryset
        if offered.model.__name__ in COMMON:
            continue
        own, far = scene.objects[offered.model._meta.label_lower]
        # Some offer only the people of one task.
        own = offered.first() or own
        many = isinstance(relation.form.base_fields[relation.name], forms.ModelMultipleChoiceField)
        values = [[row.pk] if many else row.pk for row in (own, far)]
        errors = [relation.name in made(relation, user, scene, value).errors for value in values]
        asked.append(str(relation))
        if errors != [False, True]:
            taken.append((str(relation), errors))

    assert taken == []
    assert {"IntakeForm.unit", "IntakeForm.owner", "TicketFilter.estate", "RunForm.estates"} <= set(asked)


def test_a_foreign_ticket_cannot_be_merged_into(scene):
    data = {"number": scene.far["scheduled"], "reason": "同一处", "form_key": "0" * 32}
    manager = User.objects.get(username="manager")

    errors = MergeForm(data, ticket=scene.tickets["in_review"], user=manager).errors

    assert set(errors) == {"number"}


def test_a_worker_of_a_foreign_estate_cannot_be_chosen(scene):
    ticket = scene.tickets["in_review"]
    far = Worker.objects.get(user__username="far-worker")
    form = ChooseForm(
        {"worker": far.pk, "reason": "人手不够", "version": 1, "form_key": "0" * 32},
        suggestion=suggestion_for(Ticket.objects.get(pk=ticket.pk), at=now()),
    )

    assert set(form.errors) == {"worker"}


@pytest.mark.parametrize("username", ["manager", "sysadmin"])
def test_pickers_of_the_admin_offer_nothing_far_away(scene, username):
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get(username=username)
    offered = set()
    for label, (own, _) in scene.objects.items():
        page = admin.site._registry[apps.get_model(label)]
        if not page.has_change_permission(request, own):
            continue
        fields = dict(page.get_form(request, own, change=True).base_fields)
        for inline in page.get_inline_instances(request, own):
            if inline.has_change_permission(request, own):
                fields |= inline.get_formset(request, own).form.base_fields
        for name, field in fields.items():
            if isinstance(field, ModelChoiceField):
                _, far = scene.objects.get(field.queryset.model._meta.label_lower, (None, None))
                if far is not None and field.queryset.filter(pk=far.pk).exists():
                    offered.add(f"{label}.{name}")

    assert offered == set()


@pytest.mark.parametrize("username", ["manager", "sysadmin"])
def test_the_search_behind_pickers_finds_nothing_far_away(scene, username):
    found = set()
    for label in ADMIN:
        model = apps.get_model(label)
        for name in admin.site._registry[model].autocomplete_fields:
            target = model._meta.get_field(name).related_model
            _, far = scene.objects[target._meta.label_lower]
            query = {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": name,
            }
            answer = ask(scene, username, "GET", "/admin/autocomplete/", data=query)
            if far is not None and f'"id": "{far.pk}"' in answer.body.decode():
                found.add(f"{label}.{name}")

    assert found == set()
