"""Form fields for files and signatures: a bad file is refused at its field, the rest of the form stays."""

import base64
import binascii
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from core import images, store
from core.widgets import PhotoInput, SignatureInput

_ACCEPT = {
    "photo": "image/jpeg,image/png,image/webp,image/heic,image/heif",
    "video": "video/mp4,video/quicktime",
    "audio": "audio/mp4,audio/x-m4a,audio/mpeg,audio/amr,audio/wav,.m4a,.mp3,.amr,.wav",
    "pdf": "application/pdf",
}


class PhotosField(forms.FileField):
    """Several files in one field; cleans to a list of (upload, store.FileInfo), empty when none came.

    `kinds` says what may come in (see core.store); every refused file is named.
    """

    widget = PhotoInput
    default_error_messages = {
        "required": "请至少添加一张照片。",
        "too_few": "请至少添加 %(minimum)s 个文件。",
        "too_many": "一次最多添加 %(limit)s 个文件。",
    }

    def __init__(
        self,
        *,
        minimum: int = 0,
        limit: int = 9,
        kinds: frozenset[str] = store.PHOTO_AND_VIDEO,
        **kwargs: Any,
    ):
        self.minimum = minimum
        self.limit = limit
        self.kinds = kinds
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        accept = ",".join(text for kind, text in _ACCEPT.items() if kind in self.kinds)
        return super().widget_attrs(widget) | {"accept": accept}

    def clean(self, data: Any, initial: Any = None) -> list[tuple[UploadedFile, store.FileInfo]]:
        uploads = data if isinstance(data, (list, tuple)) else [data] if data else []
        if not uploads and not self.required:
            return []
        if not uploads:
            raise self._error("required")
        if len(uploads) < self.minimum:
            raise self._error("too_few", minimum=self.minimum)
        if len(uploads) > self.limit:
            raise self._error("too_many", limit=self.limit)
        return self._examined(uploads)

    def _error(self, code: str, **params: int) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params)

    def _examined(self, uploads: Iterable[UploadedFile]) -> list[tuple[UploadedFile, store.FileInfo]]:
        examined, refused = [], []
        for upload in uploads:
            try:
                examined.append((upload, store.examine(upload, kinds=self.kinds)))
            except store.RefusedFile as reason:
                refused.append(ValidationError(str(reason), code="refused"))
        if refused:
            raise ValidationError(refused)
        return examined


@dataclass(frozen=True)
class Signature:
    """A signature as drawn: its strokes, each a list of points {x, y, time, pressure}, and its PNG."""

    strokes: list[list[dict[str, float]]]
    png: bytes

    def file(self) -> ContentFile:
        """The picture as an upload."""
        return ContentFile(self.png, name="签名.png")


class SignatureField(forms.Field):
    """A signature drawn by finger or mouse; cleans to a `Signature`, or None when left empty."""

    widget = SignatureInput
    default_error_messages = {
        "required": "请在框内签名。",
        "invalid": "签名没有读到，请清除后重新签。",
        "short": "签名太短，请写清姓名后再提交。",
        "large": "签名内容过大，请清除后重新签。",
    }
    MAX_TEXT = 1_500_000
    MAX_PNG = 200_000
    MAX_WIDTH, MAX_HEIGHT = 2000, 1000
    MIN_POINTS, MAX_POINTS = 8, 20_000

    def to_python(self, value: Any) -> Signature | None:
        if value in self.empty_values:
            return None
        if len(value) > self.MAX_TEXT:
            raise self._error("large")
        try:
            signature = self._read(value)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
            raise self._error("invalid") from error
        self._check(signature)
        return signature

    def _error(self, code: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code)

    @staticmethod
    def _read(value: str) -> Signature:
        data = json.loads(value)
        strokes = [[_point(point) for point in stroke["points"]] for stroke in data["strokes"]]
        png = base64.b64decode(data["png"].removeprefix("data:image/png;base64,"), validate=True)
        return Signature(strokes=strokes, png=png)

    def _check(self, signature: Signature) -> None:
        points = sum(map(len, signature.strokes))
        if len(signature.png) > self.MAX_PNG or points > self.MAX_POINTS:
            raise self._error("large")
        if points < self.MIN_POINTS:
            raise self._error("short")
        try:
            info = store.examine(signature.file(), kinds=store.PHOTO)
        except store.RefusedFile as reason:
            raise self._error("invalid") from reason
        if info.content_type != "image/png" or images.is_blank(info.shown.preview):
            raise self._error("invalid")
        if info.shown.width > self.MAX_WIDTH or info.shown.height > self.MAX_HEIGHT:
            raise self._error("large")


def _point(point: dict[str, Any]) -> dict[str, float]:
    """The numbers of a point; raises ValueError, KeyError or TypeError for anything else."""
    kept = {name: float(point[name]) for name in ("x", "y", "time")}
    kept["pressure"] = float(point.get("pressure", 0))
    if not all(map(math.isfinite, kept.values())):
        raise ValueError("not a number")
    return kept
