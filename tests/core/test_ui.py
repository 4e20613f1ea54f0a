"""The page of components, the frame around every page, and the colours."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from django.urls import reverse

from core import errors, nav

STATIC = Path(settings.BASE_DIR) / "static"


@pytest.fixture
def staff(db):
    return get_user_model().objects.create_user(username="ui", full_name="张敏", is_staff=True)


@pytest.fixture
def colleague(db):
    return get_user_model().objects.create_user(username="colleague", full_name="李明")


def test_only_staff_see_the_components(client, staff, colleague):
    client.force_login(colleague)
    refused = client.get(reverse("ui"))
    client.force_login(staff)
    shown = client.get(reverse("ui"))

    assert (refused.status_code, shown.status_code) == (403, 200)
    assert "组件页只对后台人员开放。" in refused.content.decode()


def test_the_sample_form_answers_with_its_errors(client, staff):
    client.force_login(staff)

    answer = client.post(reverse("ui"), {"reporter": "周敏", "phone": "123"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请填写 11 位手机号" in page
    assert 'value="周敏"' in page


def test_no_page_part_is_inline(client, staff):
    client.force_login(staff)

    page = client.get(reverse("ui")).content.decode()

    assert re.findall(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", page) == []


def test_a_missing_page_says_the_same_to_everybody(client, staff, rf: RequestFactory):
    client.force_login(staff)

    missing = client.get("/no-such-page/")

    assert missing.status_code == 404
    assert missing.content == errors.handler404(rf.get("/desk/1/")).content


def test_a_broken_page_needs_neither_user_nor_database(rf: RequestFactory):
    answer = errors.handler500(rf.get("/"))

    assert answer.status_code == 500
    assert "系统出了点问题" in answer.content.decode()


def test_an_expired_form_is_explained(rf: RequestFactory):
    answer = errors.csrf_failure(rf.post("/"), reason="CSRF cookie not set.")

    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()


def test_the_bar_shows_only_where_a_person_may_go(staff, colleague):
    shown = [
        [item.slug for item in nav.items_for(user) if item.slug == "admin"] for user in (staff, colleague)
    ]

    assert shown == [["admin"], []]


def themes() -> dict[str, dict[str, str]]:
    css = (STATIC / "css/tokens.css").read_text()
    blocks = {
        "light": css.split("color-scheme: light;")[1].split("}")[0],
        "system dark": css.split("color-scheme: dark;")[1].split("}")[0],
        "dark": css.split("color-scheme: dark;")[2].split("}")[0],
    }
    return {
        name: dict(re.findall(r"--fx-([\w-]+): (#[0-9a-f]{6});", block)) for name, block in blocks.items()
    }


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


GROUNDS = ["paper", "surface", "hover", "sunken"]
SIGNALS = ["l1", "l2", "l3", "l4", "ok", "warn", "breach", "paused", "info"]
TEXT = (
    [(text, ground) for text in ("text", "text-muted", "accent") for ground in GROUNDS]
    + [(signal, f"{signal}-soft") for signal in SIGNALS]
    + [(signal, ground) for signal in SIGNALS for ground in ("paper", "surface", "hover")]
    + [("text", f"{signal}-soft") for signal in SIGNALS]
    + [("surface", level) for level in ("l1", "l2", "l3", "l4")]
    + [("on-accent", "accent"), ("on-accent", "accent-strong"), ("accent", "accent-soft")]
    + [("accent-strong", "accent-soft"), ("text", "accent-soft"), ("bar-text", "bar"), ("bar-muted", "bar")]
    + [("bar-text", "bar-active"), ("bar-muted", "bar-active")]
)
EDGES = [
    ("line-strong", "surface"),
    ("line-strong", "paper"),
    ("focus", "surface"),
    ("focus", "paper"),
    ("star", "surface"),
]


@pytest.mark.parametrize("theme", ["light", "system dark", "dark"])
def test_words_and_edges_can_be_told_from_their_ground(theme):
    colours = themes()[theme]

    faint = [(one, other) for one, other in TEXT if contrast(colours[one], colours[other]) < 4.5]
    faint += [(one, other) for one, other in EDGES if contrast(colours[one], colours[other]) < 3]

    assert faint == []


def test_both_dark_blocks_say_the_same():
    assert themes()["dark"] == themes()["system dark"]


def test_vendored_files_are_those_of_the_manifest():
    parts = json.loads((STATIC / "vendor/MANIFEST.json").read_text())
    named = {name: digest for part in parts for name, digest in part["files"].items()}
    licences = {part["licence_file"] for part in parts}

    found = {
        str(path.relative_to(STATIC / "vendor")): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (STATIC / "vendor").rglob("*")
        if path.is_file()
        and path.name not in {"MANIFEST.json"}
        and str(path.relative_to(STATIC / "vendor")) not in licences
    }

    assert found == named


def test_every_icon_a_template_names_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "vendor/icons/icons.svg").read_text()))
    templates = "\n".join(path.read_text() for path in Path(settings.BASE_DIR, "templates").rglob("*.html"))
    named = set(re.findall(r'{% icon "([\w-]+)"|\bicon="([\w-]+)"', templates))

    assert {one or other for one, other in named} - sprite == set()
