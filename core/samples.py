"""What the component page shows: invented, and the same for everybody."""

from datetime import datetime, timedelta
from typing import Any

from django import forms

from core.forms import KeyedForm, PhoneField, PhotosField, PlainForm, SignatureField
from core.widgets import DateInput, DateTimeInput, SegmentedRadio, StarInput

LEVELS = [(1, "1级 紧急"), (2, "2级 较急"), (3, "3级 一般"), (4, "4级 预约")]
PLACES = [("kitchen", "厨房"), ("bath", "卫生间"), ("balcony", "阳台"), ("public", "公共部位")]
TONES = [
    ("neutral", "中性"),
    ("info", "待处理"),
    ("active", "进行中"),
    ("wait", "等待他人"),
    ("ok", "正常"),
    ("warn", "提醒"),
    ("danger", "超时"),
    ("paused", "暂停"),
]
TICKETS = [
    (
        1,
        "FX2610-00412",
        "6栋1单元1203",
        "卫生间立管接口漏水，楼下已滴水",
        "dispatched",
        "待接单",
        "陈建国",
        "breach",
        "已超 8分",
    ),
    (
        2,
        "FX2610-00409",
        "3栋2单元502",
        "入户门锁体卡死，老人在家",
        "accepted",
        "已接单",
        "刘海波",
        "warn",
        "还剩 12分",
    ),
    (
        2,
        "FX2610-00401",
        "2栋1单元801",
        "客厅插座全部断电",
        "repairing",
        "维修中",
        "王小军",
        "running",
        "还剩 1小时40分",
    ),
    (
        3,
        "FX2610-00398",
        "8栋3单元1702",
        "主卧外窗执手松动，关不严",
        "owner_consent",
        "待业主确认",
        "孙丽",
        "paused",
        "等业主",
    ),
    (
        3,
        "FX2610-00377",
        "1栋2单元304",
        "阳台地砖空鼓三块",
        "scheduled",
        "已预约",
        "马腾",
        "running",
        "还剩 2天",
    ),
    (4, "FX2610-00351", "5栋1单元1101", "咨询橱柜门板保修期", "completed", "待回访", "—", "met", "按时"),
]


class SampleForm(KeyedForm):
    """Every kind of field once."""

    reporter = forms.CharField(label="报修人", max_length=20)
    phone = PhoneField(label="联系电话", help_text="手机或带区号的座机，系统会自动去掉空格和 +86。")
    place = forms.ChoiceField(label="部位", choices=[("", "请选择"), *PLACES])
    expected = forms.DateTimeField(label="期望上门时间", required=False, widget=DateTimeInput)
    handover = forms.DateField(label="交付日期", required=False, widget=DateInput)
    budget = forms.DecimalField(label="预估费用（元）", required=False, min_value=0, decimal_places=2)
    description = forms.CharField(label="问题描述", widget=forms.Textarea(attrs={"rows": 3}), max_length=500)
    level = forms.TypedChoiceField(label="紧急程度", choices=LEVELS, coerce=int, widget=SegmentedRadio)
    tags = forms.MultipleChoiceField(
        label="现场情况",
        required=False,
        choices=[("water", "正在漏水"), ("power", "影响用电"), ("elder", "家有老人")],
        widget=forms.CheckboxSelectMultiple,
    )
    consent = forms.BooleanField(label="业主同意先行维修，费用事后确认", required=False)
    photos = PhotosField(label="现场照片", required=False, limit=9)
    stars = forms.TypedChoiceField(
        label="满意度", coerce=int, required=False, widget=StarInput, choices=StarInput().choices
    )
    signature = SignatureField(label="业主签名")


class SampleFilter(PlainForm):
    """The filters above a list."""

    level = forms.ChoiceField(label="级别", required=False, choices=[("", "全部"), *LEVELS])
    place = forms.ChoiceField(label="部位", required=False, choices=[("", "全部"), *PLACES])
    word = forms.CharField(label="关键词", required=False)


def sample_context(*, now: datetime) -> dict[str, Any]:
    """Everything the component page needs besides its form; times lie around ``now``."""
    names = ("level", "number", "unit", "title", "state", "state_word", "worker", "clock", "clock_word")
    return {
        "filter_form": SampleFilter(),
        "tickets": [dict(zip(names, row, strict=True)) for row in TICKETS],
        "tones": TONES,
        "levels": [1, 2, 3, 4],
        "crumbs": [("管理后台", "/admin/"), ("界面组件", "")],
        "series": [12, 9, 14, 17, 11, 8, 15, 21, 18, 16, 13, 19],
        "details": [
            ("业主", "周敏（产权人）"),
            ("房号", "滨河花园 6栋1单元1203"),
            ("质保", "在保，至 2030年3月31日"),
            ("报修渠道", "电话"),
            ("空的一行", ""),
        ],
        "tabs": [
            {"label": "待受理", "url": "?tab=new", "current": True, "count": 7},
            {"label": "待复核", "url": "?tab=review", "current": False, "count": 3},
            {"label": "全部", "url": "?tab=all", "current": False, "count": None},
        ],
        "steps": [
            {"label": "登记", "state": "done", "note": "9:02"},
            {"label": "复核", "state": "done", "note": "9:05"},
            {"label": "派单", "state": "done", "note": "9:06"},
            {"label": "维修", "state": "current", "note": "进行中"},
            {"label": "验收", "state": "todo"},
            {"label": "回访", "state": "todo"},
        ],
        "events": _events(now),
        "evidence": [
            {"url": "#", "kind": "video", "caption": "漏水录像", "stage": "维修前", "taken_at": now},
            {"url": "#", "kind": "audio", "caption": "来电录音", "taken_at": now - timedelta(hours=2)},
            {"url": "#", "kind": "file", "caption": "闭水试验记录.pdf"},
        ],
        "columns": ["月份", {"label": "工单", "number": True}, {"label": "一次修复率", "number": True}],
        "figures": [["2026年8月", 412, "91.3%"], ["2026年9月", 388, "93.0%"], ["2026年10月", 437, None]],
        "yesterday": now - timedelta(days=1),
    }


def _events(now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "at": now - timedelta(minutes=6),
            "title": "到场打卡",
            "actor": "陈建国",
            "icon": "geo-alt-fill",
            "tone": "active",
            "text": "已关闭入户总阀，漏水停止。",
        },
        {
            "at": now - timedelta(minutes=41),
            "title": "派单",
            "actor": "李主管",
            "icon": "send",
            "tone": "info",
            "changes": [("维修人员", "刘海波 → 陈建国"), ("理由", "持证且距离最近")],
        },
        {
            "at": now - timedelta(days=1, hours=2),
            "title": "回访不合格，转入整改",
            "actor": "前台 张敏",
            "icon": "arrow-repeat",
            "tone": "warn",
            "round": 2,
        },
        {"at": now - timedelta(days=9), "title": "登记", "actor": "前台 张敏"},
    ]
