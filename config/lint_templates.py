"""What no template may hold: `python -m config.lint_templates` prints file:line and the reason.

The strict content security policy would silently drop inline scripts and
styles, and `|safe` is how a stored script gets out.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", re.DOTALL)
_RULES = [
    (re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE), "inline script: move it to static/js"),
    (re.compile(r"<style\b", re.IGNORECASE), "inline style sheet: move it to static/css"),
    (re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE), "style attribute: use a class"),
    (re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE), "event attribute: listen in static/js"),
    (
        re.compile(r"<[a-z][^>]*\shx-(?:on|vals=[\"']js)", re.IGNORECASE),
        "script in an attribute: listen in static/js",
    ),
    (re.compile(r"(?:href|src|action)\s*=\s*[\"']\s*javascript:", re.IGNORECASE), "javascript: address"),
    (
        re.compile(r"<(?:script|link|img|iframe)\b[^>]*[\"']\s*(?:https?:)?//", re.IGNORECASE),
        "foreign resource",
    ),
    (re.compile(r"\|\s*(?:safe|safeseq)\b"), "|safe: let Django escape it"),
    (re.compile(r"\{%\s*autoescape\s+off"), "autoescape off: let Django escape it"),
]


def findings(text: str, *, fragment: bool) -> Iterator[tuple[int, str]]:
    """Yield (line number, reason) for what is forbidden in a template's text."""
    # A fragment cannot show what it needs to be handed.
    if fragment and not text.startswith(("{#", "{% comment")):
        yield 1, "fragment without a first line that names what it expects"
    bare = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    for pattern, reason in _RULES:
        for match in pattern.finditer(bare):
            yield bare.count("\n", 0, match.start()) + 1, reason


def main() -> None:
    """Check every template of the project."""
    paths = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")]
    found = [
        f"{path.relative_to(ROOT)}:{line}: {reason}"
        for path in sorted(paths)
        for line, reason in findings(path.read_text(), fragment=path.name.startswith("_"))
    ]
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
