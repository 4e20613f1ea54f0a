"""What may come into the file store, and how it is kept (IN-12, T11–T20)."""

import hashlib
import os
import random
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction

from core import store
from tests import factories_files as build
from tests.core.files import ALLOWED, AT, hostile_names, kept, read, refusal


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
