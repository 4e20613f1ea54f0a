"""Mails as people and machines send them."""

from email.message import EmailMessage

from tests.factories_files import picture


def mail(text: str = "厨房龙头漏水，电话 13800138000", html: str = "", files=(), **headers) -> bytes:
    """A mail over the wire; a header given as None is left out, `_` in a name stands for a dash."""
    made = EmailMessage()
    known = {
        "From": "张伟 <zhang@example.cn>",
        "To": "repairs@example.cn",
        "Subject": "报修：厨房漏水",
        "Message-ID": "<1@example.cn>",
    }
    known |= {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in known.items():
        if value is not None:
            made[name] = value
    if text:
        made.set_content(text)
    if html and text:
        made.add_alternative(html, subtype="html")
    elif html:
        made.set_content(html, subtype="html")
    for name, kind, content in files:
        main, sub = kind.split("/")
        made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def photo(name: str = "漏水.jpg"):
    """An attachment that may come in."""
    return name, "image/jpeg", picture()


def program(name: str = "说明.exe"):
    """An attachment that may not."""
    return name, "application/octet-stream", b"MZ" + bytes(200)


def part(content: bytes, *, disposition="attachment", kind="image/jpeg", coding="binary") -> bytes:
    """A part as somebody wrote it by hand; what stands in its headers is not looked at."""
    heads = {
        "Content-Disposition": disposition,
        "Content-Type": kind,
        "Content-Transfer-Encoding": coding,
    }
    lines = [f"{name}: {value}\r\n" for name, value in heads.items()]
    return "".join(lines).encode(errors="surrogatepass") + b"\r\n" + content


def mail_of(*parts: bytes, number: int = 1, kind: str = "multipart/mixed; boundary=fuzz-a3f1") -> bytes:
    """A mail of such parts."""
    head = f"From: a@example.cn\r\nSubject: {number}\r\nMessage-ID: <{number}@x.cn>\r\nContent-Type: {kind}"
    body = b"".join(b"--fuzz-a3f1\r\n" + each + b"\r\n" for each in parts)
    return head.encode() + b"\r\n\r\n" + body + b"--fuzz-a3f1--\r\n"
