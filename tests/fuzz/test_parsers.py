"""Files that are nearly right: judged or refused with a sentence, never an error (T16, T17, T23, G8)."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from core import store
from core.workbooks import RefusedFile, open_workbook_safely
from tests import factories_files as build
from tests.fuzz import drawn, hostile

SMALL = (48, 32)
WHOLE = {
    "jpg": build.picture(size=SMALL, place=True),
    "png": build.picture("png", size=SMALL),
    "webp": build.picture("webp", size=SMALL),
    "mp4": build.video(place=True),
    "pdf": build.PDF,
    "wav": build.WAV,
    "xlsx": hostile.BOOK,
}
WRONG = st.one_of(*(drawn.spoiled(whole) for whole in WHOLE.values()))


@given(WRONG, st.sampled_from([*WHOLE]), drawn.TEXT)
@drawn.bounded(150)
def test_a_spoiled_file_is_what_its_content_says_or_refused(content, extension, name):
    upload = SimpleUploadedFile("a", content)
    upload._name = f"{name}.{extension}"
    info = judged(upload)
    if isinstance(info, str):
        assert info.endswith("。")
        return
    assert (info.kind in store.EVERYTHING, len(info.name) <= store.NAME_LENGTH) == (True, True)
    # What is shown of a picture is drawn anew: it holds no place and no device.
    assert info.shown is None or build.DEVICE not in info.shown.preview


def judged(upload) -> store.FileInfo | str:
    """What the file is, or why it is refused."""
    try:
        return store.examine(upload, kinds=store.EVERYTHING)
    except store.RefusedFile as reason:
        return str(reason)


def read(content: bytes) -> list | str:
    """The cells of a workbook, or why it is refused."""
    try:
        return open_workbook_safely(io.BytesIO(content)).cells
    except RefusedFile as refused:
        return refused.message


@given(st.one_of(drawn.spoiled(hostile.BOOK), st.binary(max_size=100)))
@drawn.bounded(120)
def test_a_spoiled_workbook_is_read_or_refused(content):
    cells = read(content)

    assert cells.endswith("。") if isinstance(cells, str) else all(isinstance(row, list) for row in cells)


@pytest.mark.parametrize("label", hostile.BOOKS)
def test_a_hostile_workbook_is_read_as_text_or_refused(label):
    cells = read(hostile.BOOKS[label][1])

    assert cells.endswith("。") if isinstance(cells, str) else cells[0][:2] == ["甲", "乙"]
