"""What tests of the file store share: asking it, reading what it kept, and names that attack it."""

import random
from datetime import UTC, datetime

import pytest
from django.core.files.storage import default_storage

from core import store
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
