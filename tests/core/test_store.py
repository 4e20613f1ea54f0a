"""What may come into the file store, and what comes out of it (IN-12, T11–T20)."""

import hashlib
import io
import os
import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction
from PIL import Image

from core import images, store, videos
from tests import factories_files as build

AT = datetime(2026, 5, 8, 3, tzinfo=UTC)
ALLOWED = "请上传照片（JPG、PNG、WebP、HEIC，每张不超过 12 MB）或视频（MP4、MOV，不超过 50 MB）。"


def refusal(content: bytes, name: str = "file.jpg", **options) -> str:
    with pytest.raises(store.RefusedFile) as caught:
        store.examine(build.upload(content, name), **options)
    return str(caught.value)


def kept(content: bytes, name: str = "file.jpg", kinds=store.EVERYTHING) -> store.Stored:
    upload = build.upload(content, name)
    return store.keep(upload, store.examine(upload, kinds=kinds), at=AT)


def read(name: str) -> bytes:
    with default_storage.open(name) as file:
        return file.read()


@pytest.mark.row("IN-12")
@pytest.mark.parametrize(
    ("content", "kind", "content_type"),
    [
        (build.picture("jpg"), "photo", "image/jpeg"),
        (build.picture("png"), "photo", "image/png"),
        (build.picture("webp"), "photo", "image/webp"),
        (build.picture("heic"), "photo", "image/heic"),
        (build.video(), "video", "video/mp4"),
        (build.video(brand=b"qt  "), "video", "video/quicktime"),
        (build.video(brand=b"M4A ", handlers=[b"soun"]), "audio", "audio/mp4"),
        (build.MP3, "audio", "audio/mpeg"),
        (build.AMR, "audio", "audio/amr"),
        (build.WAV, "audio", "audio/wav"),
        (build.PDF, "pdf", "application/pdf"),
    ],
)
def test_the_content_tells_the_type_whatever_the_name_says(content, kind, content_type):
    info = store.examine(build.upload(content, "setup.exe"), kinds=store.EVERYTHING)

    assert (info.kind, info.content_type, info.size) == (kind, content_type, len(content))


@pytest.mark.row("IN-12")
@pytest.mark.parametrize(
    ("content", "what"),
    [
        (build.EXE, "的内容是 Windows 程序"),
        (build.ZIP, "的内容是压缩包"),
        (build.PDF, "的内容是 PDF 文件"),
        (build.moving_picture("gif"), "的内容是 GIF 动图"),
        (build.moving_picture("gif") + build.ZIP, "的内容是 GIF 动图"),
        (build.MP3, "的内容是 MP3 文件"),
        (build.HTML, "的格式无法识别"),
        (build.SVG, "的格式无法识别"),
        (b"SIMPLE  =                    T" + bytes(2850), "的格式无法识别"),
        (b"plain words", "的格式无法识别"),
    ],
)
def test_other_content_is_refused_under_every_name(content, what):
    names = ["漏水.jpg", "a.png", "b.mp4", "c.heic", "d.webp.jpg"]

    assert [refusal(content, name) for name in names] == [
        f"「{name}」{what}，不能上传。{ALLOWED}" for name in names
    ]


def test_an_empty_file_is_refused():
    assert refusal(b"", "漏水.jpg") == "「漏水.jpg」是空文件，请重新选择。"


def test_a_photo_beyond_twelve_megabytes_is_refused():
    content = build.picture() + bytes(12 * 2**20)

    assert refusal(content, "大.jpg") == (
        "「大.jpg」有 12.0 MB，太大了。请上传照片（JPG、PNG、WebP、HEIC，每张不超过 12 MB）。"
    )


def test_a_video_beyond_fifty_megabytes_is_refused_without_being_read(tmp_path):
    path = tmp_path / "long.mp4"
    path.write_bytes(build.video())
    with path.open("r+b") as file:
        file.truncate(100 * 2**20)
        with pytest.raises(store.RefusedFile) as caught:
            store.examine(File(file, name="long.mp4"))

    assert str(caught.value) == "「long.mp4」有 100.0 MB，太大了。请上传视频（MP4、MOV，不超过 50 MB）。"


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


@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "heic", "mp4"])
def test_damaged_bytes_are_taken_or_refused_but_never_break_the_page(extension):
    whole = build.video(place=True) if extension == "mp4" else build.picture(extension, place=True)
    dice = random.Random(20260508)
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(dice.randint(1, 30)):
            content[dice.randrange(len(content))] = dice.randrange(256)
        with suppress(store.RefusedFile):
            store.examine(build.upload(bytes(content)), kinds=store.EVERYTHING)


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


def hostile_names() -> list[str]:
    dice = random.Random(500)
    parts = [
        *("../", "..\\", "/etc/passwd", "C:\\", "\0", "\r\n", "Set-Cookie: a=b", '"', "'", ";", "%2e%2e%2f"),
        *(
            "<script>alert(1)</script>",
            "\u202egpj.exe",
            "\u200b",
            "\u2028",
            "\ufeff",
            "\ud800",
            "\x7f",
            "\x1b[31m",
        ),
        *("💧", "漏水", "𠮷", "CON", ".", " ", "a" * 300, "照片.jpg", ".jpg", "\t", "=cmd()", "\x1b[31m"),
    ]
    return ["".join(dice.choices(parts, k=dice.randint(1, 8))) for _ in range(500)]


@pytest.mark.row("IN-12")
def test_no_hostile_name_keeps_a_path_a_control_or_a_direction_character():
    cleaned = [store.clean_name(name) for name in hostile_names()]

    assert {0 < len(name) <= 120 for name in cleaned} == {True}
    assert [name for name in cleaned if not name.isprintable() or {"/", "\\"} & set(name)] == []
    assert [name for name in cleaned if name != name.strip(". ")] == []


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("厨房漏水 1.JPG", "厨房漏水 1.JPG"),
        ("../../etc/passwd", "passwd"),
        ("C:\\照片\\a.jpg", "a.jpg"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\r\nb.jpg", "a b.jpg"),
        ("漏" * 200 + ".jpeg", "漏" * 115 + ".jpeg"),
        ("...", "未命名"),
        (None, "未命名"),
    ],
)
def test_a_name_is_cleaned_but_stays_readable(name, cleaned):
    assert store.clean_name(name) == cleaned


@pytest.mark.row("IN-12")
def test_the_original_stays_untouched_and_its_hash_is_that_of_the_file(db):
    content = build.picture(place=True)

    stored = kept(content, "../../漏水.html")

    on_disk = read(stored.original)
    assert on_disk == content
    assert stored.sha256 == hashlib.sha256(on_disk).hexdigest()
    assert stored.original.rpartition("/")[0] == "originals/2026/05"
    assert [name.rpartition("/")[2] for name in (stored.preview, stored.thumbnail)] == [
        stored.original.rpartition("/")[2]
    ] * 2


def test_a_temporary_upload_is_copied_not_moved(db):
    content = build.picture()
    with TemporaryUploadedFile("a.jpg", "image/jpeg", len(content), None) as upload:
        upload.write(content)
        stored = store.keep(upload, store.examine(upload), at=AT)

        upload.seek(0)
        assert upload.read() == read(stored.original) == content


def test_files_are_readable_by_the_program_alone(db):
    stored = kept(build.picture())

    with default_storage.open(stored.original) as file:
        assert os.fstat(file.fileno()).st_mode & 0o777 == 0o600


def existing(stored: store.Stored) -> list[bool]:
    return [default_storage.exists(name) for name in (stored.original, stored.preview, stored.thumbnail)]


class Failed(Exception):
    pass


def keep_and_fail(seen: list[store.Stored]) -> None:
    with transaction.atomic():
        seen.append(kept(build.picture()))
        assert existing(seen[-1]) == [True, True, True]
        raise Failed


@pytest.mark.row("IN-12")
@pytest.mark.django_db(transaction=True)
def test_a_rollback_takes_the_files_along():
    seen = []

    with pytest.raises(Failed):
        keep_and_fail(seen)

    (stored,) = seen
    assert existing(stored) == [False, False, False]


@pytest.mark.django_db(transaction=True)
def test_the_rollback_of_a_savepoint_takes_only_its_own_files_along():
    with transaction.atomic():
        first, seen = kept(build.picture()), []
        with pytest.raises(Failed):
            keep_and_fail(seen)

    (second,) = seen
    assert (existing(first), existing(second)) == ([True] * 3, [False] * 3)


@pytest.mark.django_db(transaction=True)
def test_a_commit_keeps_the_files():
    with transaction.atomic():
        stored = kept(build.picture())

    assert existing(stored) == [True, True, True]


def test_a_nearly_full_disk_refuses_files_with_a_word(settings):
    settings.FILES_MIN_FREE = 1.0

    assert refusal(build.picture()) == (
        "服务器存储空间不足，暂时不能上传文件。请先提交文字内容，文件稍后再补。"
    )


def test_a_store_that_is_no_folder_does_as_well(settings, db):
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = settings.STORAGES | {"default": memory}
    content = build.video(place=True)

    stored = kept(content)

    assert read(stored.original) == content
    assert build.PLACE not in read(stored.preview)
    assert store.originals("2026/05") == [stored.original]
    assert list(store.months()) == ["2026/05"]


def test_an_original_is_discarded_with_its_preview_once_it_is_old(db):
    stored = kept(build.picture())
    modified = default_storage.get_modified_time(stored.original)

    assert store.discard(stored.original, older_than=modified) is False
    assert existing(stored) == [True, True, True]
    assert store.discard(stored.original, older_than=modified + timedelta(seconds=1)) is True
    assert existing(stored) == [False, False, False]
