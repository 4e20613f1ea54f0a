"""What the desk gets to read of a mail, whoever sent it."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.mailbox import letters, text
from tests.channels.mails import mail, mail_of, part, photo, program
from tests.factories_files import HTML, ZIP, huge_png, moving_picture, picture

pytestmark = pytest.mark.row("IN-01")
OWN = frozenset({"repairs@example.cn"})
JPG = picture(size=(64, 48))


def read(raw: bytes):
    return letters.read(raw, own=OWN)


def test_a_plain_mail_is_read_with_sender_subject_and_words():
    letter = read(mail())

    assert (letter.sender.name, letter.sender.address) == ("张伟", "zhang@example.cn")
    assert (letter.subject, letter.text) == ("报修：厨房漏水", "厨房龙头漏水，电话 13800138000")
    assert (letter.reply_to_id, letter.automatic) == ("<1@example.cn>", "")


def test_the_plain_words_win_over_the_html():
    assert read(mail("文字", "<p>网页</p>")).text == "文字"


def test_html_is_reduced_to_its_words():
    html = (
        "<html><head><title>题</title><style>p{}</style></head><body onload=alert(1)>"
        "<p>卫生间&nbsp;漏水</p><script>alert('x')</script><ul><li>一</li><li>二 &lt;b&gt;</li></ul>"
        '<img src="http://tracker.example/1.gif"></body></html>'
    )

    assert read(mail("", html)).text == "卫生间 漏水\n\n· 一\n\n· 二 <b>"


def test_a_head_that_is_never_closed_swallows_nothing():
    assert text.from_html("<head><meta charset=gbk><body><p>漏水</p>") == "漏水"


@pytest.mark.parametrize("charset", ["gb2312", "gbk", "gb18030", "big5", "utf-8"])
def test_chinese_of_every_age_is_read(charset):
    word = "漏水" if charset != "big5" else "漏水報修"
    subject = base64.b64encode(word.encode(charset)).decode()
    raw = (
        f"From: =?{charset}?B?{subject}?= <a@example.cn>\r\nSubject: =?{charset}?B?{subject}?=\r\n"
        f"Content-Type: text/plain; charset={charset}\r\n\r\n"
    ).encode() + word.encode(charset)

    letter = read(raw)

    assert (letter.sender.name, letter.subject, letter.text) == (word, word, word)


def test_a_charset_that_lies_or_is_unknown_is_read_all_the_same():
    head = b"From: a@example.cn\r\nContent-Type: text/plain; charset=x-unheard-of\r\n\r\n"

    assert read(head + "厨房龙头漏水".encode("gbk")).text == "厨房龙头漏水"


def test_pictures_come_along_and_programs_are_named():
    letter = read(mail(files=[photo(), program()]))

    assert [(info.name, info.kind) for _, info in letter.files] == [("漏水.jpg", "photo")]
    assert letter.remarks == ("「说明.exe」的内容是 Windows 程序，没有保留，请到邮箱查看。",)


def test_an_attached_mail_is_named_and_not_opened():
    inner = mail("里面的话", files=[photo("里面.jpg")]).decode("latin-1")
    raw = (
        "From: a@example.cn\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nouter\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--"
    ).encode("latin-1")

    letter = read(raw)

    assert (letter.text, list(letter.files)) == ("outer", [])
    assert letter.remarks == ("「message-rfc822」是另一封邮件，没有保留，请到邮箱查看。",)


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="漏水.jpg"', "漏水.jpg"),
        ("attachment; filename*=utf-8''%E6%BC%8F%E6%B0%B4.jpg", "漏水.jpg"),
        ("attachment; filename*0*=utf-8''%E6%BC%8F; filename*1*=%E6%B0%B4.jpg", "漏水.jpg"),
        ('attachment; filename="=?utf-8?b?5ryP5rC0LmpwZw==?="', "漏水.jpg"),
        ('attachment; filename="漏=?gb2312?b?y64uanBn?="', "漏水.jpg"),
        ('attachment; filename="../../漏\0水\u202e.jpg"', "漏水.jpg"),
        (f'attachment; filename="{"漏" * 300}.jpg"', "漏" * 116 + ".jpg"),
        # Pieces of one name, some numbered and some not: the library raises.
        ("attachment; filename*=utf-8''a; filename*1=b", "image-jpeg"),
        ("attachment", "image-jpeg"),
    ],
)
def test_a_file_has_the_name_that_its_sender_gave_it(disposition, name):
    letter = read(mail_of(part(JPG, disposition=disposition)))

    assert [info.name for _, info in letter.files] == [name]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "是空文件"),
        (ZIP, "的内容是压缩包"),
        (HTML, "的格式无法识别"),
        (JPG[: len(JPG) // 2], "已损坏或不完整，无法打开"),
        (huge_png(9_000, 9_000), "有 9000×9000 像素，超过 5000 万像素的上限"),
        (moving_picture("webp"), "是动图"),
    ],
)
def test_a_file_that_is_not_kept_is_named_with_the_reason(content, why):
    letter = read(mail_of(part(content, disposition="attachment; filename=水。请看，不能上传.jpg")))

    assert letter.remarks == (f"「水。请看，不能上传.jpg」{why}，没有保留，请到邮箱查看。",)


def test_of_very_many_files_some_are_kept_many_named_and_the_others_counted():
    letter = read(mail_of(*(part(JPG, disposition=f"attachment; filename={n}.jpg") for n in range(300))))

    assert [info.name for _, info in letter.files] == [f"{n}.jpg" for n in range(15)]
    assert letter.remarks == (
        *(f"「{n}.jpg」没有打开，附件太多或太大，没有保留，请到邮箱查看。" for n in range(15, 215)),
        "另有 85 个附件没有保留，请到邮箱查看。",
    )


def test_files_deeper_than_anybody_looks_are_told_of():
    inside = part(JPG)
    for number in range(20):
        rule = f"--b{number}".encode()
        head = f"Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n".encode()
        inside = head + rule + b"\r\n" + inside + b"\r\n" + rule + b"--"

    assert read(mail_of(inside)).remarks == ("「multipart-mixed」的层次太深，没有保留，请到邮箱查看。",)


def test_a_mail_of_more_parts_than_anybody_reads_is_its_header():
    letter = read(mail_of(*[b"\r\nx"] * 6_000))

    assert (letter.subject, letter.text) == ("1", "")
    assert letter.remarks == ("邮件由太多部分组成，正文和附件没有收取，请到邮箱查看。",)


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, "自动回复或系统邮件，系统略过"),
        ({"Auto_Submitted": "auto-generated; type=x"}, "自动回复或系统邮件，系统略过"),
        ({"Precedence": "auto_reply"}, "自动回复或系统邮件，系统略过"),
        ({"Return_Path": "<>"}, "退信或投递报告，系统略过"),
        ({"From": "MAILER-DAEMON@example.cn"}, "退信或投递报告，系统略过"),
        ({"From": "Repairs@Example.cn"}, "本系统邮箱发出的邮件，系统略过"),
        ({"Auto_Submitted": "no"}, ""),
        ({"Precedence": "bulk"}, ""),
    ],
)
def test_what_machines_write_is_told_from_what_people_write(headers, why):
    assert read(mail(**headers)).automatic == why


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"Precedence": "list"},
        {"List_Id": "<owners.example.cn>"},
        {"X_Auto_Response_Suppress": "All"},
        {"From": "没有地址"},
    ],
)
def test_machines_lists_and_nobody_get_no_answer(headers):
    assert read(mail(**headers)).reply_to_id == ""


def test_an_answer_goes_where_the_sender_wants_it():
    assert read(mail(Reply_To="家里 <home@example.cn>")).sender.address == "home@example.cn"


def test_one_mail_has_one_name_and_nobody_can_take_anothers():
    once, again = read(mail("一")), read(mail("二"))
    other, nameless = read(mail(From="别人 <x@example.cn>")), read(mail(Message_ID=None))

    assert once.external_id == again.external_id
    assert len({once.external_id, other.external_id, nameless.external_id}) == 3


def test_a_mail_within_mails_without_end_is_read():
    raw = b"From: a@example.cn\r\n"
    for number in range(40):
        raw += f"Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n--b{number}\r\n".encode()

    assert read(raw + b"Content-Type: text/plain\r\n\r\nx").text == ""


@given(st.binary(max_size=400), st.binary(max_size=400))
@settings(deadline=None, max_examples=150)
def test_nothing_that_is_sent_raises(head, body):
    letter = read(b"From: " + head + b"\r\nSubject: " + body + b"\r\n" + head + b"\r\n\r\n" + body)

    assert "\0" not in letter.text + letter.subject + letter.sender.name + letter.sender.address


@given(st.text(alphabet="<>/=\"'&;!-abps cdtrhliy漏", max_size=300))
@settings(deadline=None, max_examples=150)
def test_no_html_raises(html):
    assert "\0" not in text.from_html(html)


DEEP = b"".join(
    f"Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n--b{number}\r\n".encode()
    for number in range(1500)
)
ATTACHED = b"Content-Type: image/jpeg\r\nContent-Disposition: attachment; filename*=%s''x\r\n\r\nx"


@pytest.mark.parametrize(
    "raw",
    [
        b"Message-ID: <a\0b@x.cn>\r\n\r\nx",
        ATTACHED % b"a\0b",
        ATTACHED % b"idna",
        DEEP + b"\r\n\r\nx",
    ],
    ids=["no byte of a name", "a set of letters that is none", "a set without gaps", "mails within mails"],
)
def test_what_the_library_stumbles_over_is_read_all_the_same(raw):
    letter = read(b"From: a@example.cn\r\n" + raw)

    assert (letter.sender.address, letter.reply_to_id) == ("a@example.cn", "<>")


def test_a_sender_of_brackets_alone_is_nobody():
    assert read(b"From: " + b"(" * 20_000 + b"\r\n\r\nx").sender.address == ""


def test_a_declaration_that_no_browser_knows_is_no_word_of_an_html_mail():
    assert text.from_html("<p>漏<![ab-c x]>水<![if !a]>了<![endif]></p>") == "漏水了"
