"""The words of messages: templates, their variables, and filling them in (domain.md §6)."""

import logging
import re
import time
from collections.abc import Mapping

from notices.models import Template

logger = logging.getLogger(__name__)

# Every variable that a template may use, with a value to preview it by.
VARIABLES = {
    "业主": "王女士",
    "房号": "3栋1单元1202",
    "单号": "FX250318-0042",
    "问题": "卫生间顶板渗漏",
    "级别": "二级（较急）",
    "承诺时限": "3月18日 17:30前",
    "工程师": "李师傅",
    "电话": "138****5678",
    "时段": "3月19日 09:00–11:00",
    "链接": "https://example.cn/o/s/…",
    "原因": "材料未到",
    "项目": "云栖花园",
    "工号": "W0317",
    "内容": "防水层已完成，等待48小时闭水试验",
    "截止": "3月25日",
    "日期": "3月28日 09:30",
    "地点": "物业服务中心",
    "单位": "恒安防水公司",
    "金额": "1,200元",
    "数量": "5",
    "时长": "8小时12分",
    "验证码": "024816",
    "类型": "投诉",
    "类别": "重要",
}

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SECONDS_KEPT = 30.0
_kept: dict[str, tuple[float, Template]] = {}


def find(code: str) -> Template | None:
    """The template of this code, kept in the process for half a minute; None when there is none."""
    until, template = _kept.get(code, (0.0, None))
    if until < time.monotonic():
        template = Template.objects.filter(code=code).first()
        if template:
            _kept[code] = (time.monotonic() + _SECONDS_KEPT, template)
    return template


def forget() -> None:
    """Read templates afresh from now on; other processes follow within half a minute."""
    _kept.clear()


def variables_in(text: str) -> set[str]:
    """The names in braces."""
    return set(_PLACEHOLDER.findall(text))


def unknown_in(text: str) -> list[str]:
    """The names in braces that nobody will ever fill in, sorted."""
    return sorted(variables_in(text) - VARIABLES.keys())


def has_stray_brace(text: str) -> bool:
    """Whether a brace is left over when all variables are taken out."""
    return bool(re.search(r"[{}]", _PLACEHOLDER.sub("", text)))


def fill(template: Template, values: Mapping[str, object]) -> tuple[str, str]:
    """Title and body with the values put in.

    A missing value becomes nothing and is logged: a poor message must not stop
    the step that causes it.
    """
    missing = variables_in(template.title + template.body) - values.keys()
    if missing:
        logger.warning("template %s was given no value for %s", template.code, "、".join(sorted(missing)))
    title, body = (
        _PLACEHOLDER.sub(lambda found: str(values.get(found[1], "")), text)
        for text in (template.title, template.body)
    )
    # A line break in a subject would forge a mail header.
    return " ".join(title.split())[:120], body


# How many characters WeChat takes in a field, by the kind its name begins with.
_WECHAT_LENGTHS = {
    "thing": 20,
    "character_string": 32,
    "short_thing": 5,
    "phrase": 5,
    "const": 20,
    "name": 10,
}


def fill_fields(template: Template, values: Mapping[str, object]) -> dict[str, str]:
    """The fields of the WeChat template with the values put in, cut to what WeChat takes."""
    return {
        name: _field(name, _PLACEHOLDER.sub(lambda found: str(values.get(found[1], "")), str(text)))
        for name, text in template.wechat_fields.items()
    }


def _field(name: str, text: str) -> str:
    text = " ".join(text.split()) or "—"
    longest = _WECHAT_LENGTHS.get(name.rstrip("0123456789"), 32)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def sms_parts(text: str) -> int:
    """How many messages a text is billed as: 70 characters in one, else 67 each."""
    return 1 if len(text) <= 70 else -(-len(text) // 67)
