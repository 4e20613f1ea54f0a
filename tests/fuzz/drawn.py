"""Text and files that nobody has thought of, drawn by Hypothesis: the same ones in every run, and not many.

FANGXIU_FUZZ=100 draws a hundred times as many, other ones in each run.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.fuzz import hostile

TIMES = int(os.environ.get("FANGXIU_FUZZ", "1"))
settings.register_profile(
    "fuzz",
    deadline=None,
    database=None,
    derandomize=TIMES == 1,
    phases=[Phase.generate, *([Phase.shrink] if TIMES > 1 else [])],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def bounded(examples: int) -> settings:
    """So many examples, as a decorator."""
    return settings(settings.get_profile("fuzz"), max_examples=examples * TIMES)


MARKS = ["\u0301", "\u0e47", "\u20dd", "\u202e", "\u200b", "\ufe0f", "\x00", "\ud83d"]
LETTERS = ["漏", "9", "𠮷", "\u3000", "<", "&", "\n", *MARKS]
# Lone surrogates and control characters are among these.
ANYTHING = st.characters(exclude_categories=())
# About as long as fields are, and far longer.
LENGTHS = [1, 50, 60, 61, 200, 500, 501, 1000, 2000, 2001, 100_000]
TEXT = st.one_of(
    st.text(ANYTHING, max_size=80),
    st.lists(st.sampled_from([*hostile.SHORT, *MARKS]), max_size=8).map(" ".join),
    st.lists(st.text(ANYTHING, max_size=5), max_size=12).map("".join),
    st.builds(
        lambda words, mark, times: words + mark * times,
        st.sampled_from(["漏水", "维修"]),
        st.sampled_from(MARKS),
        st.integers(1, 300),
    ),
    st.builds(lambda letter, times: letter * times, st.sampled_from(LETTERS), st.sampled_from(LENGTHS)),
)


@st.composite
def spoiled(draw, whole: bytes) -> bytes:
    """A file cut short, with bits turned, a piece taken out, put in twice, or something behind it."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        piece = draw(st.integers(1, 64))
        match draw(st.sampled_from(["turn", "cut", "drop", "twice", "put"])):
            case "turn" if data:
                data[at] ^= 1 << (piece % 8)
            case "cut":
                del data[at:]
            case "drop":
                del data[at : at + piece]
            case "twice":
                data[at:at] = data[at : at + piece]
            case "put":
                data[at:at] = draw(st.binary(max_size=16))
    return bytes(data)


def decoded(text: str) -> str:
    """What a form reads of this text: half a pair is no letter, and becomes signs that say so."""
    return text.encode(errors="surrogatepass").decode(errors="replace")


@contextmanager
def taken_back() -> Iterator[None]:
    """What happens inside leaves no row behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
