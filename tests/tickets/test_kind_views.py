"""The pages of kinds: the selector, the forms, what is refused where, hostile text and files (IN-11)."""

import uuid
from html import escape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from demo import pictures
from tests.house import AT, House
from tests.tickets.test_kinds import DETAILS, opened
from tickets import handling, kinds, pages, reads
from tickets.models import Kind, KindDetails, Ticket
from tickets.states import Status

pytestmark = [pytest.mark.row("IN-11"), pytest.mark.django_db]
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(1)>',
    "attribute": "' onmouseover='alert(1)",
    "link": "javascript:alert(1)//",
    "svg": "<svg/onload=alert(1)>",
    "closing": "</textarea><script>alert(1)</script>",
    "comment": "<!--#exec cmd=ls--> {# no #} {% csrf_token %} {{ settings.SECRET_KEY }}",
    "braces": "{业主} {0} %s %(name)s ${x}",
    "formula": '=HYPERLINK("http://x","a")',
    "plus": "+1+1",
    "at": "@SUM(1)",
    "minus": "-2+3|cmd",
    "sql": "'; DROP TABLE tickets_ticket; --",
    "four bytes": "𠮷野家 👨‍👩‍👧 🏠",
    "right to left": "\u202e投诉\u202d",
    "zero width": "漏\u200b水\ufeff",
    "combining": "漏" + "\u0301" * 80,
    "line breaks": "一\r\n二\n\n三",
    "tabs": "\t漏水\t",
    "control": "漏\x07水\x1b[31m",
    "nul": "漏\x00水",
    "surrogate": "漏\ud83d水".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "very long": "漏" * 20_000,
    "long word": "w" * 3_000,
    "blanks": "   \u3000  ",
    "backslashes": "\\\\..\\..\\etc\\passwd",
    "number": "9" * 400,
}


@pytest.fixture
def house():
    return House.build("front_desk", "engineer", "dispatcher", "supervisor")


@pytest.fixture
def desk(house):
    client = Client()
    client.force_login(house.people["front_desk"])
    return client


def posted(house: House, kind: str, **changes) -> dict:
    """What the intake form of this kind sends when everything is filled in."""
    details = {f"kind-{name}": value for name, value in DETAILS[kind].items()}
    return {
        "kind": kind,
        "unit": house.household.unit_id,
        "reporter_name": "张伟",
        "reporter_phone": "13800138000",
        "fault": house.fault.pk,
        "description": "约好上午来，下午才到",
        "wanted": "尽快",
        "channel": "phone",
        "port": "property",
        "save": "complete",
        "form_key": uuid.uuid4(),
        **details,
    } | changes


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_is_registered_from_the_same_page(house, desk, kind):
    answer = desk.post("/desk/intake/", posted(house, kind))

    ticket = Ticket.objects.get()
    assert (answer.status_code, ticket.kind, ticket.status) == (303, kind, Status.REGISTERED)
    kept = KindDetails.objects.filter(ticket=ticket).values_list("facts", flat=True)
    assert list(kept) == ([DETAILS[kind]] if DETAILS[kind] else [])
    assert desk.get(answer.url).status_code == 200


@pytest.mark.parametrize("kind", [kind for kind in Kind if kinds.opening_sheet(kind)])
def test_what_the_kind_asks_is_refused_at_its_field_and_nothing_is_lost(house, desk, kind):
    typed = {name: value for name, value in posted(house, kind).items() if not name.startswith("kind-")}

    answer = desk.post("/desk/intake/", typed)

    page = answer.content.decode()
    required = [ask for ask in kinds.opening_sheet(kind).asks if ask.required]
    missed = [
        ask.label for ask in required if f"请填写{ask.label}" not in page and f"请选择{ask.label}" not in page
    ]
    assert (answer.status_code, missed, Ticket.objects.count()) == (422, [], 0)
    assert "约好上午来，下午才到" in page


def test_changing_the_kind_keeps_what_was_typed_with_and_without_script(house, desk):
    typed = posted(house, Kind.REPAIR) | {"save": "kind:complaint", "description": "一句已经写好的话"}

    whole = desk.post("/desk/intake/", typed)
    fragment = desk.post("/desk/intake/kind/", typed, headers={"HX-Request": "true"})

    for answer in (whole, fragment):
        page = answer.content.decode()
        assert (answer.status_code, "一句已经写好的话" in page, "业主诉求" in page) == (200, True, True)
        assert 'name="fault_words"' not in page
    assert ["<html" in answer.content.decode() for answer in (whole, fragment)] == [True, False]
    assert Ticket.objects.count() == 0


def test_nonsense_for_a_kind_is_a_repair(house, desk):
    answer = desk.post(
        "/desk/intake/", posted(house, Kind.REPAIR) | {"kind": "x' OR 1=1", "save": "kind:nonsense"}
    )

    assert answer.status_code == 200
    assert desk.get("/desk/intake/?kind=%00%3Cscript%3E").status_code == 200


@pytest.mark.parametrize("kind", list(Kind))
def test_hostile_text_is_kept_as_text_or_refused_at_its_field(house, desk, kind):
    wrong = {}
    for name, text in HOSTILE.items():
        sheet = kinds.opening_sheet(kind)
        words = {f"kind-{ask.name}": text for ask in (sheet.asks if sheet else ()) if ask.form != "choice"}
        data = posted(house, kind, description=text, reporter_name=text[:60], **words)
        answer = desk.post("/desk/intake/", data)
        page = answer.content.decode()
        raw = text in page and text != escape(text)
        refused = answer.status_code == 422 and "field-error" in page
        if raw or not (answer.status_code == 303 or refused):
            wrong[name] = (answer.status_code, raw)
        elif answer.status_code == 303:
            shown = desk.get(answer.url)
            if shown.status_code != 200 or "<script>alert" in shown.content.decode():
                wrong[name] = ("shown", shown.status_code)

    assert wrong == {}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kinds.opening_sheet(kind)])
def test_hostile_choices_are_refused_at_their_field(house, desk, kind):
    sheet = kinds.opening_sheet(kind)
    choices = [ask for ask in sheet.asks if ask.form == "choice"]
    codes = set()
    for text in HOSTILE.values():
        if choices:
            answer = desk.post(
                "/desk/intake/", posted(house, kind, **{f"kind-{ask.name}": text for ask in choices})
            )
            codes.add((answer.status_code, "field-error" in answer.content.decode()))

    assert codes <= {(422, True)}


def device(house: House) -> Ticket:
    house.fault.needs_device = True
    house.fault.save()
    return house.register()


BAD_FILES = {
    "program": ("x.jpg", b"MZ\x90\x00" + b"\x00" * 200),
    "page": ("x.png", b"<html><script>alert(1)</script></html>"),
    "empty": ("x.jpg", b""),
    "half": ("x.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
    "text": ("..\\..\\a.txt", b"hello"),
    "svg": ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
}


@pytest.mark.parametrize("name", list(BAD_FILES))
def test_a_wrong_file_is_refused_at_its_field_and_the_model_stays(house, desk, name):
    ticket = device(house)
    file = SimpleUploadedFile(*BAD_FILES[name], content_type="image/jpeg")

    answer = desk.post(
        f"/desk/t/{ticket.number}/sheet/device/",
        {"device_model": "N100-特别型号", "photos": file, "form_key": uuid.uuid4()},
    )

    page = answer.content.decode()
    assert (answer.status_code, "field-error" in page, "N100-特别型号" in page) == (422, True, True)
    assert not KindDetails.objects.exists()


def test_the_dispatch_page_names_what_is_missing_and_leads_to_the_form(house, desk):
    ticket = device(house)
    client = Client()
    client.force_login(house.people["dispatcher"])

    for page in (client.get(f"/dispatch/t/{ticket.number}/"), desk.get(f"/desk/t/{ticket.number}/")):
        text = page.content.decode()
        assert [words in text for words in ("设备型号", "现场照片", "/sheet/device/")] == [True] * 3


def test_the_device_is_filled_in_with_its_picture_and_the_ticket_can_go(house, desk):
    ticket = device(house)
    ((upload, _),) = pictures.examined(pictures.photo(1))
    upload.seek(0)

    answer = desk.post(
        f"/desk/t/{ticket.number}/sheet/device/",
        {"device_model": "N100", "photos": upload, "form_key": uuid.uuid4()},
    )

    assert (answer.status_code, KindDetails.objects.get().facts) == (303, {"device_model": "N100"})
    assert "还缺以下内容" not in desk.get(answer.url).content.decode()


@pytest.mark.parametrize("text", ["-1", "1e9", "NaN", "一百", "0.001", "9" * 40, "\x00", "=1+1"])
def test_money_that_is_no_money_is_refused_at_its_field(house, text):
    ticket = opened(house, Kind.PLANNED)
    client = Client()
    client.force_login(house.people["dispatcher"])

    answer = client.post(
        f"/desk/t/{ticket.number}/sheet/quote/",
        {"price": text, "agreed_by": "张伟", "agreed_how": "phone", "form_key": uuid.uuid4()},
    )

    assert (answer.status_code, "field-error" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_replies_are_kept_as_text_or_refused(house, desk, name):
    ticket = opened(house, Kind.CONSULTATION)

    answer = desk.post(
        f"/desk/t/{ticket.number}/reply/",
        {"answer": HOSTILE[name], "means": "phone", "form_key": uuid.uuid4()},
    )

    assert answer.status_code in {303, 422}
    assert "<script>alert" not in desk.get(f"/desk/t/{ticket.number}/").content.decode()


def test_a_reply_before_the_call_says_what_comes_first_and_keeps_the_words(house, desk):
    ticket = opened(house, Kind.COMPLAINT)

    answer = desk.post(
        f"/desk/t/{ticket.number}/reply/",
        {"answer": "已写好的答复", "means": "phone", "form_key": uuid.uuid4()},
    )

    page = answer.content.decode()
    assert (answer.status_code, "与投诉人的联系核实" in page, "已写好的答复" in page) == (422, True, True)


def main_steps(house: House, ticket: Ticket) -> list[str]:
    page = pages.actions(ticket, house.actor("front_desk"), reads.events_of(ticket))
    return [each["label"] for each in page if each["kind"] == "primary"]


def test_the_main_button_is_the_call_and_after_it_the_reply(house):
    ticket = opened(house, Kind.COMPLAINT)
    before = main_steps(house, ticket)

    handling.contact(ticket=ticket, result="情况属实", by=house.actor("front_desk"), at=AT)

    assert (before, main_steps(house, ticket)) == (["记录联系核实"], ["答复"])


def test_a_second_click_on_a_reply_is_the_first_ones_answer(house, desk):
    ticket = opened(house, Kind.CONSULTATION)
    data = {"answer": "保修五年", "means": "phone", "form_key": uuid.uuid4()}
    url = f"/desk/t/{ticket.number}/reply/"

    answers = [desk.post(url, data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert ticket.events.filter(name="reply").count() == 1


def test_lists_are_filtered_by_kind_class_and_department(house, desk):
    opened(house, Kind.CONSULTATION)
    repair = house.register()

    found = desk.get("/desk/tickets/", {"kind": "repair", "severity": "daily"}).content.decode()

    assert repair.number in found
    assert found.count('class="ticket-no"') == 1
