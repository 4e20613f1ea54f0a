"""What an owner fills in on the phone: digits, signature, stars, or what is wrong."""

from django import forms

from core import store
from core.filefields import PhotosField, SignatureField
from core.forms import KeyedForm, StarField


class VerifyForm(KeyedForm):
    """The last four digits of the phone that the ticket was reported with."""

    digits = forms.RegexField(
        r"^\d{4}$",
        label="预留手机号后四位",
        error_messages={"invalid": "请填写4位数字。"},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 4, "autocomplete": "off"}),
    )


class SignForm(KeyedForm):
    """A name and a signature."""

    signer = forms.CharField(label="签字人姓名", max_length=60)
    signature = SignatureField(label="签名")


class AcceptForm(SignForm):
    """Stars, a remark, and the signature."""

    stars = StarField(label="总体评价")
    remark = forms.CharField(
        label="意见", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    field_order = ["stars", "remark", "signer", "signature"]


class UrgeForm(KeyedForm):
    """催单 with one press."""


class RefuseForm(KeyedForm):
    """What the owner does not agree with."""

    reason = forms.CharField(label="请说明原因", max_length=300, widget=forms.Textarea(attrs={"rows": 4}))


class WordsForm(KeyedForm):
    """What the owner wants to add, with photos if they like."""

    words = forms.CharField(label="留言", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    photos = PhotosField(label="照片", required=False, limit=6, kinds=store.PHOTO)
