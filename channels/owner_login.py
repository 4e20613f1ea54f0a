"""Signing in with a code by SMS: no password, no account, only a phone that is in the hand (T06–T09).

Everybody gets the same answer: whether a phone is in the book of any estate is
not looked up before its code was right.
"""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from accounts.queries import everyone_with
from channels import captcha, tally
from channels.models import LoginCode
from channels.tally import Full, Limit
from core.db import joined
from core.rows import insert
from notices.outbox import Recipient, post
from tickets import links

logger = logging.getLogger(__name__)

LOGIN = "login"
LIFE = timedelta(minutes=5)
TRIES_PER_CODE, WRONG_PER_DAY = 5, 10
# So many codes a phone or an address gets unasked within each window that is counted.
UNASKED = 2
MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
_ROUNDS = 50_000
# What a session keeps: the phone whose code is awaited, and a secret that binds the code to the session.
WAITING, HOLDER = "owner_login_phone", "owner_login_holder"
# How the session wants its captcha (see `channels.views.owner_captcha`), once it has to answer one.
CAPTCHA = "owner_login_captcha"

WRONG = "验证码不正确或已过期，请核对短信后重新输入，或重新获取。"
LOCKED = "今天输错次数过多，这个手机号暂停短信登录。急用请拨打小区服务热线，或明天再试。"


class Refused(Exception):
    """No code was sent; the text says in Chinese why and when to try again."""


class CaptchaNeeded(Exception):
    """No code was sent: this phone or address has had two, so that a person must show themselves first."""


@joined
def send_code(*, phone: str, holder: str, ip: str, estate_id: int | None = None, at: datetime) -> None:
    """Send a new code to this phone, for the session that holds `holder` (T06, T07).

    Raises Refused when phone, address, estate or the whole house had enough of them,
    CaptchaNeeded when the session has to answer one before (`channels.captcha`); nothing is counted then.
    """
    limits = _limits(phone, ip, estate_id)
    try:
        counts = tally.take(limits, at=at)
    except Full as full:
        raise Refused(_words(full.limit)) from None
    if _is_many(limits, counts) and not captcha.spend(holder, at=at):
        raise CaptchaNeeded
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = insert(
        LoginCode(
            phone=phone,
            purpose=LOGIN,
            holder=_fingerprint(holder),
            digest=_digest(code, phone, holder),
            created_at=at,
            expires_at=at + LIFE,
        )
    )
    post(
        template="N18",
        key=f"login:{row.pk}",
        recipients=[Recipient.phone(phone)],
        values={"验证码": code},
        at=at,
    )
    _watch_budget(counts["code:house"], at)


@joined
def check_code(*, phone: str, holder: str, code: str, at: datetime) -> str:
    """Compare a code with the newest one of this phone and session; "" when right, else what to tell.

    A code is compared five times at most and right once; ten wrong ones in a day
    end the day for this phone (T06).
    """
    wrong = Limit(tally.private("wrong", phone), WRONG_PER_DAY, DAY)
    # Counted before comparing: all guesses at one phone wait here for each other.
    if tally.count(wrong, at=at) > wrong.most:
        tally.give_back(wrong)
        return LOCKED
    row = (
        LoginCode.objects.select_for_update()
        .filter(phone=phone, purpose=LOGIN, holder=_fingerprint(holder))
        .order_by("-pk")
        .first()
    )
    given = _digest(code, phone, holder)
    if row is None or row.used_at or row.expires_at <= at or row.tries >= TRIES_PER_CODE:
        tally.give_back(wrong)
        return WRONG
    row.tries += 1
    right = hmac.compare_digest(row.digest, given)
    if right:
        row.used_at = at
        tally.give_back(wrong)
    row.save(update_fields=["tries", "used_at"])
    return "" if right else WRONG


def holder_of(request: HttpRequest) -> str:
    """The secret that binds codes to this session; drawn when there is none."""
    return request.session.setdefault(HOLDER, secrets.token_urlsafe(24))


def sign_in(request: HttpRequest, phone: str) -> None:
    """Let this session act for the phone: a new key, so that no planted session is let in (T29)."""
    request.session.cycle_key()
    _drop(request)
    links.prove_phone(request, phone)


def sign_out(request: HttpRequest) -> None:
    """Forget the phone and every ticket it opened."""
    links.forget(request)
    _drop(request)
    request.session.cycle_key()


def _drop(request: HttpRequest) -> None:
    for name in (WAITING, HOLDER, CAPTCHA):
        request.session.pop(name, None)


def purge(*, before: datetime) -> int:
    """Delete codes and counters from before this time; returns how many."""
    codes, _ = LoginCode.objects.filter(created_at__lt=before).delete()
    return codes + captcha.purge(before=before) + tally.purge(before=before)


def _limits(phone: str, ip: str, estate_id: int | None) -> list[Limit]:
    found = [
        Limit(tally.private("code:minute", phone), 1, MINUTE),
        Limit(tally.private("code:hour", phone), 5, HOUR),
        Limit(tally.private("code:day", phone), 10, DAY),
        Limit(tally.private("code:ip-hour", ip), settings.OWNER_CODES_PER_IP_HOUR, HOUR),
        Limit(tally.private("code:ip-day", ip), settings.OWNER_CODES_PER_IP_DAY, DAY),
        Limit("code:house", settings.OWNER_CODES_PER_DAY, DAY),
    ]
    if estate_id:
        found.append(Limit(f"code:estate:{estate_id}", 300, HOUR))
    return found


# Counters whose third code needs a person.
_ASKED = {"code:hour", "code:day", "code:ip-hour", "code:ip-day"}


def _is_many(limits: list[Limit], counts: Mapping[str, int]) -> bool:
    """Whether a phone or an address is past what it gets unasked."""
    return any(counts[limit.name] > UNASKED for limit in limits if _kind(limit) in _ASKED)


def _kind(limit: Limit) -> str:
    return limit.name.rpartition(":")[0]


def _words(limit: Limit) -> str:
    kind = _kind(limit)
    if kind == "code:minute":
        return "验证码刚刚发送过，请一分钟后再获取。"
    if kind in {"code:hour", "code:day"}:
        return "这个手机号获取验证码的次数太多，请稍后再试，或拨打小区服务热线报修。"
    return "现在获取验证码的人太多，请稍后再试，或拨打小区服务热线报修。"


def _watch_budget(sent: int, at: datetime) -> None:
    """Tell the managers when half of the day's codes are used, and when all are (T07)."""
    budget = settings.OWNER_CODES_PER_DAY
    if sent not in {budget // 2, budget}:
        return
    logger.error("%s of %s sign-in codes of the day are sent", sent, budget)
    watchers = everyone_with(permission="notices.view_message")
    post(
        template="W20",
        key=f"codes:{at:%y%m%d%H}:{sent}",
        recipients=[Recipient.staff(pk) for pk in watchers.values_list("pk", flat=True)],
        values={"数量": str(sent), "内容": str(budget)},
        at=at,
    )


def _fingerprint(holder: str) -> str:
    return hashlib.sha256(holder.encode()).hexdigest()


def _digest(code: str, phone: str, holder: str) -> str:
    """Slow, and with the house's key in it: a stolen table gives no codes away."""
    text = f"{LOGIN}:{phone}:{holder}:{code}".encode()
    return hashlib.pbkdf2_hmac("sha256", text, settings.SECRET_KEY.encode(), _ROUNDS).hex()
