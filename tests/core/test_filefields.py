"""Files and signatures in forms: what is refused stands at its field (IN-12)."""

import base64
import io
import json

import pytest
from django import forms
from django.utils.datastructures import MultiValueDict
from PIL import Image, ImageDraw

from core.filefields import PhotosField, SignatureField
from tests import factories_files as build


class Report(forms.Form):
    words = forms.CharField()
    photos = PhotosField(required=False, limit=2)


def filled(*uploads, **options):
    form = Report({"words": "厨房漏水"}, MultiValueDict({"photos": list(uploads)}))
    for name, value in options.items():
        setattr(form.fields["photos"], name, value)
    return form


@pytest.mark.row("IN-12")
def test_every_upload_comes_out_with_what_it_is():
    photo, video = build.upload(build.picture(), "漏水.jpg"), build.upload(build.video(), "漏水.mp4")

    form = filled(photo, video)

    assert form.is_valid()
    assert [(upload, info.kind) for upload, info in form.cleaned_data["photos"]] == [
        (photo, "photo"),
        (video, "video"),
    ]


@pytest.mark.row("IN-12")
def test_every_refused_file_is_named_at_the_field_and_the_rest_of_the_form_stays():
    form = filled(build.upload(build.EXE, "a.jpg"), build.upload(b"", "b.jpg"))

    assert form.errors == {
        "photos": [
            "「a.jpg」的内容是 Windows 程序，不能上传。请上传照片（JPG、PNG、WebP、HEIC，每张不超过 12 MB）"
            "或视频（MP4、MOV，不超过 50 MB）。",
            "「b.jpg」是空文件，请重新选择。",
        ]
    }
    assert (form.cleaned_data, form["words"].value()) == ({"words": "厨房漏水"}, "厨房漏水")


@pytest.mark.parametrize(
    ("count", "options", "errors"),
    [
        (0, {}, {}),
        (0, {"required": True}, {"photos": ["请至少添加一张照片。"]}),
        (1, {"minimum": 2}, {"photos": ["请至少添加 2 个文件。"]}),
        (3, {}, {"photos": ["一次最多添加 2 个文件。"]}),
    ],
)
def test_the_number_of_files_is_checked(count, options, errors):
    form = filled(*(build.upload(build.picture()) for _ in range(count)), **options)

    assert form.errors == errors


def test_the_file_picker_offers_only_what_may_come_in():
    field = PhotosField(kinds=frozenset({"video"}))

    assert field.widget.attrs["accept"] == "video/mp4,video/quicktime"


def drawn(size=(600, 200), *, blank: bool = False, mode: str = "RGB") -> bytes:
    image = Image.new(mode, size, "white")
    if not blank:
        ImageDraw.Draw(image).line([(20, 20), (size[0] - 20, size[1] - 20)], fill="black", width=4)
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def signed(png: bytes, *, points: int = 20, **point) -> str:
    strokes = [{"penColor": "x", "points": [{"x": n, "y": n * 2, "time": n, **point} for n in range(points)]}]
    data = "data:image/png;base64," + base64.b64encode(png).decode()
    return json.dumps({"strokes": strokes, "png": data})


def test_a_signature_is_its_picture_and_its_points():
    png = drawn()

    signature = SignatureField().clean(signed(png, points=8))

    assert signature.png == png
    assert signature.strokes == [[{"x": n, "y": n * 2, "time": n, "pressure": 0} for n in range(8)]]


INVALID = "签名没有读到，请清除后重新签。"
LARGE = "签名内容过大，请清除后重新签。"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "请在框内签名。"),
        ("{", INVALID),
        ("[" * 100_000, INVALID),
        ('{"strokes": 3, "png": ""}', INVALID),
        (signed(drawn(), x="one"), INVALID),
        (signed(drawn(), y=float("nan")), INVALID),
        (signed(drawn())[:-30], INVALID),
        (signed(drawn()[:100]), INVALID),
        (signed(b"\x89PNG\r\n\x1a\n" + build.HTML), INVALID),
        (signed(build.picture("jpg")), INVALID),
        (signed(drawn(blank=True)), INVALID),
        (signed(drawn(), points=7), "签名太短，请写清姓名后再提交。"),
        (signed(drawn(), points=20_001), LARGE),
        (signed(drawn(size=(2001, 300))), LARGE),
        (signed(drawn(size=(600, 1001))), LARGE),
        (signed(drawn() + bytes(200_000)), LARGE),
        ("x" * 1_500_001, LARGE),
    ],
)
def test_what_is_no_signature_is_refused(value, message):
    with pytest.raises(forms.ValidationError) as caught:
        SignatureField().clean(value)

    assert caught.value.messages == [message]
