"""The sensor flood: 5,000 signed alarms of 500 devices within a minute, while two people read (T41).

`measure` runs it against the production server; `python -m bench.alarms` registers the devices,
in a process of its own that has the server's key (their secrets come from it).
"""

import hashlib
import hmac
import json
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from tempfile import gettempdir

import psycopg

from bench import client, place
from bench.client import Answer, Connection, Run, WrongAnswer
from bench.desk import Desk, shows

NAME = "sensor flood"
DEVICES, ALARMS, SECONDS = 500, 5_000, 60
READERS, SENDERS, QUIET = 2, 8, 15
GOAL_MS = 1_000
# A fault is lost when its device has no ticket for it, or was heard less often than it was answered.
FOUND = """
SELECT count(*), coalesce(sum(counted), 0), count(DISTINCT ticket_id),
       count(*) FILTER (WHERE ticket_id IS NULL)
  FROM channels_alarm alarm JOIN channels_device device ON device.id = alarm.device_id
 WHERE device.code LIKE 'FLOOD-%'"""


@dataclass(frozen=True)
class Flood:
    """Answers by status, seconds, tickets, lost faults, and what the two readers felt without and with it."""

    answers: dict[str, int]
    seconds: float
    tickets: int
    lost: int
    quiet: Run
    flooded: Run

    @property
    def reached(self) -> bool:
        """Whether all alarms came through in time, none was lost, and the desk was served."""
        taken = sum(self.answers.values()) == ALARMS and self.seconds < SECONDS + 1
        kept = self.tickets <= DEVICES and self.lost == 0
        return taken and kept and self.flooded.latency_ms(0.95) < GOAL_MS

    def kept(self) -> dict:
        """For the file of results."""
        runs = {"without": self.quiet, "with": self.flooded}
        return {
            "answers": self.answers,
            "seconds": round(self.seconds, 1),
            "tickets": self.tickets,
            "lost": self.lost,
            "readers_p95_ms": {name: round(run.latency_ms(0.95), 1) for name, run in runs.items()},
        }


def measure(desk: Desk) -> Flood:
    """Two people read alone, then during the flood; prints two lines."""
    devices = _registered(desk.url)
    client.run(_reading(desk), concurrency=READERS, seconds=2)
    quiet = client.run(_reading(desk), concurrency=READERS, seconds=QUIET)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(client.run, _reading(desk), concurrency=READERS, seconds=SECONDS)
        answers, seconds = _send_all(desk, devices)
        flooded = reading.result()
    lost, tickets = _lost(desk.url, sum(answers.values()))
    flood = Flood(dict(answers), seconds, tickets, lost, quiet, flooded)
    _print(flood)
    return flood


def _registered(url: str) -> list[tuple[str, str]]:
    """Code and secret of every device, made by this module's other half."""
    command = [sys.executable, "-m", "bench.alarms"]
    environment = place.production(url, Path(gettempdir()))
    answer = subprocess.run(command, cwd=place.ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return [tuple(each) for each in json.loads(answer.stdout.splitlines()[-1])]


def _reading(desk: Desk) -> Callable[[], Callable[[], None]]:
    """A worker that reads the list and pages of tickets by turns, as people do who look something up."""
    numbers = count()

    def worker() -> Callable[[], None]:
        connection = Connection(desk.address)

        def act() -> None:
            number = next(numbers)
            if number % 2:
                shows("经过".encode(), 1)(connection.ask(desk.ticket_page(number)))
            else:
                shows(b"data-row", 50)(connection.ask(desk.list_page(number)))

        return act

    return worker


def _send_all(desk: Desk, devices: list[tuple[str, str]]) -> tuple[Counter[str], float]:
    """Send every alarm at its moment of the minute, from some connections; answers by status, and seconds."""
    alarms = devices * (ALARMS // len(devices))
    Random(3).shuffle(alarms)
    begun = time.perf_counter()
    due = iter([(begun + SECONDS * number / ALARMS, *each) for number, each in enumerate(alarms)])
    with ThreadPoolExecutor(SENDERS) as pool:
        # A list's iterator gives each alarm to one thread only.
        parts = list(pool.map(lambda _: _send_some(desk, due), range(SENDERS)))
    return sum(parts, Counter()), time.perf_counter() - begun


def _send_some(desk: Desk, due: Iterator[tuple[float, str, str]]) -> Counter[str]:
    connection, answers = Connection(desk.address), Counter[str]()
    for moment, code, secret in due:
        time.sleep(max(0.0, moment - time.perf_counter()))
        answers[_said(connection.ask(_signed(code, secret)))] += 1
    return answers


def _signed(code: str, secret: str) -> bytes:
    # As docs/sensors.md tells those who build devices.
    body = json.dumps({"device": code, "kind": "leak", "state": "on", "value": "水位 3 cm"}).encode()
    timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
    words = f"{timestamp}\n{nonce}\n".encode() + body
    signature = hmac.new(secret.encode(), words, hashlib.sha256).hexdigest()
    named = {"Device": code, "Timestamp": timestamp, "Nonce": nonce, "Signature": signature}
    return client.message("POST", "/api/alarms/", host=place.HOST, form=body, device=named)


def _said(answer: Answer) -> str:
    if answer.status not in {200, 201}:
        raise WrongAnswer(f"{answer.status}: {answer.body.decode(errors='replace')[:200]}")
    return json.loads(answer.body)["status"]


def _lost(url: str, sent: int) -> tuple[int, int]:
    """Faults without a ticket and alarms that nobody counted, and how many tickets there are."""
    with psycopg.connect(url) as connection:
        found = connection.execute(FOUND).fetchone()
    assert found
    faults, counted, tickets, orphans = found
    return DEVICES - faults + orphans + sent - int(counted), tickets


def _print(flood: Flood) -> None:
    said = ", ".join(f"{number} {status}" for status, number in sorted(flood.answers.items()))
    sent = f"{sum(flood.answers.values())} alarms of {DEVICES} devices in {flood.seconds:.1f} s ({said})"
    print(f"{NAME}: {sent}; {flood.tickets} tickets, {flood.lost} faults lost")
    with_it, without = (run.latency_ms(0.95) for run in (flood.flooded, flood.quiet))
    ratio = f"{with_it / without:.1f} times the same without it ({without:.0f} ms)"
    print(
        f"{NAME}: {READERS} people at the desk, p95 {with_it:.0f} ms, {ratio}"
        f"  goal < {GOAL_MS} ms  {'ok' if flood.reached else 'RED'}"
    )


def main() -> None:
    """Register the devices in the database of DATABASE_URL and print their secrets as JSON."""
    import django

    django.setup()
    from django.utils.timezone import now

    from accounts.models import User
    from channels import devices
    from channels.models import Device
    from estates.models import Building, PublicPlace
    from knowledge.models import FaultCategory

    buildings = list(Building.objects.select_related("estate").order_by("pk"))
    fault = FaultCategory.objects.filter(active=True, default_level__gt=1).order_by("pk").first()
    by, made = User.objects.get(username="engineer"), []
    for number in range(DEVICES):
        building = buildings[number % len(buildings)]
        spot = PublicPlace.objects.create(
            estate=building.estate, building=building, name=f"压测 {number} 号井"
        )
        code = f"FLOOD-{number}"
        device = Device.objects.create(
            code=code, name=f"水浸探头{number}", estate=building.estate, place=spot, fault=fault
        )
        secret = devices.renew_secret(device=device, by=by, at=now())
        made.append([code, secret])
    print(json.dumps(made))


if __name__ == "__main__":
    main()
