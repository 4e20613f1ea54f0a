"""Five digits to read or to hear, so that no machine spends our text messages (T07).

The digits themselves are kept nowhere: the picture goes into the page, the recording
into the cache for as long as it may be answered. One question a session, one answer
a question, one text message for a right answer.
"""

import base64
import secrets
from datetime import datetime, timedelta
from functools import cache as once
from pathlib import Path

from captcha.audio import AudioCaptcha
from captcha.image import ImageCaptcha
from django.core.cache import cache
from django.utils.crypto import constant_time_compare, salted_hmac

from channels.models import Captcha
from core.db import joined

LIFE = timedelta(minutes=5)
DIGITS = 5
WRONG = "数字不正确或已过期，请按新的图片或语音重新填写。"
VOICES = Path(__file__).with_name("voices")


class Picture(ImageCaptcha):
    """Digits drawn slant and warped, without gaps that a reader takes for the end of a word.

    The package lays digits on by their brightness, which leaves dark ones pale: here they are opaque.
    """

    lookup_table = tuple(min(6 * shade, 255) for shade in range(256))

    word_space_probability = 0.0
    character_rotate = (-24, 24)


def picture(*, holder: str, at: datetime) -> str:
    """Draw a new question for the session with this secret; the source of an image that shows it."""
    # Dark on white whatever the theme: weak eyes have enough to do with the bent digits.
    ink = tuple(45 + secrets.randbelow(70) for _ in range(3))
    drawn = Picture(width=240, height=84).generate(
        draw(holder=holder, at=at), bg_color=(255, 255, 255), fg_color=ink
    )
    return f"data:image/png;base64,{base64.b64encode(drawn.getvalue()).decode()}"


def record(*, holder: str, at: datetime) -> None:
    """Draw a new question for the session and speak it; `recording` fetches it."""
    spoken = bytes(_speaker().generate(draw(holder=holder, at=at)))
    cache.set(_sound_key(holder), spoken, timeout=int(LIFE.total_seconds()))


def recording(holder: str) -> bytes | None:
    """The question of this session as a WAV file in Mandarin, while it may be answered by ear."""
    return cache.get(_sound_key(holder))


@joined
def answer(*, holder: str, given: str, at: datetime) -> bool:
    """Judge the one answer that a question gets; a right one stays good for `spend`."""
    question = Captcha.objects.select_for_update().filter(pk=_fingerprint(holder)).first()
    if question is None or question.answered_at or question.drawn_at + LIFE <= at:
        return False
    question.answered_at = at
    question.passed = constant_time_compare(question.digest, _digest(given, holder))
    question.save(update_fields=["answered_at", "passed"])
    return question.passed


def has_passed(holder: str, *, at: datetime) -> bool:
    """Whether this session has a right answer to spend."""
    return _passed(holder, at).exists()


def spend(holder: str, *, at: datetime) -> bool:
    """Use up the right answer of this session, in the caller's transaction; False when there is none.

    Of two requests at once the second waits for the first and finds nothing.
    """
    return _passed(holder, at).delete()[0] == 1


def purge(*, before: datetime) -> int:
    """Forget questions from before this time; returns how many."""
    return Captcha.objects.filter(drawn_at__lt=before).delete()[0]


def draw(*, holder: str, at: datetime) -> str:
    """Ask this session anew, whatever it was asked before; returns the digits."""
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    cache.delete(_sound_key(holder))
    facts = {"digest": _digest(digits, holder), "drawn_at": at, "answered_at": None, "passed": False}
    Captcha.objects.update_or_create(pk=_fingerprint(holder), defaults=facts)
    return digits


def _passed(holder: str, at: datetime):
    return Captcha.objects.filter(pk=_fingerprint(holder), passed=True, answered_at__gt=at - LIFE)


@once
def _speaker() -> AudioCaptcha:
    return AudioCaptcha(voicedir=str(VOICES))


def _sound_key(holder: str) -> str:
    return f"captcha:{_fingerprint(holder)}"


def _fingerprint(holder: str) -> str:
    return salted_hmac("channels.captcha.holder", holder, algorithm="sha256").hexdigest()


def _digest(digits: str, holder: str) -> str:
    return salted_hmac("channels.captcha.digits", f"{holder}:{digits}", algorithm="sha256").hexdigest()
