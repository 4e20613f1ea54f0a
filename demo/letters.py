"""Mails and WeChat messages that wait at the desk, and one that was put aside (IN-01)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from accounts.models import User
from demo import names, pictures
from estates.models import Estate, Household
from tickets import incoming
from tickets.actors import Actor
from tickets.models import Channel

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
    _put_aside(random, now, by)


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
