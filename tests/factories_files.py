"""Files as phones and attackers send them, built byte by byte."""

import io
import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.images import FORMATS

# A place in Shanghai, once as degrees for EXIF and once as text for videos.
LATITUDE, LONGITUDE = (31.0, 13.0, 49.0), (121.0, 28.0, 25.0)
PLACE = b"+31.2304+121.4737/"
DEVICE = b"SecretPhone"


def upload(content: bytes, name: str = "file.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def picture(
    extension: str = "jpg", *, size=(640, 480), place: bool = False, orientation: int = 1, mode: str = "RGB"
) -> bytes:
    """A picture, red on its left half; with `place`, it says by EXIF where and by what it was taken."""
    image = Image.new(mode, size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    if place:
        exif[0x0110] = DEVICE.decode()
        exif.get_ifd(0x8825).update({1: "N", 2: LATITUDE, 3: "E", 4: LONGITUDE})
    return _saved(image, FORMATS[extension], exif=exif)


def moving_picture(extension: str) -> bytes:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "green", "blue")]
    return _saved(frames[0], FORMATS.get(extension, "GIF"), save_all=True, append_images=frames[1:])


def _saved(image: Image.Image, kind: str, **options) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A valid black PNG of that many pixels, small on the wire."""
    row = b"\0" + bytes((width + 7) // 8)
    squeezed = zlib.compressobj(9)
    data = b"".join(squeezed.compress(row) for _ in range(height)) + squeezed.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", 8 + len(body)) + kind + body


PICTURE_SAMPLE = b"P" * 600
SOUND_SAMPLE = b"S" * 300
PLACE_SAMPLES = b"GPS " + PLACE


def video(*, brand: bytes = b"isom", handlers=(b"vide", b"soun"), place: bool = False) -> bytes:
    """A recording with one chunk for each track; with `place`, it stands in every corner phones use."""
    ftyp = box(b"ftyp", brand, bytes(4), brand, b"mp42")
    samples = {b"vide": PICTURE_SAMPLE, b"soun": SOUND_SAMPLE, b"meta": PLACE_SAMPLES}
    tracks = [*handlers, b"meta"] if place else list(handlers)
    offset, chunks = len(ftyp) + 8, []
    for kind in tracks:
        chunks.append((kind, offset))
        offset += len(samples[kind])
    mdat = box(b"mdat", *(samples[kind] for kind in tracks))
    extra = _places() if place else []
    moov = box(b"moov", box(b"mvhd", bytes(100)), *(_track(*chunk, samples) for chunk in chunks), *extra)
    return ftyp + mdat + moov + (box(b"uuid", bytes(16), b"<exif:GPS>", PLACE) if place else b"")


def _track(kind: bytes, offset: int, samples: dict[bytes, bytes]) -> bytes:
    length = len(samples[kind])
    table = box(
        b"stbl",
        box(b"stsd", bytes(8)),
        box(b"stsc", bytes(4), struct.pack(">4I", 1, 1, 1, 1)),
        box(b"stsz", bytes(4), struct.pack(">3I", 0, 1, length)),
        box(b"stco", bytes(4), struct.pack(">2I", 1, offset)),
    )
    handler = box(b"hdlr", bytes(8), kind, bytes(13))
    return box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", handler, box(b"minf", table)))


def _places() -> list[bytes]:
    text = struct.pack(">HH", len(PLACE), 0x15C7) + PLACE
    keys = box(b"keys", b"com.apple.quicktime.location.ISO6709")
    return [
        box(b"udta", box(b"\xa9xyz", text), box(b"loci", bytes(6), PLACE), bytes(4)),
        box(b"meta", box(b"hdlr", bytes(8), b"mdta"), keys, box(b"ilst", box(b"data", bytes(8), PLACE))),
    ]


EXE = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" + bytes(200) + b"This program cannot be run in DOS mode."
ZIP = b"PK\x03\x04\x14\0\0\0\0\0" + bytes(60) + b"PK\x05\x06" + bytes(18)
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
HTML = b"<!DOCTYPE html><html><script>alert(document.cookie)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
MP3 = b"ID3\x04\0\0\0\0\0\0" + b"\xff\xfb\x90\0" + bytes(400)
AMR = b"#!AMR\n" + bytes(100)
WAV = b"RIFF" + struct.pack("<I", 136) + b"WAVEfmt " + bytes(124)
