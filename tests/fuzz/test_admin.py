"""The admin: hostile searches, filters, orders and pages, and forms full of hostile text (T13, OR-01)."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import CharField, TextField
from django.test import RequestFactory

from tests.fuzz import drawn, hostile
from tests.fuzz.asking import body_of, faults_of, form_of
from tests.matrix.table import ADMIN, may
from tests.matrix.test_matrix import admin_url

pytestmark = pytest.mark.django_db
URLENCODED = "application/x-www-form-urlencoded"
# Who sees the table within a scope, and who where nobody of an estate may.
WHO = {
    label: next(who for who in ("manager", "sysadmin", "root") if may(label, "view", who)) for label in ADMIN
}
MAY_CHANGE = [label for label in ADMIN if may(label, "change", "manager")]
HOSTILE = f"{' '.join(hostile.MARKUP)} 漏\x00水\ud83d"
MARK = "<b onclick=xss()>漏\u202e"
SEARCH = {"q": HOSTILE, "p": hostile.NUMBER, "o": f"1.-2.x.{hostile.NUMBER}", "all": "", "_popup": "<b>"}
SEARCH |= {"_to_field": "password", "_changelist_filters": HOSTILE}
# Lookups that nobody offers: into other tables, by patterns, of what is not there.
LOOKUPS = {"pk__regex": "(", "logentry__user__password__startswith": "a", "x__y__z": "1", "pk__range": "1"}


def queries(label: str, request) -> list[dict[str, str]]:
    """Everything that could stand behind the address of this list, each mistake alone."""
    model = apps.get_model(label)
    found = [SEARCH, *({name: value} for name, value in LOOKUPS.items())]
    words = [field.name for field in model._meta.fields if isinstance(field, CharField | TextField)][:1]
    found += [{f"{name}__regex": "("} for name in words]
    if days := admin.site._registry[model].date_hierarchy:
        found += [{f"{days}__year": hostile.NUMBER}, {f"{days}__date__range": "1"}]
    for offered in admin.site._registry[model].get_list_filter(request):
        name = offered if isinstance(offered, str) else offered[0] if isinstance(offered, tuple) else None
        names = [f"{name}__exact", f"{name}__id__exact"] if name else [offered.parameter_name]
        found += [{each: "\x00<b>"} for each in names]
    return found


@pytest.mark.parametrize("label", ADMIN)
def test_a_hostile_question_to_a_list_finds_nothing_and_breaks_nothing(scene, label):
    client, far, wrong = scene.clients[WHO[label]], scene.objects[label][1], {}
    client.raise_request_exception = False
    request = RequestFactory().get("/")
    request.user = scene.objects["accounts.user"][0]
    for query in queries(label, request):
        with drawn.taken_back():
            path = admin_url(label, "changelist", None)
            answer = client.generic("GET", path, QUERY_STRING=body_of(query).decode())
        page = answer.getvalue()
        found = faults_of(page)
        if far is not None and f'{admin_url(label, "change", far)}"' in page.decode():
            found.append("shows what is far away")
        if answer.status_code not in {200, 302, 400} or found:
            wrong[str(query)[:80]] = (answer.status_code, found)

    assert wrong == {}


@pytest.mark.parametrize("label", MAY_CHANGE)
def test_an_admin_form_full_of_hostile_text_is_refused_or_shown_as_text(scene, label):
    client, path, wrong = scene.clients["manager"], admin_url(label, "change", scene.objects[label][0]), {}
    client.raise_request_exception = False
    filled = form_of(client.get(path).getvalue(), path)
    hidden = {name: text for name, text in filled.chosen.items() if name.endswith("_FORMS")}
    refused = dict.fromkeys(filled.text, HOSTILE) | dict.fromkeys(filled.chosen, hostile.NUMBER) | hidden
    nonsense = dict.fromkeys([*filled.text, *filled.chosen], HOSTILE) | hidden
    # What was chosen stays: some of these go through, and stand in the list.
    kept = filled.chosen | {name: MARK[:length] for name, length in filled.text.items()}
    for data in (refused, nonsense, kept):
        with drawn.taken_back():
            answer = client.generic("POST", path, body_of(data), content_type=URLENCODED)
            pages = [answer.getvalue()]
            if answer.status_code == 302:
                pages.append(client.get(answer.headers["Location"]).getvalue())
        found = [fault for page in pages for fault in faults_of(page)]
        if answer.status_code not in {200, 302} or found:
            wrong[str(data)[:60]] = (answer.status_code, found)

    assert wrong == {}
