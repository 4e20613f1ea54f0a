"""Hostile files in every upload field: refused at it, the words kept, or served inert (T11 to T17, G8)."""

from uuid import uuid4

import pytest

from tests.fuzz import hostile, served
from tests.fuzz.asker import ACTS, BOOKS, NAMING, SEVERAL, SINGLE, names_its_field, valid
from tests.fuzz.asking import faults_of

pytestmark = pytest.mark.usefixtures("undone")
SAID = "一句已经写好的话"
# As many as every field for several takes at once.
TOGETHER = 6


@pytest.mark.parametrize("name", [*SINGLE, *BOOKS])
def test_a_hostile_file_is_refused_at_its_field_or_served_inert(ask, before, name):
    files = hostile.BOOKS if name in BOOKS else hostile.FILES
    if name in SINGLE[1:]:
        # The field of the first one again: every third file shows that it judges here as well.
        files = dict(list(files.items())[::3])

    wrong = {label: found for label, file in files.items() if (found := told(ask, before, name, file))}

    assert wrong == {}


@pytest.mark.parametrize("name", SEVERAL)
def test_hostile_files_in_one_form_are_refused_or_served_inert(ask, before, name):
    others = [label for label in hostile.FILES if label not in hostile.PICTURES]
    heaps = [others[at : at + TOGETHER] for at in range(0, len(others), TOGETHER)]
    wrong = {}
    for heap in [*heaps, hostile.PICTURES]:
        found = told(ask, before, name, *(hostile.FILES[label] for label in heap))
        if found:
            wrong[str(heap)] = found

    assert wrong == {}


def told(ask, before, name: str, *files) -> list:
    """What is wrong with the answer to a form with these files, and with the pages that show them."""
    with ask(name) as asker:
        filled = asker.form()
        text = dict.fromkeys([each for each in filled.text if each not in NAMING], SAID)
        data = text | valid(asker.scene, name, filled) | {"form_key": str(uuid4())}
        answer = asker.send_files(data, filled.files[0], *files)
        found = faults_of(answer.content)
        if answer.status_code in {302, 303}:
            return found + asker.shown(answer) + served.dangers(asker.scene, before)
    # Nothing is wrong with the form, but this is not the time for it.
    if answer.status_code == 409 and name in ACTS:
        return found
    if answer.status_code not in {200, 422} or not names_its_field(answer):
        found.append(answer.status_code)
    elif text and SAID not in answer.content.decode():
        found.append("typed words lost")
    return found


def test_every_table_with_files_is_followed_to_where_they_are_served():
    assert served.tables() == set(served.ADDRESSES)
