"""What the desk uploads to a ticket: recordings, screenshots, applications (IN-12, IN-14)."""

from django import forms
from django.utils.timezone import now

from core import store
from core.filefields import PhotosField
from core.forms import KeyedForm
from core.widgets import DateTimeInput, PhotoInput, SegmentedRadio
from tickets.desk_files import Consent
from tickets.models import Evidence

Stage = Evidence.Stage
STAGES = [
    (Stage.CHAT.value, "沟通截图"),
    (Stage.CALL.value, "通话录音"),
    (Stage.APPLICATION.value, "书面申请"),
    (Stage.REPORT.value, "报修照片"),
    (Stage.OTHER.value, "其他"),
]


class DeskFilesForm(KeyedForm):
    """Files, what they are, and for a recording who agreed to it."""

    stage = forms.ChoiceField(
        label="附件类型", choices=STAGES, widget=SegmentedRadio, initial=Stage.CHAT.value
    )
    files = PhotosField(
        label="文件",
        limit=6,
        kinds=store.EVERYTHING,
        widget=PhotoInput(camera=False, tile="选择文件", icon="paperclip"),
        error_messages={"required": "请选择要上传的文件。"},
    )
    person = forms.CharField(
        label="同意人或申请人",
        max_length=60,
        required=False,
        help_text="录音写明谁同意存档；书面申请写明谁签字",
    )
    consent = forms.BooleanField(label="业主已同意保存这段录音", required=False)
    asked_at = forms.DateTimeField(label="征得同意的时间", required=False, widget=DateTimeInput)

    def clean_asked_at(self):
        asked = self.cleaned_data["asked_at"]
        if asked and asked > now():
            raise forms.ValidationError("征得同意的时间不能晚于现在。")
        return asked

    def clean(self):
        data = super().clean()
        kinds = {info.kind for _, info in data.get("files") or []}
        stage = data.get("stage")
        if stage == Stage.CALL:
            self._clean_call(data, kinds)
        elif "audio" in kinds:
            self.add_error("stage", "录音请选“通话录音”，并记录业主的同意。")
        if stage == Stage.CHAT and kinds - {"photo", "audio"}:
            self.add_error("files", "沟通截图请上传图片。")
        if stage == Stage.APPLICATION and not data.get("person"):
            self.add_error("person", "请填写签字的申请人。")
        return data

    def _clean_call(self, data, kinds: set[str]) -> None:
        if kinds - {"audio"}:
            self.add_error("files", "通话录音请上传音频文件。")
        if not data.get("consent"):
            self.add_error("consent", "未经业主同意的录音不能存档。")
        if not data.get("person"):
            self.add_error("person", "请填写同意存档的人。")
        if not data.get("asked_at") and "asked_at" not in self.errors:
            self.add_error("asked_at", "请填写征得同意的时间。")

    def values(self) -> dict:
        """Arguments of `tickets.desk_files.add` besides ticket, actor and time."""
        data = self.cleaned_data
        found = {"files": data["files"], "stage": data["stage"]}
        if data["stage"] == Stage.CALL:
            found["consent"] = Consent(given_by=data["person"], asked_at=data["asked_at"])
        if data["stage"] == Stage.APPLICATION:
            found["applicant"] = data["person"]
        return found
