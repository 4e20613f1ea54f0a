"""Names, phone numbers and the words of callers."""

from random import Random

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉萍红飞鹏辉梅琳宇浩然欣怡子涵雨轩"


def person(random: Random) -> str:
    """A Chinese name."""
    return random.choice(SURNAMES) + "".join(random.sample(GIVEN, random.choice([1, 2])))


def phone(random: Random) -> str:
    """A mobile number of a range that no operator gives out."""
    return f"1{random.choice('3578')}000{random.randrange(10**6):06d}"


SINCE = ["今天早上", "昨天晚上", "前天", "上周开始", "下雨以后", "刚刚"]
ASKS = [
    "麻烦尽快安排师傅上门看看。",
    "家里白天有人。",
    "希望周末过来。",
    "已经自己处理过一次，没有用。",
    "请先电话联系。",
]


def description(random: Random, *, area: str, component: str, fault: str) -> str:
    """What a caller would say of a fault."""
    where = _joined(area.split("/")[0], component.split("/")[0])
    return f"{random.choice(SINCE)}发现{where}有问题：{fault}。{random.choice(ASKS)}"


def _joined(area: str, part: str) -> str:
    """Area and part as one word, what both say said once: 外墙 and 外墙保温层, 户内排水 and 排水管."""
    if area in part:
        return part
    shared = max(n for n in range(len(part) + 1) if area.endswith(part[:n]))
    return area + part[shared:]
