"""Whatever is typed at intake is kept as it was, or given back with a word at its field (T10, G7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from tests.fuzz import drawn
from tests.fuzz.asker import KINDS, NAMING, PHOTO, names_its_field, valid
from tests.fuzz.asking import faults_of
from tickets.models import Ticket

pytestmark = pytest.mark.usefixtures("undone")
INTAKE = ["desk_intake", *KINDS, "owner_report", "owner_matter", "patrol_new", "relay_new"]
# Most of what is typed fits into its field: a form with one word too long says nothing of the others.
TYPED = st.lists(st.tuples(drawn.TEXT, st.sampled_from([True, True, True, False])), min_size=5, max_size=5)


@given(st.lists(TYPED, min_size=len(INTAKE), max_size=len(INTAKE)))
@drawn.bounded(3)
def test_what_is_typed_at_intake_is_kept_or_given_back(ask, scene, typed):
    wrong = {}
    for name, words in zip(INTAKE, typed, strict=True):
        with ask(name) as asker:
            filled = asker.form()
            free = [each for each in filled.text if each not in {*NAMING, "fault_words"}]
            said = {
                each: text[: filled.text[each]] if fits else text
                for each, (text, fits) in zip(free, words, strict=False)
            }
            if found := told(asker, said, valid(scene, name, filled)):
                wrong[name] = (found, said)

    assert wrong == {}


def told(asker, said: dict[str, str], others: dict[str, str]) -> list:
    """What is wrong with the answer to these words, with what was kept of them or with what came back."""
    files = asker.form().files
    data = said | others
    answer = asker.send_files(data, files[0], PHOTO) if files else asker.send(data)
    found = faults_of(answer.content)
    if answer.status_code in {302, 303}:
        kept = Ticket.objects.latest("pk").description
        found += ["kept otherwise"] if kept != drawn.decoded(said["description"]).strip() else []
        return found + asker.shown(answer)
    if answer.status_code != 422 or not names_its_field(answer):
        found.append(answer.status_code)
    back = given_back(answer, said)
    return found + [each for each, text in said.items() if back.get(each) != seen(drawn.decoded(text))]


def given_back(answer, names) -> dict[str, str]:
    """What stands in these fields of the refused form, as far as an eye can see it."""
    tree = html.document_fromstring(answer.content.replace(b"\0", b""))
    values = {}
    for control in tree.iter("input", "textarea"):
        text = control.text_content() if control.tag == "textarea" else control.get("value", "")
        if control.get("name") in names:
            values[control.get("name")] = seen(text)
    return values


def seen(text: str) -> str:
    """The letters that have a shape of their own: no spaces, no control characters."""
    return "".join(letter for letter in text if letter.isprintable() and not letter.isspace())
