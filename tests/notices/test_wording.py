import pytest

from notices import presets, wording
from notices.models import Template

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-03")]
NUMBERED = [f"N{n:02}" for n in range(1, 18)] + [f"W{n:02}" for n in range(1, 11)]
# What came after the numbers of domain.md.
NUMBERED += [
    "N51",
    *(f"P{n:02}" for n in range(1, 10)),
    *(f"DP{n}" for n in range(1, 7)),
    "K01",
    "K02",
    "K03",
    "K04",
    "K05",
    "K06",
    "K07",
    "K08",
    "K09",
    "K10",
    "K11",
    "M01",
    "M02",
    "M03",
    "N18",
    "N21",
    "N22",
    "N31",
    "N32",
    "N33",
    "N34",
    "N35",
    "N36",
    "N37",
    "N38",
    "N39",
    "N40",
    "N41",
    "W20",
    "W21",
    "W22",
    "W23",
    "W24",
    "W25",
    "W31",
    "W32",
    "W33",
    "W41",
    "N61",
    "N62",
    "W61",
    "W62",
    "W63",
    "W64",
    "W65",
    "W66",
    "W67",
    "W68",
    "X06",
    "E01",
    "E02",
    "E03",
    "E04",
    "E05",
    "W51",
    "X01",
    "X02",
    "X03",
    "X04",
    "X05",
    "W52",
    "W53",
    "W54",
]


def test_all_templates_ship_and_use_known_variables(templates):
    found = list(Template.objects.order_by("code"))

    assert [template.code for template in found] == sorted(NUMBERED)
    for template in found:
        assert wording.unknown_in(template.title + template.body) == []
        assert not wording.has_stray_brace(template.title + template.body)


def test_every_text_to_an_owner_fits_into_two_messages_without_its_link(templates):
    for template in Template.objects.filter(code__startswith="N"):
        _, body = wording.fill(template, wording.VARIABLES | {"链接": ""})
        assert wording.sms_parts(body) <= 2, template


def test_loading_again_keeps_what_was_edited(templates):
    Template.objects.filter(code="N03").update(body="改过的话")
    Template.objects.filter(code="N04").delete()

    assert presets.load() == 1
    assert Template.objects.get(code="N03").body == "改过的话"


def test_words_are_kept_for_a_while_and_forgotten_on_demand(templates):
    wording.find("N03")
    Template.objects.filter(code="N03").update(name="新名")

    assert wording.find("N03").name == "出发与即将到达"
    wording.forget()
    assert wording.find("N03").name == "新名"


def test_a_template_that_comes_later_is_found(db):
    assert wording.find("N01") is None
    presets.load()
    assert wording.find("N01").name == "报修受理"


@pytest.mark.parametrize(("length", "parts"), [(0, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_long_texts_are_billed_as_several(length, parts):
    assert wording.sms_parts("字" * length) == parts


@pytest.mark.parametrize(
    ("text", "stray"), [("{单号}", False), ("{单号", True), ("单号}", True), ("{{单号}}", True)]
)
def test_braces_must_pair(text, stray):
    assert wording.has_stray_brace(text) == stray
