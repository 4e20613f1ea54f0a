"""Form widgets that Django lacks: signature, stars, photos, big radio buttons."""

from functools import lru_cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join

SELECTED = format_html(" selected{}", "")


class PlainHidden(forms.HiddenInput):
    """A hidden input drawn without templates: every form has one for its key."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> str:
        shown = self.format_value(value)
        content = "" if shown is None else format_html(' value="{}"', shown)
        attributes = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<input type="hidden" name="{}"{}{}>', name, content, attributes)


class PlainSelect(forms.Select):
    """A select drawn without templates, for the filters above long lists; choices without groups."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> str:
        choices = tuple(("" if key is None else str(key), label) for key, label in self.choices)
        options = _options(choices, tuple(self.format_value(value)))
        attributes = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, attributes, options)


@lru_cache(maxsize=256)
def _options(choices: tuple[tuple[str, str], ...], chosen: tuple[str, ...]) -> str:
    rows = ((key, SELECTED if key in chosen else "", label) for key, label in choices)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


class OnceInput(forms.TextInput):
    """A text that is good for one try: what was typed before is not shown again."""

    def format_value(self, value: Any) -> str | None:
        return None


class SegmentedRadio(forms.RadioSelect):
    """Radio buttons drawn as one row of big buttons, for thumbs."""

    template_name = "core/widgets/segmented.html"


class StarInput(forms.RadioSelect):
    """One to five stars; a radio group underneath, so the keyboard works."""

    template_name = "core/widgets/stars.html"

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()):
        words = ("很不满意", "不满意", "一般", "满意", "非常满意")
        super().__init__(attrs, choices or [(number, word) for number, word in enumerate(words, start=1)])


class SignatureInput(forms.HiddenInput):
    """A canvas to sign on; submits JSON with the strokes and a PNG data URL."""

    template_name = "core/widgets/signature.html"

    @property
    def is_hidden(self) -> bool:
        # The input is hidden, the field is not: it has a label, an error and a canvas.
        return False


class PhotoInput(forms.FileInput):
    """Photos from camera or album with a preview; big ones are made smaller before they are sent."""

    template_name = "core/widgets/photos.html"
    allow_multiple_selected = True

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        *,
        multiple: bool = True,
        camera: bool = True,
        accept: str = "image/jpeg,image/png,image/webp,image/heic,image/heif",
        tile: str = "拍照或选图",
        icon: str = "camera",
    ):
        self.camera = camera
        self.tile = tile
        self.icon = icon
        super().__init__({"accept": accept, "multiple": multiple} | (attrs or {}))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        return context | {"camera": self.camera, "tile": self.tile, "icon": self.icon}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if not self.attrs.get("multiple"):
            return super().value_from_datadict(data, files, name)
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name, [])


class WorkbookInput(PhotoInput):
    """One Excel file; the browser's own button would speak the browser's language."""

    # With it Django hands on a list of files, and a FileField takes one.
    allow_multiple_selected = False

    def __init__(self):
        super().__init__(
            multiple=False, camera=False, accept=".xlsx", tile="选择 Excel 文件", icon="filetype-xlsx"
        )


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None):
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    """The browser's own date and time picker, to the minute."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None):
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")
