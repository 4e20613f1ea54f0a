"""Mails and WeChat messages that wait at the desk, some that became tickets, and one put aside (IN-01)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from accounts.models import User
from demo import names, pictures
from estates.models import Estate, Household
from knowledge.models import FaultCategory
from tickets import incoming, intake
from tickets.actors import Actor
from tickets.models import Channel, Port

# Channel, minutes ago, subject, words ({room} and {phone} are of the sender's home), pictures.
WAITING = [
    (
        Channel.EMAIL,
        95,
        "主卧飘窗渗水",
        "您好，我是{room}业主。前天下雨后发现主卧飘窗左下角渗水，墙纸已经鼓包，照片见附件。"
        "平时白天有人在家，麻烦安排师傅上门看看。联系电话 {phone}，谢谢！",
        ["飘窗渗水1.jpg", "飘窗渗水2.jpg"],
    ),
    (
        Channel.WECHAT,
        40,
        "",
        "{room}，厨房水槽下面一直滴水，盆都接满了\n电话{phone}",
        ["微信照片"],
    ),
    (
        Channel.EMAIL,
        25,
        "Re: 关于地下车库照明",
        "三号楼地下车库靠电梯厅那一排灯坏了好几天，晚上很黑，请维修。",
        [],
    ),
    (Channel.WECHAT, 6, "", "入户门把手松了，关不严", ["微信照片"]),
]

# Channel, minutes ago, words, the fault's code: registered by the desk since.
TAKEN = [
    (Channel.EMAIL, 48, "北卧室窗台下面墙皮鼓包掉粉，下雨后更明显，照片见附件，请安排人看看。", "PL04"),
    (Channel.WECHAT, 17, "客厅开关按下去没反应，灯不亮", "EL06"),
]


def write(*, random: Random, now: datetime, estates: Sequence[Estate], by: User) -> None:
    """A handful of drafts of the last two hours, the oldest first."""
    for number, (channel, minutes, subject, words, photos) in enumerate(WAITING):
        home = _home(random, estates)
        known = {"phone": home.owner.phone, "room": f"{home.unit.building.name}{home.unit.room}"}
        sender = incoming.Sender(
            name=home.owner.name if channel == Channel.EMAIL else "",
            address=f"owner{number}@example.cn" if channel == Channel.EMAIL else "",
            openid="" if channel == Channel.EMAIL else f"demo-openid-{number}",
        )
        letter = incoming.Letter(
            channel=channel,
            external_id=f"demo-{number}",
            sender=sender,
            subject=subject,
            text=words.format(**known),
            files=pictures.examined(*(pictures.photo(70 + number, name) for name in photos)),
            remarks=["「现场说明.docx」的内容是 DOCX 文件，没有保留，请到邮箱查看。"] if number == 0 else [],
            reply_to_id=f"<demo-{number}@example.cn>" if channel == Channel.EMAIL else "",
        )
        incoming.receive(letter, at=now - timedelta(minutes=minutes))
    for number, told in enumerate(TAKEN):
        _take(_home(random, estates), *told, number=number, now=now, by=Actor.staff(by))
    _put_aside(random, now, by)


def _take(home: Household, channel, minutes, words, code, *, number: int, now: datetime, by: Actor) -> None:
    """A message that was registered a few minutes after it came."""
    owner, unit = home.owner, home.unit
    mailed = channel == Channel.EMAIL
    sender = incoming.Sender(
        name=owner.name,
        phone=owner.phone,
        address=f"taken{number}@example.cn" if mailed else "",
        openid="" if mailed else f"demo-openid-taken-{number}",
    )
    letter = incoming.Letter(
        channel=channel,
        external_id=f"demo-taken-{number}",
        sender=sender,
        subject="报修" if mailed else "",
        text=words,
        files=pictures.examined(pictures.photo(80 + number, "现场照片")),
        reply_to_id=f"<demo-taken-{number}@example.cn>" if mailed else "",
    )
    received = now - timedelta(minutes=minutes)
    row, _ = incoming.receive(letter, at=received)
    at = received + timedelta(minutes=5)
    taken = intake.Intake(
        estate=unit.building.estate,
        started_at=at - timedelta(minutes=1),
        channel=channel,
        port=Port.SERVICE,
        unit=unit,
        owner=owner,
        reporter_name=owner.name,
        reporter_phone=owner.phone,
        fault=FaultCategory.objects.get(code=code),
        description=words,
        wanted="由师傅电话约定",
    )
    ticket = intake.register(intake=taken, by=by, at=at)
    incoming.take(incoming=incoming.claim(row.pk), ticket=ticket, by=by, at=at)


def _home(random: Random, estates: Sequence[Estate]) -> Household:
    homes = Household.objects.filter(unit__estate=random.choice(list(estates)))
    return random.choice(homes.select_related("owner", "unit__building").order_by("pk")[:400])


def _put_aside(random: Random, now: datetime, by: User) -> None:
    letter = incoming.Letter(
        channel=Channel.EMAIL,
        external_id="demo-advert",
        sender=incoming.Sender(name=f"{names.person(random)}（装修建材）", address="sale@example.cn"),
        subject="建材特惠",
        text="瓷砖地板厂家直供，量大从优，欢迎来电。",
    )
    row, _ = incoming.receive(letter, at=now - timedelta(hours=5))
    actor = Actor.staff(by)
    incoming.dismiss(pk=row.pk, reason="广告或垃圾信息", by=actor, at=now - timedelta(hours=4))
