"""Messages of people who follow the service account become drafts at the desk (IN-01).

Whoever reports writes a line and then sends photos: what one person sends within
half an hour, before somebody at the desk takes it up, is one draft.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from channels import tally
from channels.models import WeChatMessage
from channels.tally import Limit
from channels.wechat import safe
from core.db import joined
from core.queue import wake
from notices import delivery
from notices.models import WeChatUser
from tickets import incoming
from tickets.models import Channel, Incoming

ONE_STORY = timedelta(minutes=30)
PICTURES = {"image": "照片", "voice": "语音", "video": "视频", "shortvideo": "视频"}

WELCOME = (
    "您好，这里是房修服务。点击下方菜单“我要报修”填写报修，也可以直接把问题和照片发给我们，客服会为您登记。"
)
TAKEN = (
    "已收到您的报修，客服会尽快为您登记并回复单号。请补充小区、楼栋房号和联系电话，可以继续发送照片。"
    "如遇燃气、触电、大量漏水等紧急情况，请立即拨打物业服务热线。"
)
ADDED = "已补充到您刚才的报修中。"
NOT_READ = "暂时无法处理这类消息，请发送文字或照片，或点击下方菜单“我要报修”。"


@joined
def take_once(message: Mapping[str, str], *, mark: str, at: datetime) -> str:
    """`take`, unless something with this mark (its signature) was taken within the life of a signature.

    A message that is sent again, by WeChat or by somebody else, changes nothing and gets no words.
    """
    seen = Limit(tally.private("wechat", mark), 1, 2 * safe.TOLERANCE_SECONDS)
    return "" if tally.count(seen, at=at) > seen.most else take(message, at=at)


@joined
def take(message: Mapping[str, str], *, at: datetime) -> str:
    """Keep what somebody sent and return the words to answer at once; "" for none.

    A second delivery of a message changes nothing and gets no words.
    """
    openid, kind = message.get("FromUserName", "")[:64], message.get("MsgType", "")[:20]
    if not openid:
        return ""
    if kind == "event":
        return _event(openid, message)
    # The row of the person is locked: two messages at once still make one draft.
    WeChatUser.objects.get_or_create(openid=openid)
    person = WeChatUser.objects.select_for_update().get(openid=openid)
    if kind not in {"text", "location", *PICTURES}:
        return NOT_READ
    msg_id = message.get("MsgId", "")[:64]
    if not msg_id or WeChatMessage.objects.filter(pk=msg_id).exists():
        return ""
    draft, created = _draft(person, msg_id, _words(kind, message), at)
    media_id = message.get("MediaId", "")[:200] if kind in PICTURES else ""
    WeChatMessage.objects.create(
        msg_id=msg_id,
        openid=openid,
        kind=kind,
        incoming=draft,
        media_id=media_id,
        came_at=at,
        fetch_at=at if media_id else None,
    )
    if media_id:
        wake("channels.tasks.fetch_wechat_media")
    return TAKEN if created else ADDED


def _event(openid: str, message: Mapping[str, str]) -> str:
    event = message.get("Event", "").lower()
    if event in {"subscribe", "unsubscribe"}:
        following = event == "subscribe"
        WeChatUser.objects.update_or_create(openid=openid, defaults={"subscribed": following})
        return WELCOME if following else ""
    status, msg_id = message.get("Status", "").lower(), message.get("MsgID", "")
    if event == "templatesendjobfinish" and msg_id and status != "success":
        delivery.wechat_failed(openid=openid, provider_id=msg_id, reason=status)
    return ""


def _words(kind: str, message: Mapping[str, str]) -> str:
    if kind == "text":
        return message.get("Content", "").strip()
    if kind == "location":
        return f"[位置] {message.get('Label', '')}".strip()
    return message.get("Recognition", "").strip()


def _draft(person: WeChatUser, msg_id: str, words: str, at: datetime) -> tuple[Incoming, bool]:
    """The draft that this person is still adding to, or a new one."""
    last = (
        WeChatMessage.objects.filter(openid=person.openid, came_at__gt=at - ONE_STORY)
        .order_by("-came_at")
        .first()
    )
    if last:
        draft = incoming.locked(last.incoming_id)
        # Once somebody at the desk has taken it up, what comes now is another story.
        if draft.state == Incoming.State.NEW:
            incoming.add_words(incoming=draft, words=words)
            return draft, False
    letter = incoming.Letter(
        channel=Channel.WECHAT,
        external_id=msg_id,
        sender=incoming.Sender(phone=person.phone, openid=person.openid),
        text=words,
    )
    return incoming.receive(letter, at=at)
