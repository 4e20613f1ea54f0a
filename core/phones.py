"""Phone numbers as people type them and as they are kept."""

import re
import unicodedata

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"(?:010|02\d|0[3-9]\d{2})[2-8]\d{6,7}|400\d{7}")


def normalise(text: str) -> str:
    """The bare number of a Chinese mobile or landline, or "" when it is none.

    Takes +86, spaces, dashes and brackets between groups, full-width digits, and a
    landline dialled from abroad without its leading zero.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    digits = re.sub(r"[\s\-‐-―()·.]", "", text)
    digits = re.sub(r"^(?:\+86|0086|86(?=1[3-9]\d{9}$))", "", digits)
    if text.startswith(("+", "00")) and not digits.startswith(("0", "1", "4")):
        digits = "0" + digits
    if MOBILE.fullmatch(digits) or LANDLINE.fullmatch(digits):
        return digits
    return ""


def mask(phone: str) -> str:
    """138****5678; short numbers keep their last two digits only."""
    if len(phone) >= 11:
        return f"{phone[:3]}****{phone[-4:]}"
    return "*" * max(len(phone) - 2, 0) + phone[-2:]
