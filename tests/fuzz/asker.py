"""Who asks which form with what: the permission matrix read as forms, and one address asked as one person."""

import re
from http.cookies import SimpleCookie
from uuid import uuid4

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import now

from tests.fuzz import hostile
from tests.fuzz.asking import File, Filled, body_of, faults_of, form_of, multipart
from tests.matrix.asking import address
from tests.matrix.scene import BY_LINK, Scene
from tests.matrix.table import PEOPLE, ROWS, Row, expected
from tests.matrix.test_matrix import ticket_of
from tickets.models import Kind, Ticket

BOUNDARY = "fuzz"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
PHOTO = ("漏水.jpg", hostile.JPG)
# Nine bytes for a Chinese character: what is longer is sent in parts, as forms with files are.
URLENCODED_LENGTH = 5_000
# Signing in has its own tests, with throttles that would answer here.
SKIPPED = {"account_login", "owner_login", "account_reauthenticate", "account_change_password"}
# Text fields that only lead to something when they name it.
NAMING = {"reporter_phone": "13912345678", "numbers": "", "others": "", "digits": "8000", "q": "房号"}


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
# Acts of the worker's phone with a file of their own: the table asks for one of them.
ACTS = {
    f"field_act {act}": f"scheduled ={act}" for act in ("no-access", "contain", "finish", "photos", "suspend")
}
# Upload fields: workbooks, then one file each, then several.
BOOKS = ("history_home", "dispatch_import")
SINGLE = ("partners_letter", "dispatch_certificate")
SEVERAL = ["owner_report", "owner_comment", "owner_matter", "patrol_new", "partner_act", "partner_dispute"]
SEVERAL += ["coordination_answer", "ticket_files", "ticket_errand", "desk_joint", "field_act", *ACTS, "ui"]
# Without a file of their own: another form stands on the page that answers.
BESIDE = ("dispatch_import_confirm", "joint_cancel")
UPLOADS = {*BOOKS, *SINGLE, *SEVERAL, *BESIDE}


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
    if name == "ticket_case":
        data |= {"others": scene.tickets["important"].number}
    if name.startswith("incident_"):
        data |= {"expected_end": ""}
    return {key: str(value) for key, value in data.items()} | KINDS.get(name, {})


def names_its_field(answer) -> bool:
    """Whether a sentence in Chinese stands at a field."""
    said = re.findall(r'field-error"[^>]*>(.*?)</p>', answer.content.decode(), re.DOTALL)
    return any(re.search("[一-鿿]", words) for words in said)


class Asker:
    """Asks one address as one person; what it did is taken back at the end of `with`.

    `forms` remembers what the forms of this scene ask for.
    """

    def __init__(self, scene: Scene, forms: dict[str, Filled], name: str):
        self.name, self.forms, self.kind = name, forms, KINDS.get(name, {})
        path = ACTS.get(name)
        name = name.partition(" ")[0]
        row, who = ROWS[name], FORMS.get(name) or PAGES[name]
        self.path = address(name, path or row.path, scene.here)
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
        if sum(map(len, data.values())) > URLENCODED_LENGTH:
            return self._send_parts(multipart(data, [], BOUNDARY))
        return self.client.generic("POST", self.path, body_of(data), content_type=URLENCODED)

    def send_files(self, data: dict[str, str], field: str, *files: File):
        return self._send_parts(multipart(data, [(field, file) for file in files], BOUNDARY))

    def _send_parts(self, body: bytes):
        return self.client.generic("POST", self.path, body, content_type=MULTIPART)

    def form(self) -> Filled:
        """What the form asks for: the refused empty one, or the page itself; looked up once."""
        if self.name not in self.forms:
            self.forms[self.name] = self._form()
        return self.forms[self.name]

    def _form(self) -> Filled:
        filled = form_of(self.send({"form_key": str(uuid4())} | self.kind).content, self.path)
        if not filled.text and not filled.files:
            filled = form_of(self.client.get(self.path).content, self.path)
        return filled

    def told(self, filled: Filled, data: dict[str, str]) -> tuple[list, bool]:
        """What is wrong after this form was sent, with a photo if it takes one; whether it was kept."""
        data |= {"form_key": str(uuid4())}
        answer = self.send_files(data, filled.files[0], PHOTO) if filled.files else self.send(data)
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
