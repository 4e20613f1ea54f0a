"""Pinyin keys of Chinese names, so that 张伟 is found by typing zw and lists sort as a phone book does."""

import unicodedata
from functools import lru_cache

# As a surname these are read otherwise than in most words; two-character surnames come first.
SURNAMES = {
    "万俟": "mo qi", "尉迟": "yu chi", "长孙": "zhang sun", "澹台": "tan tai", "单于": "chan yu",
    "宰父": "zai fu", "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "查": "zha", "盖": "ge",
    "区": "ou", "朴": "piao", "冼": "xian", "洗": "xian", "翟": "zhai", "乐": "yue", "缪": "miao",
    "覃": "qin", "种": "chong", "秘": "bi", "折": "she", "员": "yun", "黑": "he", "重": "chong",
    "召": "shao", "华": "hua", "任": "ren", "宁": "ning", "葛": "ge", "燕": "yan", "应": "ying",
    "繁": "po", "撒": "sa", "能": "nai", "逄": "pang", "牟": "mu", "曲": "qu", "晁": "chao", "佴": "nai",
}  # fmt: skip
OWNER_KEY_LENGTH = 30
ESTATE_KEY_LENGTH = 200


@lru_cache(maxsize=50_000)
def initials(name: str) -> str:
    """The first letters of a person's name, at most 30: 张伟 → zw, 曾单 → zd, Anna李 → annal."""
    syllables = _person(name)
    return "".join(s if _latin(s, name) else s[:1] for s in syllables)[:OWNER_KEY_LENGTH]


@lru_cache(maxsize=50_000)
def sort_key(name: str) -> str:
    """What to sort people by: the syllables of the name, then the name itself."""
    return f"{' '.join(_person(name))} {name}"


def place_key(name: str) -> str:
    """Full pinyin and initials of a place, the search key of an estate: 滨江花园 → `binjianghuayuan bjhy`."""
    syllables = _syllables(name)
    letters = "".join(s if _latin(s, name) else s[:1] for s in syllables)
    return f"{''.join(syllables)} {letters}"[:ESTATE_KEY_LENGTH]


def _person(name: str) -> list[str]:
    name = unicodedata.normalize("NFKC", name).strip()
    for length in (2, 1):
        if reading := SURNAMES.get(name[:length]):
            return [*reading.split(), *_syllables(name[length:])]
    return _syllables(name)


def _syllables(text: str) -> list[str]:
    """Syllables of the Chinese characters and runs of letters and digits, in lower case; no punctuation."""
    # Its dictionaries take most of a second to load, and most processes never spell a name.
    from pypinyin import Style, lazy_pinyin

    text = unicodedata.normalize("NFKC", text)
    found = lazy_pinyin(text, style=Style.NORMAL, errors=lambda run: ["".join(filter(str.isalnum, run))])
    return [syllable.lower() for syllable in found if syllable]


def _latin(syllable: str, name: str) -> bool:
    return syllable in unicodedata.normalize("NFKC", name).lower()
