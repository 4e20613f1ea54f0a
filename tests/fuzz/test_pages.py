"""Every form takes hostile text and files, and every page hostile addresses (T10 to T17, G7, G8)."""

import re
from http.cookies import SimpleCookie
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import now

from tests.fuzz import hostile
from tests.fuzz.asking import LONG, Filled, body_of, faults_of, form_of, multipart
from tests.matrix.asking import address
from tests.matrix.scene import BY_LINK, Scene
from tests.matrix.table import PEOPLE, ROWS, Row, expected
from tests.matrix.test_matrix import ticket_of
from tickets.models import Evidence, Kind, Ticket

pytestmark = pytest.mark.django_db
URLENCODED = "application/x-www-form-urlencoded"
BOUNDARY = "fuzz"
PHOTO = ("漏水.jpg", hostile.JPG)
# A field that takes fewer characters holds other strings in each form, so many times if it is alone.
SHORT, ROUNDS = 150, 10
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
SERVED = {"image/jpeg", "image/webp", "video/mp4", "application/pdf"}
BEGAN = now()
# Short enough for the address of a request.
ASKED = [" ".join(hostile.MARKUP), "漏\x00水\ud83d", "9" * 400]
# Signing in has its own tests, with throttles that would answer here.
SKIPPED = {"account_login", "owner_login", "account_reauthenticate", "account_change_password"}


def somebody(row: Row, rule: str, status: int) -> str:
    """The first person whom the matrix promises this answer; "" for nobody."""
    return next((who for who in PEOPLE if expected(row, rule, who) == status), "")


FORMS = {
    name: who
    for name, row in ROWS.items()
    if name not in SKIPPED and ":" not in name and (who := somebody(row, row.post, 422))
}
PAGES = {
    name: who
    for name, row in ROWS.items()
    if ":" not in name and (who := somebody(row, row.get, 200)) and not name.startswith(("health", "metrics"))
}


# Forms of one address that ask for different things.
KINDS = {f"desk_intake {kind}": {"kind": str(kind)} for kind in Kind if kind != Kind.REPAIR}
CASES = [*FORMS, *KINDS]
# Text fields that only lead to something when they name it.
NAMING = {"reporter_phone": "13912345678", "numbers": "", "others": "", "digits": "8000", "q": "房号"}
# Whose accepted words are followed to the pages that show them: every form of intake.
STORED = {
    *("desk_intake", *KINDS, "ticket_complete", "owner_report", "patrol_new", "relay_new", "incident_new"),
    *("ticket_comment", "ticket_follow", "ticket_files", "owner_comment", "incident_change", "case_change"),
    *("ticket_destructive", "desk_incoming_dismiss", "ticket_case", "ticket_urge", "ticket_follow_up"),
}
UPLOADS = ("owner_report", "owner_comment", "patrol_new", "ticket_files", "field_act", "history_home", "ui")
# A hostile address: names of every filter and fragment, all at once.
FILTERS = """q who fault_words description words unit place fault owner estate report incoming kind status
level severity worker page month draft where same_cause case_side typed said_repaired repeat_of until day"""
PARAMETERS = FILTERS.split()


def valid(scene: Scene, name: str, filled: Filled) -> dict[str, str]:
    """What makes a form go through, its free text left out."""
    here = {"unit": scene.here["unit"], "fault": scene.here["fault"]}
    data = filled.chosen | {key: text for key, text in NAMING.items() if key in filled.text}
    if name in {"desk_intake", "ticket_complete", *KINDS}:
        data |= here | {"place": "", "estate": "", "started_at": now().isoformat(), "save": "complete"}
    if name in {"patrol_new", "relay_new"}:
        spot = f"p{scene.objects['estates.publicplace'][0].pk}"
        data |= {"where": spot if name == "patrol_new" else f"u{here['unit']}", "fault": here["fault"]}
    if name == "owner_report":
        data |= {"fault": here["fault"]}
    if name.startswith("incident_"):
        data |= {"expected_end": ""}
    return {key: str(value) for key, value in data.items()} | KINDS.get(name, {})


class Asker:
    """Asks one address as one person; what it did is taken back at the end of `with`."""

    def __init__(self, scene: Scene, name: str):
        self.kind = KINDS.get(name, {})
        name = name.partition(" ")[0]
        row, who = ROWS[name], FORMS.get(name) or PAGES[name]
        self.path = address(name, row.path, scene.here)
        self.client, self.scene = scene.clients[who], scene
        self.ticket = scene.tickets.get(row.path.partition(" ")[0])
        if who in BY_LINK:
            self.client.cookies.clear()
            scene.let_in(who, ticket_of(scene, row.path))
        self.client.raise_request_exception = False

    def __enter__(self) -> "Asker":
        self.cookies = self.client.cookies.output(header="", sep=";")
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        return self

    def __exit__(self, *error) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        self.client.cookies = SimpleCookie(self.cookies)

    def send(self, data: dict[str, str]):
        return self.client.generic("POST", self.path, body_of(data), content_type=URLENCODED)

    def send_file(self, data: dict[str, str], field: str, file: tuple[str, bytes]):
        body = multipart(data, field, file, BOUNDARY)
        return self.client.generic("POST", self.path, body, content_type=MULTIPART)

    def form(self) -> Filled:
        """What the form asks for: the refused empty one, or the page itself."""
        filled = form_of(self.send({"form_key": str(uuid4())} | self.kind).content, self.path)
        if not filled.text and not filled.files:
            filled = form_of(self.client.get(self.path).content, self.path)
        return filled

    def told(self, filled: Filled, data: dict[str, str]) -> tuple[list, bool]:
        """What is wrong after this form was sent, with a photo if it takes one; whether it was kept."""
        data |= {"form_key": str(uuid4())}
        answer = self.send_file(data, filled.files[0], PHOTO) if filled.files else self.send(data)
        found = faults_of(answer.content)
        if answer.status_code in {302, 303}:
            return found + self.shown(answer), True
        if answer.status_code != 422 or not names_its_field(answer):
            found.append(answer.status_code)
        return found, False

    def shown(self, answer) -> list[str]:
        """What is wrong with the pages that show what was accepted."""
        urls = {answer.headers["Location"]}
        ticket = self.ticket or Ticket.objects.order_by("-pk").first()
        urls.add(reverse("ticket", args=[ticket.number]))
        return [f"{url}: {fault}" for url in urls for fault in self._faults_at(url)]

    def _faults_at(self, url: str) -> list[str]:
        client = self.client if url.startswith("/o/") else self.scene.clients["root"]
        answer = client.get(url)
        if answer.status_code >= 500:
            return [str(answer.status_code)]
        return faults_of(answer.getvalue())


@pytest.mark.parametrize("name", CASES)
def test_a_form_full_of_hostile_text_is_refused_and_echoes_no_markup(scene, name):
    wrong = {}
    with Asker(scene, name) as asker:
        filled = asker.form()
        for text in hostile.together() if filled.text or filled.chosen else ():
            data = dict.fromkeys([*filled.text, *filled.chosen], text) | KINDS.get(name, {})
            answer = asker.send(data)
            found = faults_of(answer.content)
            if answer.status_code >= 500 or found:
                wrong[text[:30]] = (answer.status_code, found)

    assert wrong == {}


@pytest.mark.parametrize("name", [name for name in CASES if name in STORED])
def test_hostile_text_is_kept_as_text_or_refused_at_its_field(scene, name):
    with Asker(scene, name) as asker:
        filled = asker.form()
    free = {each: length for each, length in filled.text.items() if each not in NAMING}
    long = [len(hostile.packed(min(length, LONG) - 2)) for length in free.values() if length >= SHORT]
    rounds = max(long, default=ROUNDS)
    wrong, kept = {}, 0
    for number in range(rounds + len(hostile.ALONE)):
        words = {each: word_for(name, number, rounds, length) for each, length in free.items()}
        with Asker(scene, name) as asker:
            found, went = asker.told(filled, words | valid(scene, name, filled))
        kept += went
        if found:
            wrong[number] = (words, found)

    assert (wrong, kept >= rounds) == ({}, True)


def word_for(name: str, number: int, rounds: int, length: int) -> str:
    """What stands in a field in this round: fields that take little get other strings in each form."""
    if number >= rounds:
        return hostile.ALONE[number - rounds]
    packs = hostile.packed(min(length, LONG) - 2)
    return packs[(number + CASES.index(name)) % len(packs)]


def names_its_field(answer) -> bool:
    """Whether a sentence in Chinese stands at a field."""
    said = re.findall(r'field-error"[^>]*>(.*?)</p>', answer.content.decode(), re.DOTALL)
    return any(re.search("[一-鿿]", words) for words in said)


@pytest.mark.parametrize("name", UPLOADS)
def test_a_hostile_file_is_refused_at_its_field_or_served_inert(scene, name):
    wrong = {}
    with Asker(scene, name) as asker:
        filled = asker.form()
    text = dict.fromkeys([each for each in filled.text if each not in NAMING], "一句已经写好的话")
    data = text | valid(scene, name, filled)
    for label, file in hostile.FILES.items():
        with Asker(scene, name) as asker:
            answer = asker.send_file(data | {"form_key": str(uuid4())}, filled.files[0], file)
            found = faults_of(answer.content)
            if answer.status_code in {302, 303}:
                found += asker.shown(answer) + kept_dangers(asker, label)
            elif answer.status_code not in {200, 422} or not names_its_field(answer):
                found.append(answer.status_code)
            elif text and "一句已经写好的话" not in answer.content.decode():
                found.append("typed words lost")
        if found:
            wrong[label] = found

    assert wrong == {}


def kept_dangers(asker: Asker, label: str) -> list[str]:
    """What of a stored file could still act in somebody's browser."""
    found = []
    for row in Evidence.objects.filter(added_at__gte=BEGAN).order_by("-added_at")[:1]:
        for name in ("evidence", "evidence_thumb"):
            answer = asker.scene.clients["root"].get(reverse(name, args=[row.pk]))
            policy, kind = answer.headers["Content-Security-Policy"], answer.headers["Content-Type"]
            if "sandbox" not in policy or answer.headers["X-Content-Type-Options"] != "nosniff":
                found.append(f"{name} {policy}")
            if kind not in SERVED:
                found.append(kind)
            if hostile.PAYLOAD in answer.getvalue() and kind.startswith("image/"):
                found.append("payload")
    return found


@pytest.mark.parametrize("name", PAGES)
def test_hostile_addresses_are_pages_or_not_found(scene, name):
    wrong = {}
    with Asker(scene, name) as asker:
        for text in ASKED:
            query = body_of(dict.fromkeys(PARAMETERS, text)).decode()
            answer = asker.client.generic("GET", asker.path, QUERY_STRING=query)
            found = faults_of(answer.getvalue()) if "html" in answer.headers.get("Content-Type", "") else []
            if answer.status_code >= 500 or found:
                wrong[text[:30]] = (answer.status_code, found)

    assert wrong == {}
