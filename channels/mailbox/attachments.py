"""The files of a mail: which may be kept, and a sentence for each that may not."""

import re
import time
from collections.abc import Iterable
from email.message import Message

from django.core.files.base import ContentFile, File

from channels.mailbox import parts, text
from core import store
from core.store import FileInfo
from tickets.incoming import FILES_PER_MESSAGE

# Large pictures take a second each; a reader that takes a minute is killed, and tries the mail again.
_SECONDS = 20.0
_MOST_NAMED = 200
_ENDING = re.compile("，不能上传|[，。]请|。$")


def of(attached: Iterable[Message]) -> tuple[list[tuple[File, FileInfo]], list[str]]:
    """What may be kept of these parts, and what the desk is told of the others, each by its name."""
    files: list[tuple[File, FileInfo]] = []
    refused: list[str] = []
    unnamed, until = 0, time.monotonic() + _SECONDS
    for part in attached:
        if len(refused) >= _MOST_NAMED:
            unnamed += 1
            continue
        name = store.clean_name(_name(part))
        crowded = len(files) >= FILES_PER_MESSAGE or time.monotonic() > until
        try:
            files.append(_opened(part, name, crowded=crowded))
        except store.RefusedFile as reason:
            refused.append(f"「{name}」{_why(reason, name)}，没有保留，请到邮箱查看。")
    if unnamed:
        refused.append(f"另有 {unnamed} 个附件没有保留，请到邮箱查看。")
    return files, refused


def _opened(part: Message, name: str, *, crowded: bool) -> tuple[File, FileInfo]:
    if parts.is_branch(part):
        raise store.RefusedFile("的层次太深")
    if part.is_multipart():
        raise store.RefusedFile("是另一封邮件")
    if crowded:
        raise store.RefusedFile("没有打开，附件太多或太大")
    upload = ContentFile(parts.payload(part), name=name)
    return upload, store.examine(upload, kinds=store.EVERYTHING)


def _why(refused: store.RefusedFile, name: str) -> str:
    """Why a file was refused, for the desk instead of for whoever uploads."""
    return _ENDING.split(str(refused).removeprefix(f"「{name}」"), maxsplit=1)[0]


def _name(part: Message) -> str:
    value = part.get_filename()
    return text.header_words(value) if value else part.get_content_type().replace("/", "-")
