"""Where machines post their alarms: no session, no cookie, a signature instead (IN-07, T40)."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from channels import sensors, signing
from channels.bodies import body_within
from channels.forms.sensors import AlarmForm, Unreadable
from core.throttle import too_many

MAX_BODY = 16 * 1024
# Refused signatures from one address; true ones from there are never held up.
FORGERIES_PER_MINUTE = 120


@csrf_exempt
@login_not_required
@require_POST
def alarm(request: HttpRequest) -> JsonResponse:
    """Take one alarm; every answer is JSON and says what became of it (docs/sensors.md)."""
    body = body_within(request, MAX_BODY)
    if body is None:
        return _refused(413, "too_large", f"请求体超过 {MAX_BODY // 1024} KB。")
    at = now()
    try:
        device, nonce = signing.sender(request.headers, body, at=at)
    except signing.Forged as error:
        if too_many(request, "alarm", limit=FORGERIES_PER_MINUTE, seconds=60):
            return _refused(429, "too_many", "签名错误次数过多，请一分钟后再试。", retry=60)
        return _refused(401, error.code, error.message)
    try:
        form = AlarmForm(body, signer=device.code, now=at)
    except Unreadable as error:
        return _refused(422, "unreadable", str(error))
    if not form.is_valid():
        wrong = {name: [str(each) for each in found] for name, found in form.errors.items()}
        return _refused(422, "invalid", "内容有误，见 fields。", fields=wrong)
    return _take(device, nonce, form, at)


def _take(device, nonce: str, form: AlarmForm, at) -> JsonResponse:
    data = form.cleaned_data
    reading = sensors.Reading(data["kind"], data["state"], data["value"], data["at"])
    try:
        outcome = sensors.take(device=device, nonce=nonce, reading=reading, at=at)
    except signing.Replayed:
        return _refused(409, "replayed", "这个 X-Nonce 已经用过：每次上报都要换新的随机串。")
    except sensors.TooFast:
        return _refused(429, "too_many", "这台设备一分钟内上报过多，请稍后再报。", retry=60)
    number = outcome.ticket.number if outcome.ticket else None
    answer = {"status": outcome.status, "ticket": number, "count": outcome.count}
    return JsonResponse(answer, status=201 if outcome.status == "opened" else 200)


def _refused(status: int, code: str, message: str, *, retry: int = 0, **more: Any) -> JsonResponse:
    # Readable in the log of a device that nobody has a JSON reader for.
    words = {"error": code, "message": message, **more}
    answer = JsonResponse(words, status=status, json_dumps_params={"ensure_ascii": False})
    if retry:
        answer.headers["Retry-After"] = str(retry)
    return answer
