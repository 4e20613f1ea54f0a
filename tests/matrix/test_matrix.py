"""Every address of the whole URLconf, asked by every kind of person."""

import pytest

from tests.matrix.admin import ADMIN, may
from tests.matrix.asking import Answer, address, ask, names
from tests.matrix.scene import Scene
from tests.matrix.table import PEOPLE, PERSONAL, ROWS, WRITES_ON_GET, everybody_in, expected

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-01")]
# Scope is one function for all of a kind: one person of each kind asks for what is far away.
ASKS_FAR = [
    "owner",
    "phone",
    "dispatcher",
    "engineer",
    "manager",
    "director",
    "worker",
    "contractor",
    "partner",
]
ADMIN_KINDS = ["changelist", "add", "change", "history", "delete"]
VERB = {"changelist": "view", "history": "view", "add": "add", "change": "change", "delete": "delete"}
MISSING = {
    **dict.fromkeys(
        ["photo", "incoming", "incoming_file", "coordination_file"], "00000000-0000-4000-8000-000000000000"
    ),
    **dict.fromkeys(["token", "link"], "2" * 43),
    "place_code": "e9.y",
    **dict.fromkeys(["message", "unit", "fault", "run", "plan", "user", "closed_pk", "device"], 10**9),
    **dict.fromkeys(["incident", "case", "care", "joint", "import", "firm", "contact", "notice"], 10**9),
    **dict.fromkeys(["dispute", "firm_letter", "hand", "skill", "certificate", "leave", "offer"], 10**9),
    **dict.fromkeys(["emergency", "emergency_over", "coordination", "week", "week_item"], 10**9),
}
NOBODYS_NUMBER = "XX-000000-0000"


def ticket_of(scene: Scene, path: str):
    """The ticket that an owner's session is for at this address."""
    return scene.tickets.get(path.split()[0] if path else "", scene.tickets["scheduled"])


def faults_of(answer: Answer, method: str, name: str) -> list[str]:
    """What every answer must hold, whoever asks: safe headers, and no write on GET."""
    found = []
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        found.append("no nosniff")
    policy = answer.headers.get("Content-Security-Policy", "")
    if "frame-ancestors 'none'" not in policy and "sandbox" not in policy:
        found.append("may be framed")
    if method == "GET" and answer.writes and name not in WRITES_ON_GET:
        found.append(f"GET writes {sorted(set(answer.writes))}")
    return found


def test_every_address_is_in_the_table_and_the_table_has_no_other():
    models = {f"admin:{label.replace('.', '_')}_{kind}" for label in ADMIN for kind in ADMIN_KINDS}
    # Django's admin redirects /add-less old addresses and answers what is not there.
    known = ROWS.keys() | models | {"admin:(none)"}

    found = set(names())
    assert (sorted(found - known), sorted(known - found)) == ([], [])


@pytest.mark.parametrize("time", ["first", "second"])
def test_an_owner_is_let_in_by_the_link_in_every_test(scene, time):
    url = address("owner_ticket", "scheduled", scene.here)
    answer = ask(scene, "owner", "GET", url, ticket=scene.tickets["scheduled"])

    assert answer.status == 200


@pytest.mark.parametrize("who", PEOPLE)
def test_pages_answer_as_the_table_says(scene, who):
    wrong = {}
    for name, row in ROWS.items():
        url = address(name, row.path, scene.here, row.query)
        for method, rule in (("GET", row.get), ("POST", row.post)):
            answer = ask(scene, who, method, url, ticket=ticket_of(scene, row.path))
            faults = faults_of(answer, method, name)
            if answer.status != expected(row, rule, who) or faults:
                wrong[f"{method} {name}"] = (answer.status, expected(row, rule, who), faults)

    assert wrong == {}


@pytest.mark.parametrize("who", ASKS_FAR)
def test_what_is_far_away_looks_exactly_like_what_is_not_there(scene, who):
    wrong = {}
    for name, row in ROWS.items():
        if not row.path or row.path.startswith("="):
            continue
        first = row.path.split()[0]
        far = address(name, row.path, scene.far)
        none = address(name, row.path, scene.far | {first: MISSING.get(first, NOBODYS_NUMBER)})
        for method in [method for method, rule in (("GET", row.get), ("POST", row.post)) if rule != "405"]:
            there = ask(scene, who, method, far, ticket=scene.tickets["scheduled"])
            nothing = ask(scene, who, method, none, ticket=scene.tickets["scheduled"])
            refused = there.status in {404, 403, 405, 302}
            if not refused or (there.status, there.body) != (nothing.status, nothing.body):
                wrong[f"{method} {name}"] = (there.status, nothing.status)

    assert wrong == {}


@pytest.mark.parametrize("who", PEOPLE)
def test_the_admin_answers_as_the_table_says(scene, who):
    wrong = {}
    for label, (own, _) in scene.objects.items():
        for kind, method in asked_of(who):
            answer = ask(scene, who, method, admin_url(label, kind, own))
            faults = faults_of(answer, method, label)
            if answer.status not in admin_expected(label, kind, method, who) or faults:
                wrong[f"{method} {label} {kind}"] = (answer.status, faults)

    assert wrong == {}


@pytest.mark.parametrize("who", ["clerk", "supervisor", "manager", "sysadmin", "auditor"])
def test_the_admin_shows_nothing_of_far_away(scene, who):
    wrong = {}
    for label, (_, far) in scene.objects.items():
        if far is None:
            continue
        for kind in ("change", "history", "delete"):
            there = ask(scene, who, "GET", admin_url(label, kind, far))
            if there.status not in {302, 403, 404}:
                wrong[f"{label} {kind}"] = there.status
        if may(label, "view", who):
            shown = ask(scene, who, "GET", admin_url(label, "changelist", None)).body.decode()
            if f'{admin_url(label, "change", far)}"' in shown:
                wrong[f"{label} list"] = "shown"

    assert wrong == {}


def asked_of(who: str) -> list[tuple[str, str]]:
    """Which pages of a model this person asks for; the door is the same for all who may not enter.

    The history needs what the list needs: two people ask for it.
    """
    if who in everybody_in("staff"):
        kinds = [kind for kind in ADMIN_KINDS if kind != "history" or who in {"manager", "sysadmin"}]
        return [*((kind, "GET") for kind in kinds), ("change", "POST")]
    return [("changelist", "GET"), ("change", "POST")]


def admin_url(label: str, kind: str, row) -> str:
    path = "" if row is None or kind in {"changelist", "add"} else f"={row.pk}"
    return address(f"admin:{label.replace('.', '_')}_{kind}", path, {})


def admin_expected(label: str, kind: str, method: str, who: str) -> set[int]:
    if who not in everybody_in("staff"):
        return {302}
    verb = "view" if (kind, method) == ("change", "GET") else VERB[kind]
    if not may(label, verb, who):
        # The history looks for the row before it asks for the permission.
        return {403, 302} if kind == "history" else {403}
    if kind in {"change", "history"} and who not in everybody_in(PERSONAL.get(label, who)):
        return {302}
    # A form that has nothing to ask for is saved.
    return {200, 302} if method == "POST" else {200}
