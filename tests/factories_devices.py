"""Machines for tests: registered, with a secret, and signed requests of theirs."""

import json
import secrets
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils.timezone import now

from channels import devices
from channels.models import Device
from channels.signing import sign
from tests.factories_estates import PublicPlaceFactory
from tests.house import House

URL = "/api/alarms/"


def device_of(house: House, code: str = "LEAK-01", **fields: Any) -> Device:
    """A machine in a lobby of the house, able to sign."""
    place = fields.pop("place", None) or PublicPlaceFactory(building=house.household.unit.building)
    facts = {"name": f"水浸探头{code}", "estate": house.estate, "place": place, "fault": house.fault}
    device = Device.objects.create(code=code, **facts | fields)
    devices.renew_secret(device=device, by=house.worker.user, at=now())
    return device


def signed(device: Device, body: Any = None, **changes: Any) -> dict[str, Any]:
    """What `Client.post` takes for one alarm; `changes` spoil header values by name."""
    told = {"device": device.code, "kind": "leak", "state": "on"} | (body if isinstance(body, dict) else {})
    raw = body if isinstance(body, bytes) else json.dumps(told).encode()
    timestamp = changes.pop("timestamp", str(int((now() + changes.pop("ago", timedelta())).timestamp())))
    nonce = changes.pop("nonce", secrets.token_hex(16))
    good = sign(secret=device.secrets()[0], timestamp=timestamp, nonce=nonce, body=raw)
    headers = {
        "X-Device": changes.pop("code", device.code),
        "X-Timestamp": changes.pop("sent_timestamp", timestamp),
        "X-Nonce": changes.pop("sent_nonce", nonce),
        "X-Signature": changes.pop("signature", good),
    }
    sent = changes.pop("sent_body", raw)
    return {"data": sent, "content_type": "application/json", "headers": headers}


def post(device: Device, body: Any = None, **changes: Any):
    """The answer to one alarm."""
    return Client().post(URL, **signed(device, body, **changes))
