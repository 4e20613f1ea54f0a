"""Phone numbers as people type them and as they are kept."""

import re
import unicodedata

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{2,3}\d{7,8}(?:-\d{1,6})?|400\d{7}")


def normalise(text: str) -> str:
    """The bare number of a Chinese mobile or landline, or "" when it is none.

    Takes +86, spaces, dashes between groups and full-width digits.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    text = re.sub(r"^(?:\+|00)86[\s-]*", "", text)
    digits = re.sub(r"[\s()-]", "", text)
    if MOBILE.fullmatch(digits) or LANDLINE.fullmatch(digits):
        return digits
    return ""


def mask(phone: str) -> str:
    """138****5678; short numbers keep their last two digits only."""
    if len(phone) >= 11:
        return f"{phone[:3]}****{phone[-4:]}"
    return "*" * max(len(phone) - 2, 0) + phone[-2:]
