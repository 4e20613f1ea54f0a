"""Pictures: which ones we open, and what of them may be shown."""

import io
import struct
import threading
import zlib
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from PIL import Image, ImageChops, ImageOps
from pillow_heif import register_heif_opener

register_heif_opener(thumbnails=False)

FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF"}
PREVIEW_SIDE = 2048
THUMBNAIL_SIDE = 320
# What the decoders raise on damaged bytes; found by feeding them thousands of such files.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
)
# Behind our own check of the header: Pillow refuses from twice this number on.
Image.MAX_IMAGE_PIXELS = settings.IMAGE_MAX_PIXELS
# A picture of 50 megapixels takes 200 MB while it is decoded: never two at once.
_one_at_a_time = threading.Lock()


class Unusable(Exception):
    """The file is of an allowed type and still cannot be used; the text says why, in Chinese."""


@dataclass(frozen=True)
class Shown:
    """What is served of a picture: a JPEG and a small WebP, made anew, without EXIF or position (T18)."""

    preview: bytes
    thumbnail: bytes
    # Of the original, in pixels.
    width: int
    height: int


def shown(file: IO[bytes], extension: str) -> Shown:
    """Decode a picture of that type (a key of FORMATS) and make what may be shown of it.

    The header is read first; a picture of too many pixels is never decoded
    (T16). Raises Unusable for that, for moving pictures and for damaged files.
    """
    file.seek(0)
    try:
        with Image.open(file, formats=[FORMATS[extension]]) as image:
            _refuse_by_header(image, extension)
            with _one_at_a_time:
                return _render(image)
    except Image.DecompressionBombError as error:
        raise Unusable(_too_many(extension)) from error
    except _DAMAGE as error:
        raise Unusable("已损坏或不完整，无法打开") from error


def is_blank(picture: bytes) -> bool:
    """Whether a picture of ours shows nothing: light and dark are almost the same."""
    with Image.open(io.BytesIO(picture)) as image:
        darkest, lightest = image.convert("L").getextrema()
    return lightest - darkest < 32


def _refuse_by_header(image: Image.Image, extension: str) -> None:
    width, height = image.size
    if width * height > _limit(extension):
        raise Unusable(f"有 {width}×{height} 像素，{_too_many(extension)}")
    # Phones put several stills into one JPEG or HEIC, where only the first is
    # read; several frames in a PNG or WebP are an animation.
    if extension in {"png", "webp"} and getattr(image, "n_frames", 1) > 1:
        raise Unusable("是动图，请换成静止的照片")


def _limit(extension: str) -> int:
    # The WebP decoder holds a picture four times over.
    return settings.IMAGE_MAX_PIXELS // 3 if extension == "webp" else settings.IMAGE_MAX_PIXELS


def _too_many(extension: str) -> str:
    return f"超过 {_limit(extension) // 10_000} 万像素的上限，请缩小后再上传"


def _render(image: Image.Image) -> Shown:
    width, height = image.size
    clean = _on_white_paper(ImageOps.exif_transpose(_shrunk(image)))
    preview = _encoded(clean, "JPEG", quality=85)
    clean.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Shown(preview, _encoded(clean, "WEBP", quality=80), width, height)


def _shrunk(image: Image.Image) -> Image.Image:
    if image.mode in {"1", "P", "PA"}:
        # Palettes cannot be made smaller without jagged edges.
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode not in {"RGBA", "LA"}:
        # Lets the JPEG decoder skip detail that nobody will see; other decoders cannot.
        image.draft(None, (PREVIEW_SIDE, PREVIEW_SIDE))
        image.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), reducing_gap=2.0)
        return image
    # Pillow would copy the whole picture to make a transparent one smaller:
    # whiten what shows through in place, then shrink colour by colour.
    image.load()
    image.paste("white", mask=ImageChops.invert(image.getchannel("A")))
    bands = []
    for name in image.getbands()[:-1]:
        bands.append(image.getchannel(name))
        bands[-1].thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), reducing_gap=2.0)
    opaque = Image.merge("RGB" if len(bands) == 3 else "L", bands)
    opaque.info.update(image.info)  # The way it stands is written there.
    return opaque


def _on_white_paper(image: Image.Image) -> Image.Image:
    """A new picture with the pixels alone: encoders copy comments and profiles from the old one."""
    paper = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        paper.paste(image, mask=image.getchannel("A"))
    else:
        paper.paste(image.convert("RGB"))
    return paper


def _encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()
