"""Pictures for demo tickets and tests: photos drawn on the spot, and a signature with its strokes."""

import io
import math
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from core import store
from core.filefields import Signature

WALL = [(226, 220, 208), (214, 221, 224), (232, 228, 220)]
STAIN = [(150, 124, 92), (110, 118, 122), (136, 104, 84)]


def examined(*uploads: SimpleUploadedFile) -> list:
    """The uploads as the evidence services take them."""
    return store.examined(uploads)


def photo(seed: int, name: str = "现场.jpg", *, mended: bool = False) -> SimpleUploadedFile:
    """A JPEG of a wall, with a stain on it unless it was mended."""
    random = Random(seed)
    image = Image.new("RGB", (640, 480), random.choice(WALL))
    draw = ImageDraw.Draw(image)
    for y in range(0, 480, 96):
        draw.line([(0, y), (640, y)], fill=(200, 196, 188), width=2)
    if not mended:
        _stain(draw, random)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return SimpleUploadedFile(name, buffer.getvalue(), content_type="image/jpeg")


def _stain(draw: ImageDraw.ImageDraw, random: Random) -> None:
    x, y = random.randint(180, 460), random.randint(120, 300)
    colour = random.choice(STAIN)
    for _ in range(24):
        dx, dy = random.randint(-90, 90), random.randint(-60, 90)
        radius = random.randint(8, 46)
        draw.ellipse([x + dx - radius, y + dy - radius, x + dx + radius, y + dy + radius], fill=colour)


def signature(seed: int = 1) -> Signature:
    """A scribble with pen points, as the signature pad sends it."""
    random = Random(seed)
    points = [
        {
            "x": 20 + 4 * step,
            "y": 60 + round(28 * math.sin(step / (2 + random.random()))),
            "time": 1000 + 16 * step,
        }
        for step in range(60)
    ]
    image = Image.new("RGBA", (320, 120), (0, 0, 0, 0))
    line = [(point["x"], point["y"]) for point in points]
    ImageDraw.Draw(image).line(line, fill=(20, 24, 28, 255), width=3)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return Signature(strokes=[points], png=buffer.getvalue())
