"""Django's plain controls drawn without its templates, which take ten times as long.

The HTML is that of django/forms/widgets/*.html; a test holds the two against each other.
"""

from collections.abc import Mapping
from typing import Any

from django.forms.utils import flatatt
from django.utils.html import format_html

# The templates that are nothing but django/forms/widgets/input.html.
INPUTS = {
    f"django/forms/widgets/{name}.html"
    for name in (
        "text",
        "number",
        "email",
        "url",
        "password",
        "hidden",
        "date",
        "datetime",
        "time",
        "checkbox",
    )
}
TEXTAREA = "django/forms/widgets/textarea.html"
QUICK = INPUTS | {TEXTAREA}


def draw(template_name: str, widget: Mapping[str, Any]) -> str:
    """The control of this widget's context; `template_name` is one of `QUICK`."""
    attributes = flatatt(widget["attrs"])
    name, value = widget["name"], widget["value"]
    if template_name == TEXTAREA:
        return format_html('<textarea name="{}"{}>\n{}</textarea>', name, attributes, value or "")
    shown = "" if value is None else format_html(' value="{}"', value)
    return format_html('<input type="{}" name="{}"{}{}>', widget["type"], name, shown, attributes)
