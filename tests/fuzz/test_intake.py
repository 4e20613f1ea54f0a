"""Whatever is typed at intake is kept as it was, or given back with a word at its field (T10, G7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from tests.factories_files import picture
from tests.fuzz import drawn
from tests.fuzz.asker import KINDS, NAMING, names_its_field, valid
from tests.fuzz.asking import faults_of
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
INTAKE = ["desk_intake", *KINDS, "owner_report", "owner_matter", "patrol_new", "relay_new"]
PHOTO = ("漏水.jpg", picture(size=(40, 30)))
# Most of what is typed fits into its field: a form with one word too long says nothing of the others.
TYPED = st.tuples(drawn.TEXT, st.sampled_from([True, True, True, False]))


@given(st.sampled_from(INTAKE), st.lists(TYPED, min_size=4, max_size=4))
@drawn.bounded(24)
def test_what_is_typed_at_intake_is_kept_or_given_back(ask, scene, name, typed):
    with ask(name) as asker:
        filled = asker.form()
        free = [each for each in filled.text if each not in {*NAMING, "fault_words"}]
        said = {
            each: text[: filled.text[each]] if fits else text
            for each, (text, fits) in zip(free, typed * 2, strict=False)
        }
        data = said | valid(scene, name, filled)
        answer = asker.send_files(data, filled.files[0], PHOTO) if filled.files else asker.send(data)
        found = faults_of(answer.content)
        if answer.status_code in {302, 303}:
            found += asker.shown(answer)
            kept = Ticket.objects.latest("pk").description
            assert (found, kept) == ([], drawn.decoded(said["description"]).strip())
            return
    assert (answer.status_code, names_its_field(answer), found) == (422, True, [])
    assert given_back(answer, said) == {each: seen(drawn.decoded(text)) for each, text in said.items()}


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
