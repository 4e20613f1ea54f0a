"""The upload of a workbook; what is inside is judged in the background."""

from django import forms
from django.conf import settings

from core.forms import KeyedForm
from core.widgets import WorkbookInput
from core.workbooks import BROKEN


class UploadForm(KeyedForm):
    """One .xlsx file."""

    workbook = forms.FileField(
        label="Excel 文件",
        allow_empty_file=False,
        widget=WorkbookInput(),
        error_messages={"required": "请选择要导入的 .xlsx 文件。", "empty": "文件是空的，请重新选择。"},
    )

    def clean_workbook(self):
        """Refused at once: what is too big, or no workbook at all."""
        file, limit = self.cleaned_data["workbook"], settings.IMPORT_MAX_BYTES
        if file.size > limit:
            raise forms.ValidationError(f"文件超过 {limit // 1024 // 1024} MB，请拆成几份上传。")
        if file.read(4) != b"PK\x03\x04":
            raise forms.ValidationError(BROKEN)
        file.seek(0)
        return file


class ConfirmForm(KeyedForm):
    """Write what the preview has shown."""
