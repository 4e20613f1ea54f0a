"""The admin: hostile searches, filters, orders and pages, and forms full of hostile text (T13, OR-01)."""

from itertools import cycle

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import RequestFactory

from core.admin_lists import PlainList
from tests.fuzz import drawn, hostile
from tests.fuzz.asking import body_of, faults_of, form_of
from tests.matrix.admin import ADMIN, may
from tests.matrix.test_matrix import admin_url

pytestmark = pytest.mark.usefixtures("undone")
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
LOOKUPS = [
    *({"pk__regex": "("}, {"pk__range": "1"}, {"x__y__z": "1"}, {"pk__in": "a,,\x00"}, {"name__regex": "("}),
    {"logentry__user__password__startswith": "a"},
]
# All lists refuse by the same lines; these are asked.
ASKED_MORE = ("accounts.user", "estates.estate", "knowledge.trade", "tickets.ticket")


def queries(label: str, request) -> list[dict[str, str]]:
    """What could stand behind the address of this list, each mistake alone."""
    shown = admin.site._registry[apps.get_model(label)]
    found = [SEARCH]
    if days := shown.date_hierarchy:
        found += [{f"{days}__year": hostile.NUMBER}, {f"{days}__date__range": "1"}]
    for offered in shown.get_list_filter(request):
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
    for query in [*queries(label, request), *(LOOKUPS if label in ASKED_MORE else [])]:
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


def test_every_list_refuses_what_no_filter_offers():
    request = RequestFactory().get("/")

    lists = {shown.get_changelist(request) for shown in admin.site._registry.values()}
    assert {each for each in lists if not issubclass(each, PlainList)} == set()


@pytest.mark.parametrize("label", MAY_CHANGE)
def test_an_admin_form_full_of_hostile_text_is_refused_or_shown_as_text(scene, label):
    client, path, wrong = scene.clients["manager"], admin_url(label, "change", scene.objects[label][0]), {}
    client.raise_request_exception = False
    filled = form_of(client.get(path).getvalue(), path)
    hidden = {name: text for name, text in filled.chosen.items() if name.endswith("_FORMS")}
    # What is chosen is by turns no key, and one beyond every column.
    chosen = dict(zip(filled.chosen, cycle([HOSTILE, hostile.NUMBER]), strict=False))
    refused = dict.fromkeys(filled.text, HOSTILE) | chosen | hidden
    # What was chosen stays: some of these go through, and stand in the list.
    kept = filled.chosen | {name: MARK[:length] for name, length in filled.text.items()}
    for data in (refused, kept):
        with drawn.taken_back():
            answer = client.generic("POST", path, body_of(data), content_type=URLENCODED)
            pages = [answer.getvalue()]
            if answer.status_code == 302:
                pages.append(client.get(answer.headers["Location"]).getvalue())
        found = [fault for page in pages for fault in faults_of(page)]
        if answer.status_code not in {200, 302} or found:
            wrong[str(data)[:60]] = (answer.status_code, found)

    assert wrong == {}
