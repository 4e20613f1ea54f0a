"""Which recordings are taken, and what of them is shown (IN-12, T17, T18)."""

import io

import pytest

from core import videos
from tests import factories_files as build
from tests.core.files import kept, read, refusal


@pytest.mark.row("IN-12")
@pytest.mark.parametrize("brand", [b"isom", b"qt  "])
def test_what_is_shown_of_a_video_knows_no_place_and_still_plays(brand, db):
    content = build.video(brand=brand, place=True)
    assert content.count(build.PLACE) == 5

    stored = kept(content)

    shown = read(stored.preview)
    assert (len(shown), build.PLACE in shown, b"location" in shown) == (len(content), False, False)
    assert (shown.index(build.PICTURE_SAMPLE), shown.index(build.SOUND_SAMPLE)) == (
        content.index(build.PICTURE_SAMPLE),
        content.index(build.SOUND_SAMPLE),
    )
    assert videos.survey(io.BytesIO(shown), len(shown)).tracks == {b"vide", b"soun"}


@pytest.mark.parametrize("start", [24, len(build.video())])
def test_html_between_or_behind_the_boxes_of_a_video_is_refused(start):
    content = build.video()

    assert refusal(content[:start] + build.HTML + content[start:]) == (
        "「file.jpg」已损坏或没有录完，无法播放。"
    )


@pytest.mark.parametrize("kind", [b"junk", b"free", b"skip", b"uuid"])
def test_html_inside_a_box_of_a_video_is_not_shown(kind, db):
    stored = kept(build.video() + build.box(kind, build.HTML))

    assert build.HTML not in read(stored.preview)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_video_that_was_not_recorded_to_its_end_is_refused(share):
    content = build.video()

    assert refusal(content[: int(len(content) * share)]) == "「file.jpg」已损坏或没有录完，无法播放。"


def test_a_recording_without_a_picture_is_no_video():
    assert refusal(build.video(handlers=[b"soun"])) == "「file.jpg」里面没有画面。"


def test_boxes_nested_without_end_are_refused():
    bomb = b""
    for _ in range(2_000):
        bomb = build.box(b"moov", bomb)

    assert refusal(build.video() + bomb) == "「file.jpg」已损坏或没有录完，无法播放。"
