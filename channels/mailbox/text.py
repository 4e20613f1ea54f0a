"""Words of mails, whatever they were encoded as, reduced to plain text that a page and a table can hold."""

import email.header
import re
import unicodedata
from email.errors import HeaderParseError
from html.parser import HTMLParser

_LONGEST_HTML = 200_000
_BLOCKS = {"p", "div", "br", "tr", "li", "ul", "ol", "table", "blockquote", "pre", "hr", "section"}
_BLOCKS |= {f"h{number}" for number in range(1, 7)}
_UNREAD = {"script", "style", "head", "title", "template", "noscript", "svg", "object"}
# Chinese programs say gb2312 and write characters that only the larger sets have.
_LARGER = {"gb2312": "gb18030", "gbk": "gb18030", "hz-gb-2312": "hz", "unknown-8bit": "", "us-ascii": ""}


def decoded(data: bytes, charset: str | None) -> str:
    """Bytes as text; where the named charset is wrong or unknown, UTF-8 and then GB18030 are tried."""
    named = _LARGER.get((charset or "").lower(), charset or "")
    for each in filter(None, [named, "utf-8"]):
        try:
            return data.decode(each)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("gb18030", errors="replace")


def header_words(value: str | email.header.Header | None) -> str:
    """A header in one line of plain text."""
    if value is None:
        return ""
    try:
        parts = email.header.decode_header(value)
    except HeaderParseError:
        parts = [(str(value), None)]
    return " ".join(clean("".join(_word(*each) for each in parts)).split())


def _word(part: str | bytes, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    if charset is None:
        # How the library writes what stands beside an encoded word.
        return part.decode("raw-unicode-escape", errors="replace")
    return decoded(part, charset)


def clean(text: str) -> str:
    """Without what a table cannot hold or an eye cannot see; at most one empty line in a row."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    kept = (each for each in text if each in "\n\t" or unicodedata.category(each) not in {"Cc", "Cs", "Cf"})
    lines = [line.rstrip() for line in "".join(kept).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def from_html(html: str) -> str:
    """The words of an HTML mail: no markup, no addresses, nothing that a browser would run."""
    reader = _Reader()
    reader.feed(html[:_LONGEST_HTML])
    reader.close()
    return clean(re.sub(r"[ \t]+", " ", "".join(reader.words)))


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unread: list[str] = []

    def parse_marked_section(self, i, report=1):
        """What begins with <![ ends at the next bracket, as for browsers; the library knows few words."""
        return self.parse_bogus_comment(i, report)

    def handle_starttag(self, tag, attrs):
        if tag in _UNREAD:
            self._unread.append(tag)
        elif tag == "body":
            # A head that was never closed must not swallow the letter.
            self._unread.clear()
        elif tag in _BLOCKS:
            self.words.append("\n· " if tag == "li" else "\n")
        elif tag in {"td", "th"}:
            self.words.append(" ")

    def handle_endtag(self, tag):
        if tag in self._unread:
            while self._unread.pop() != tag:
                pass
        elif tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data):
        if not self._unread:
            self.words.append(re.sub(r"\s+", " ", data))
