"""The message templates that ship with the product (domain.md §6)."""

import json
from pathlib import Path

from notices import wording
from notices.models import Template


def load() -> int:
    """Create the templates that are missing and return how many; edited ones stay as they are."""
    shipped = json.loads(Path(__file__).with_name("templates.json").read_text(encoding="utf-8"))
    known = set(Template.objects.values_list("code", flat=True))
    missing = [Template(**row) for row in shipped if row["code"] not in known]
    Template.objects.bulk_create(missing, ignore_conflicts=True)
    wording.forget()
    return len(missing)
