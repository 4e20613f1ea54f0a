"""Which pictures are opened, and what of them is shown (IN-12, T16–T18)."""

import io
import random

import pytest
from PIL import Image

from core import images, store
from tests import factories_files as build
from tests.core.files import ALLOWED, refusal


def test_a_picture_of_200_megapixels_is_refused_by_its_header():
    content = build.huge_png(14143, 14143)

    assert len(content) < 100_000
    assert refusal(content, "墙.png") == "「墙.png」超过 5000 万像素的上限，请缩小后再上传。"


@pytest.mark.parametrize(("width", "height"), [(7072, 7072), (50_000_001, 1), (10_000, 9_000)])
def test_a_picture_just_beyond_fifty_megapixels_is_refused(width, height):
    assert refusal(build.huge_png(width, height), "墙.png") == (
        f"「墙.png」有 {width}×{height} 像素，超过 5000 万像素的上限，请缩小后再上传。"
    )


def test_a_webp_may_have_a_third_of_the_pixels_because_its_decoder_is_greedy():
    assert refusal(build.picture("webp", size=(5000, 3334)), "墙.webp") == (
        "「墙.webp」有 5000×3334 像素，超过 1666 万像素的上限，请缩小后再上传。"
    )


def test_a_picture_of_fifty_megapixels_is_taken():
    info = store.examine(build.upload(build.huge_png(10_000, 5_000)))

    assert Image.open(io.BytesIO(info.shown.preview)).size == (2048, 1024)


@pytest.mark.parametrize(
    ("extension", "size", "claimed", "reason"),
    [
        ("jpg", b"\x01\xe0\x02\x80", b"\xff\xdc\xff\xdc", "超过 5000 万像素的上限，请缩小后再上传"),
        ("heic", b"\0\0\x02\x80\0\0\x01\xe0", b"\0\0\x4e\x20" * 2, "超过 5000 万像素的上限，请缩小后再上传"),
        ("heic", b"\0\0\x02\x80\0\0\x01\xe0", b"\0\0\0\x40" * 2, "已损坏或不完整，无法打开"),
    ],
)
def test_a_picture_that_lies_about_its_size_is_refused(extension, size, claimed, reason):
    content = build.picture(extension)
    assert content.count(size) == 1

    assert refusal(content.replace(size, claimed)) == f"「file.jpg」{reason}。"


def test_a_moving_picture_is_refused():
    assert [refusal(build.moving_picture(extension)) for extension in ("webp", "png")] == [
        "「file.jpg」是动图，请换成静止的照片。",
        f"「file.jpg」的内容是 PNG 动图，不能上传。{ALLOWED}",
    ]


@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "heic"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_picture_is_refused(extension, share):
    noise = Image.frombytes("RGB", (200, 200), random.Random(7).randbytes(120_000))
    target = io.BytesIO()
    noise.save(target, images.FORMATS[extension])
    content = target.getvalue()

    assert refusal(content[: int(len(content) * share)]) == "「file.jpg」已损坏或不完整，无法打开。"


@pytest.mark.row("IN-12")
@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "heic"])
def test_what_is_shown_of_a_photo_knows_neither_place_nor_phone(extension):
    content = build.picture(extension, place=True)
    assert build.DEVICE in content

    shown = store.examine(build.upload(content)).shown

    for picture in (shown.preview, shown.thumbnail):
        opened = Image.open(io.BytesIO(picture))
        assert dict(opened.getexif()) == {}
        assert {"exif", "xmp", "icc_profile", "comment"} & set(opened.info) == set()
        assert build.DEVICE not in picture


@pytest.mark.row("IN-12")
def test_what_is_shown_stands_upright_and_is_small():
    content = build.picture(size=(4000, 3000), orientation=6)

    shown = store.examine(build.upload(content)).shown

    preview, thumbnail = (Image.open(io.BytesIO(part)) for part in (shown.preview, shown.thumbnail))
    assert (preview.format, preview.size) == ("JPEG", (1536, 2048))
    assert (thumbnail.format, thumbnail.size) == ("WEBP", (240, 320))
    # The red half was on the left; turned by a quarter it is on top.
    assert [preview.getpixel((700, y))[1] > 200 for y in (100, 1900)] == [False, True]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_colour_mode_can_be_shown(mode):
    target = io.BytesIO()
    Image.new(mode, (60, 40)).save(target, "JPEG" if mode == "CMYK" else "PNG")

    shown = store.examine(build.upload(target.getvalue())).shown

    assert Image.open(io.BytesIO(shown.preview)).mode == "RGB"


def test_what_is_transparent_is_shown_on_white_paper():
    target = io.BytesIO()
    Image.new("RGBA", (60, 40), (0, 0, 0, 0)).save(target, "PNG")

    shown = store.examine(build.upload(target.getvalue())).shown

    assert Image.open(io.BytesIO(shown.preview)).getpixel((30, 20)) == (255, 255, 255)
    assert images.is_blank(shown.preview)


PAYLOADS = [
    build.HTML,
    build.SVG,
    build.PDF,
    build.ZIP,
    build.EXE,
    b"<?php system($_GET[0]); ?>",
    b"push graphic-context viewbox 0 0 1 1 fill 'url(https://x/|id)' pop graphic-context",
    b"*/=1;alert(1)/*",
]


@pytest.mark.row("IN-12")
@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "heic"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_of_a_polyglot_is_shown(extension, payload):
    whole = build.picture(extension)
    options = {"comment": payload} if extension == "jpg" else {"exif": b"Exif\0\0" + payload}
    target = io.BytesIO()
    Image.open(io.BytesIO(whole)).save(target, images.FORMATS[extension], **options)
    for content in (whole + payload, target.getvalue()):
        assert payload in content

        try:
            shown = store.examine(build.upload(content)).shown
        except store.RefusedFile:
            continue

        assert [payload in shown.preview, payload in shown.thumbnail] == [False, False]
