"""The file store: what may come in, how it is kept, what of it may be shown (IN-12, T11–T20).

`examine` judges an upload and makes what may be shown of it, before any
transaction; `keep` writes files inside the transaction of the row that will
name them. Only the storage API of Django is used: a folder and S3 both do.
"""

import errno
import hashlib
import logging
import shutil
import tempfile
import unicodedata
import uuid
import weakref
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

import filetype
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import connection, transaction

from core import images, videos

logger = logging.getLogger(__name__)

PHOTO = frozenset({"photo"})
PHOTO_AND_VIDEO = frozenset({"photo", "video"})
AUDIO = frozenset({"audio"})
EVERYTHING = frozenset({"photo", "video", "audio", "pdf"})
NAME_LENGTH = 120

# Extension by content -> what it is to us, and its type on the wire.
TYPES = {
    "jpg": ("photo", "image/jpeg"),
    "png": ("photo", "image/png"),
    "webp": ("photo", "image/webp"),
    "heic": ("photo", "image/heic"),
    "mp4": ("video", "video/mp4"),
    "mov": ("video", "video/quicktime"),
    "m4a": ("audio", "audio/mp4"),
    "mp3": ("audio", "audio/mpeg"),
    "amr": ("audio", "audio/amr"),
    "wav": ("audio", "audio/wav"),
    "pdf": ("pdf", "application/pdf"),
}
_ALLOWED = {
    "photo": "照片（JPG、PNG、WebP、HEIC，每张不超过 {} MB）",
    "video": "视频（MP4、MOV，不超过 {} MB）",
    "audio": "录音（M4A、MP3、AMR、WAV，不超过 {} MB）",
    "pdf": "PDF 文件（不超过 {} MB）",
}
_FOUND = {
    "exe": " Windows 程序",
    "elf": "可执行程序",
    "zip": "压缩包",
    "rar": "压缩包",
    "7z": "压缩包",
    "gif": " GIF 动图",
    "apng": " PNG 动图",
}
_ORIGINALS, _PREVIEWS, _THUMBNAILS = "originals", "previews", "thumbnails"


class RefusedFile(Exception):
    """The file may not come in; the text says in Chinese which one, why, and what is allowed."""


@dataclass(frozen=True)
class FileInfo:
    """What an upload is, by its content: kind (photo, video, audio, pdf), type, cleaned name, bytes.

    `shown` is what may be served of a picture, `survey` what must be blanked in
    a recording; None where the file has no such thing.
    """

    kind: str
    content_type: str
    name: str
    size: int
    shown: images.Shown | None = None
    survey: videos.Survey | None = None


@dataclass(frozen=True)
class Stored:
    """Storage names of a kept file, "" where there is none, and the SHA-256 of the original."""

    original: str
    preview: str
    thumbnail: str
    sha256: str


def examine(upload: File, *, kinds: frozenset[str] = PHOTO_AND_VIDEO) -> FileInfo:
    """Judge an upload by its content, never by its name.

    Raises RefusedFile when it is empty, of another kind than asked for, too
    large, damaged, or when the disk is nearly full.
    """
    name = clean_name(upload.name)
    if not upload.size:
        raise RefusedFile(f"「{name}」是空文件，请重新选择。")
    extension = _sniff(upload)
    kind, content_type = TYPES.get(extension, ("", ""))
    if kind not in kinds:
        raise RefusedFile(f"「{name}」{_found(extension)}，不能上传。请上传{_allowed(kinds)}。")
    if upload.size > _limit(kind):
        raise RefusedFile(f"「{name}」有 {_megabytes(upload.size)} MB，太大了。请上传{_allowed({kind})}。")
    if _disk_is_nearly_full():
        raise RefusedFile("服务器存储空间不足，暂时不能上传文件。请先提交文字内容，文件稍后再补。")
    try:
        shown, survey = _look_inside(upload, extension)
    except images.Unusable as reason:
        raise RefusedFile(f"「{name}」{reason}。") from reason
    return FileInfo(kind, content_type, name, upload.size, shown, survey)


def examined(
    uploads: Iterable[File], *, kinds: frozenset[str] = PHOTO_AND_VIDEO
) -> list[tuple[File, FileInfo]]:
    """The uploads with what they are, as a form's field gives them; raises RefusedFile."""
    return [(upload, examine(upload, kinds=kinds)) for upload in uploads]


def keep(upload: File, info: FileInfo, *, at: datetime) -> Stored:
    """Write the untouched original and what may be shown of it; call inside the row's transaction.

    Names are random and carry nothing of the user's. If the transaction rolls
    back, the files go too. Raises RefusedFile when the disk is full.
    """
    key = f"{at:%Y/%m}/{uuid.uuid4()}"
    names = [f"{folder}/{key}" for folder in (_ORIGINALS, _PREVIEWS, _THUMBNAILS)]
    with ExitStack() as undo:
        undo.callback(_remove, names)
        try:
            stored = _write(upload, info, names)
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            raise RefusedFile("服务器存储空间已满，文件没有保存。请先提交文字内容，文件稍后再补。") from error
        undo.pop_all()
    transaction.on_commit(_RemovedUnlessCommitted(names))
    return stored


def clean_name(name: str | None) -> str:
    """A file name as text to show: no path, no control or direction characters, at most 120 long (T11)."""
    text = unicodedata.normalize("NFC", name or "").replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(letter for letter in text if letter.isspace() or unicodedata.category(letter)[0] != "C")
    text = " ".join(text.split()).strip(". ")
    if len(text) > NAME_LENGTH:
        suffix = PurePosixPath(text).suffix[:10]
        text = text[: NAME_LENGTH - len(suffix)] + suffix
    return text or "未命名"


def months() -> Iterator[str]:
    """The folders ("2026/05") that hold files."""
    for year in _listed(_ORIGINALS)[0]:
        for month in _listed(f"{_ORIGINALS}/{year}")[0]:
            yield f"{year}/{month}"


def originals(month: str) -> list[str]:
    """Storage names of the originals of a month."""
    return [f"{_ORIGINALS}/{month}/{name}" for name in _listed(f"{_ORIGINALS}/{month}")[1]]


def discard(original: str, *, older_than: datetime) -> bool:
    """Remove an original that no row names, with what was made of it, unless it is younger than that."""
    if default_storage.get_modified_time(original) >= older_than:
        return False
    key = original.removeprefix(_ORIGINALS)
    _remove([_PREVIEWS + key, _THUMBNAILS + key, original])
    return True


def _sniff(upload: File) -> str:
    """The usual extension of what the content is, or ""."""
    upload.seek(0)
    head = upload.read(8192)
    guess = filetype.guess(head)
    if guess is None:
        return ""
    # Voice memos and QuickTime films may also claim to be MP4: the first brand counts.
    return {b"ftypM4A ": "m4a", b"ftypqt  ": "mov"}.get(head[4:12], guess.extension)


def _look_inside(upload: File, extension: str) -> tuple[images.Shown | None, videos.Survey | None]:
    if extension in images.FORMATS:
        return images.shown(upload.file, extension), None
    if extension not in {"mp4", "mov", "m4a"}:
        return None, None
    survey = videos.survey(upload.file, upload.size)
    if extension != "m4a" and b"vide" not in survey.tracks:
        raise images.Unusable("里面没有画面")
    return None, survey


def _write(upload: File, info: FileInfo, names: list[str]) -> Stored:
    original, preview, thumbnail = names
    # Wrapped, so that the storage copies it: a temporary upload would be moved away.
    default_storage.save(original, File(upload.file))
    if info.shown:
        default_storage.save(preview, ContentFile(info.shown.preview))
        default_storage.save(thumbnail, ContentFile(info.shown.thumbnail))
    elif info.survey:
        thumbnail = ""
        with tempfile.TemporaryFile() as copy:
            videos.write_blanked(upload.file, copy, info.survey)
            default_storage.save(preview, File(copy))
    else:
        preview = thumbnail = ""
    return Stored(original, preview, thumbnail, _sha256(upload))


def _sha256(upload: File) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()


class _RemovedUnlessCommitted:
    """Removes files when a transaction rolls back, for which Django has no hook.

    Registered for the commit: called, it lets the files be. A rollback, also of
    a savepoint, drops it uncalled, and it takes the files along.
    """

    def __init__(self, names: list[str]):
        self._files = weakref.finalize(self, _remove_after_rollback, names)

    def __call__(self) -> None:
        self._files.detach()


def _remove_after_rollback(names: list[str]) -> None:
    # With the connection gone nobody knows whether the server committed: the
    # nightly look for files without a row decides.
    if connection.connection is not None and not connection.connection.closed:
        _remove(names)


def _remove(names: list[str]) -> None:
    for name in names:
        try:
            default_storage.delete(name)
        except OSError:
            logger.exception("cannot remove %s", name)


def _listed(folder: str) -> tuple[list[str], list[str]]:
    with suppress(FileNotFoundError):
        return default_storage.listdir(folder)
    return [], []


def _disk_is_nearly_full() -> bool:
    try:
        place = Path(default_storage.path(""))
    except NotImplementedError:  # Not on a disk of this machine.
        return False
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    return usage.free < usage.total * settings.FILES_MIN_FREE


def _limit(kind: str) -> int:
    return {
        "photo": settings.IMAGE_MAX_BYTES,
        "video": settings.VIDEO_MAX_BYTES,
        "audio": settings.AUDIO_MAX_BYTES,
        "pdf": settings.PDF_MAX_BYTES,
    }[kind]


def _found(extension: str) -> str:
    if not extension:
        return "的格式无法识别"
    return f"的内容是{_FOUND.get(extension, f' {extension.upper()} 文件')}"


def _allowed(kinds: frozenset[str] | set[str]) -> str:
    return "或".join(text.format(_limit(kind) // 2**20) for kind, text in _ALLOWED.items() if kind in kinds)


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.1f}"
