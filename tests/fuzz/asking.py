"""Finds the forms of a page, fills them in, and looks at the answer as a browser would."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from lxml import etree, html

# What may never be in a page of ours: they have none, so any comes from what was typed.
ELEMENTS = {"iframe", "object", "embed", "base", "style", "math", "applet", "frame", "template"}
LINKS = ("href", "src", "action", "formaction", "data", "xlink:href", "hx-get", "hx-post")
# Most of what there is, and harmless whatever it says.
PLAIN = {"class", "id", "name", "value", "for", "type"}
SCHEMES = ("javascript:", "data:text", "vbscript:")
LONG = 2000
PARSER = etree.HTMLParser()
# A name, and what is in it.
File = tuple[str, bytes]
TEXT = ("text", "search", "tel", "url", "email", "password", "")


@dataclass
class Filled:
    """A form as somebody would send it: text fields apart from what is chosen."""

    # By name, how many characters they take.
    text: dict[str, int] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


def form_of(page: bytes, path: str) -> Filled:
    """The form of this page that is sent to `path`; of a page without one, all its posting forms."""
    tree = html.document_fromstring(page or b"<p></p>")
    forms = [form for form in tree.iter("form") if form.get("method", "").lower() == "post"]
    mine = [form for form in forms if urlsplit(form.get("action") or path).path == path]
    filled = Filled()
    for form in mine or forms:
        _read(form, tree, filled)
    return filled


def _read(form, tree, filled: Filled) -> None:
    controls = list(form.iter("input", "textarea", "select"))
    if form.get("id"):
        controls += tree.xpath("//*[@name and @form=$id]", id=form.get("id"))
    for control in controls:
        name, kind = control.get("name"), control.get("type", "").lower()
        if not name or name == "csrfmiddlewaretoken" or kind in {"submit", "button"}:
            continue
        if control.tag == "select":
            values = [option.get("value", "") for option in control.iter("option")]
            filled.chosen.setdefault(name, next(filter(None, values), ""))
        elif kind == "file":
            filled.files.append(name)
        elif control.tag == "textarea" or (control.tag == "input" and kind in TEXT):
            filled.text[name] = int(control.get("maxlength") or LONG)
        elif kind != "checkbox":
            filled.chosen.setdefault(name, control.get("value") or SAMPLES.get(kind, ""))


SAMPLES = {"date": "2026-05-08", "datetime-local": "2026-05-08T09:00", "time": "09:00", "number": "1"}


def body_of(data: dict[str, str]) -> bytes:
    """The form as bytes, lone surrogates included: no browser sends them, others do."""
    return urlencode(data, encoding="utf-8", errors="surrogatepass").encode()


def multipart(data: dict[str, str], files: Iterable[tuple[str, File]], boundary: str) -> bytes:
    """The same in parts, with files by field; their names are written into the header as browsers do."""
    parts = [(f'name="{key}"', str(text).encode(errors="surrogatepass")) for key, text in data.items()]
    for key, (name, content) in files:
        quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        parts.append((f'name="{key}"; filename="{quoted}"\r\nContent-Type: image/jpeg', content))
    rule = f"--{boundary}"
    heads = [f"{rule}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() for head, _ in parts]
    body = b"".join(head + content + b"\r\n" for head, (_, content) in zip(heads, parts, strict=True))
    return body + f"{rule}--\r\n".encode()


def faults_of(page: bytes) -> list[str]:
    """Elements, handlers and addresses that none of our templates have; best nothing."""
    if not page.strip():
        return []
    found = []
    # Without the classes of lxml.html and with a glance at the names: a third less time.
    for element in etree.fromstring(page.replace(b"\0", b""), PARSER).iter("*"):
        if element.tag in ELEMENTS or (element.tag == "script" and _is_inline(element)):
            found.append(f"<{element.tag}>")
        if not PLAIN.issuperset(element.keys()):
            bad = [name for name, value in element.items() if name not in PLAIN and _is_bad(name, value)]
            found += [f"{element.tag} {name}" for name in bad]
    return found


def _is_inline(script) -> bool:
    return not script.get("src") and script.get("type") != "application/json"


def _is_bad(name: str, value: str) -> bool:
    if name.startswith("on") or name in {"style", "srcdoc", "http-equiv", 'autofocus"'}:
        return name != "http-equiv" or value.lower() == "refresh"
    if name in LINKS:
        return value.strip().lower().startswith(SCHEMES) or value.startswith("//")
    return "xss()" in name
