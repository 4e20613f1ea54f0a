"""Every form takes hostile text, and every page hostile addresses (T10 to T17, G7)."""

from itertools import cycle

import pytest

from tests.fuzz import hostile
from tests.fuzz.asker import CASES, KINDS, NAMING, PAGES, UPLOADS, valid
from tests.fuzz.asking import LONG, Filled, body_of, faults_of

pytestmark = pytest.mark.usefixtures("undone")
# So many forms are sent at least and at most until a long field has held every string.
FEWEST, MOST = 2, 4
# Short enough for the address of a request.
ASKED = [f"{' '.join(hostile.MARKUP)} 漏\x00水\ud83d", hostile.NUMBER]
# Whose accepted words are followed to the pages that show them: every form of intake.
STORED = {
    *("desk_intake", *KINDS, "ticket_complete", "owner_report", "patrol_new", "relay_new", "incident_new"),
    *("ticket_comment", "ticket_follow", "ticket_files", "owner_comment", "incident_change", "case_change"),
    *("ticket_destructive", "desk_incoming_dismiss", "ticket_case", "ticket_urge", "ticket_follow_up"),
}
# A hostile address: names of every filter and fragment, all at once.
FILTERS = """q who fault_words description words unit place fault owner estate report incoming kind status
level severity worker page month draft where same_cause case_side typed said_repaired repeat_of until day"""
PARAMETERS = FILTERS.split()


@pytest.mark.parametrize("name", CASES)
def test_a_form_full_of_hostile_text_is_refused_and_echoes_no_markup(ask, name):
    wrong = {}
    with ask(name) as asker:
        filled = asker.form()
        for data in full(name, filled) if filled.text or filled.chosen else ():
            answer = asker.send(data | KINDS.get(name, {}))
            found = faults_of(answer.content)
            if answer.status_code >= 500 or found:
                wrong[str(data)[:60]] = (answer.status_code, found)

    assert (wrong, bool(filled.files) <= (name.partition(" ")[0] in UPLOADS)) == ({}, True)


def full(name: str, filled: Filled) -> list[dict[str, str]]:
    """Everything in every field; then what is too long or too large, by turns where words are asked for."""
    turns = [hostile.LONGEST, hostile.NUMBER][:: 1 if CASES.index(name) % 2 else -1]
    return [
        dict.fromkeys([*filled.text, *filled.chosen], hostile.EVERYTHING),
        dict.fromkeys(filled.chosen, hostile.NUMBER) | dict(zip(filled.text, cycle(turns), strict=False)),
    ]


@pytest.mark.parametrize("name", [name for name in CASES if name in STORED])
def test_hostile_text_is_kept_as_text_or_refused_at_its_field(ask, scene, name):
    with ask(name) as asker:
        filled = asker.form()
    free = {each: length for each, length in filled.text.items() if each not in NAMING}
    rounds = min(max(FEWEST, len(packs_for(max(free.values())))), MOST)
    wrong, kept = {}, 0
    for words in [*kept_words(name, free, rounds), *alone_words(free)]:
        with ask(name) as asker:
            found, went = asker.told(filled, words | valid(scene, name, filled))
        kept += went
        if found:
            wrong[str(words)] = found

    assert (wrong, kept >= rounds) == ({}, True)


def packs_for(length: int) -> list[str]:
    """All strings as a field of this length takes them."""
    return hostile.packed(min(length, LONG) - 2)


def kept_words(name: str, free: dict[str, int], rounds: int) -> list[dict[str, str]]:
    """What stands in the fields of each form: one too short for all strings holds other ones in each."""
    begin = CASES.index(name) * MOST
    return [
        {each: packs_for(length)[(begin + number) % len(packs_for(length))] for each, length in free.items()}
        for number in range(rounds)
    ]


def alone_words(free: dict[str, int]) -> list[dict[str, str]]:
    """Every refused value in a field of its own, in as few forms as that takes."""
    ways = [
        dict(zip(free, hostile.ALONE[at:], strict=False)) for at in range(0, len(hostile.ALONE), len(free))
    ]
    return [dict.fromkeys(free, "漏水") | way for way in ways]


@pytest.mark.parametrize("name", PAGES)
def test_hostile_addresses_are_pages_or_not_found(ask, name):
    wrong = {}
    with ask(name) as asker:
        for text in ASKED:
            query = body_of(dict.fromkeys(PARAMETERS, text)).decode()
            answer = asker.client.generic("GET", asker.path, QUERY_STRING=query)
            found = faults_of(answer.getvalue()) if "html" in answer.headers.get("Content-Type", "") else []
            if answer.status_code >= 500 or found:
                wrong[text[:30]] = (answer.status_code, found)
            # Nobody has looked at what was asked: the next words would not be read either.
            if "GET" not in vars(answer.wsgi_request):
                break

    assert wrong == {}
