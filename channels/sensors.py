"""What a machine says becomes a ticket once, and is counted afterwards (IN-07, T41).

The device's row is locked first, then its estate's storm, then the ticket: one
order everywhere, so that machines which speak at once wait but never block each other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils.timezone import localtime

from channels import signing, storms
from channels.models import Alarm, AlarmKind, Device, Nonce
from core.db import joined
from estates.queries import household_of
from tickets import following, intake, workflow
from tickets.actors import Actor
from tickets.levels import Danger
from tickets.models import Channel, Port, Status, Ticket
from tickets.states import ENDED

PER_MINUTE = 60
# A device that says more than this has lost its mind; it is told to be quiet.
AT_MOST_PER_MINUTE = 600
SAY_AGAIN = timedelta(minutes=10)
SAY_CHANGE = timedelta(minutes=1)
# A machine that was cut off says later what it saw.
SAID_LATE = timedelta(minutes=5)
KEEP_NONCES = timedelta(minutes=20)
# Somebody may die of it: level 1, and never hidden in a storm.
DEADLY = {AlarmKind.TRAPPED, AlarmKind.GAS, AlarmKind.SMOKE}
ON, OFF = Alarm.State.ON, Alarm.State.OFF


class TooFast(Exception):
    """The device has spoken too often within a minute; nothing was written."""


@dataclass(frozen=True)
class Reading:
    """What a device said: a kind of alarm, on or off, with a value in its own words, and when."""

    kind: str
    state: str
    value: str
    at: datetime


@dataclass(frozen=True)
class Outcome:
    """What became of it: "opened", "counted", "joined" (a storm), "watching", "coalesced" or "idle"."""

    status: str
    ticket: Ticket | None = None
    count: int = 0


@joined
def take(*, device: Device, nonce: str, reading: Reading, at: datetime) -> Outcome:
    """Take one signed alarm. Raises signing.Replayed and TooFast, and then nothing was written."""
    device = _locked(device.pk)
    signing.spend(device, nonce, at=at)
    fast = _count_minute(device, at)
    alarm = _running(device, reading.kind)
    if alarm is None:
        return _begin(device, reading, at) if reading.state == ON else Outcome("idle")
    alarm.state, alarm.value, alarm.last_at = reading.state, reading.value, at
    alarm.counted += 1
    alarm.save(update_fields=["state", "value", "last_at", "counted"])
    if fast:
        return Outcome("coalesced", alarm.ticket, alarm.counted)
    tell(alarm, at=at)
    if alarm.ticket is None:
        return Outcome("watching", None, alarm.counted)
    return Outcome("counted", alarm.ticket, alarm.counted)


def _locked(pk: int) -> Device:
    device = Device.objects.select_for_update(of=("self",), no_key=True)
    return device.select_related("estate", "fault", "place__building", "unit__building").get(pk=pk)


def _count_minute(device: Device, at: datetime) -> bool:
    """Count this alarm in its minute; whether there were too many to act on each."""
    minute = at.replace(second=0, microsecond=0)
    device.minute_count = device.minute_count + 1 if device.minute_at == minute else 1
    if device.minute_count > AT_MOST_PER_MINUTE:
        raise TooFast
    device.minute_at, device.last_seen_at = minute, at
    device.save(update_fields=["minute_at", "minute_count", "last_seen_at"])
    return device.minute_count > PER_MINUTE


def _running(device: Device, kind: str) -> Alarm | None:
    """The fault that this device has told of already, unless its ticket has ended since."""
    alarm = device.alarms.filter(kind=kind, running=True).select_related("ticket").first()
    if alarm is None or alarm.ticket is None:
        return alarm
    ticket = _followed(alarm.ticket)
    if ticket.status in ENDED:
        alarm.running = False
        alarm.save(update_fields=["running"])
        return None
    if ticket.pk != alarm.ticket_id:
        alarm.ticket = ticket
        alarm.save(update_fields=["ticket"])
    return alarm


def _followed(ticket: Ticket) -> Ticket:
    """Where a merged ticket has gone."""
    for _ in range(10):
        if ticket.status != Status.MERGED or ticket.merged_into is None:
            break
        ticket = ticket.merged_into
    return ticket


def _begin(device: Device, reading: Reading, at: datetime) -> Outcome:
    alarm = Alarm(device=device, kind=reading.kind, value=reading.value, first_at=at, last_at=at)
    alarm.said_at = reading.at
    if _ended_lately(device, reading.kind, at):
        alarm.save()
        return Outcome("watching", None, 1)
    return open_for(alarm, at=at)


def _ended_lately(device: Device, kind: str, at: datetime) -> bool:
    """Whether the ticket of the same fault was ended only minutes ago: the machine may still flap."""
    last = device.alarms.filter(kind=kind, ticket__isnull=False).order_by("-last_at").first()
    if last is None or not device.quiet_minutes:
        return False
    event = _followed(last.ticket).events.order_by("-seq").first()
    return event is not None and at - event.at < timedelta(minutes=device.quiet_minutes)


def open_for(alarm: Alarm, *, at: datetime) -> Outcome:
    """Give a fault its ticket: a storm's, one that people reported there already, or its own.

    The device's row is locked.
    """
    taken = _taken_down(alarm, at)
    storm = None if alarm.kind in DEADLY else storms.join(alarm, taken, at=at)
    if storm:
        return Outcome("joined", storm.ticket, alarm.counted)
    reported = None if alarm.kind in DEADLY else _reported(alarm.device)
    alarm.told, alarm.told_state, alarm.told_at = alarm.counted, alarm.state, at
    alarm.ticket = reported or intake.register(intake=taken, by=_actor(alarm.device), at=at)
    alarm.save()
    if reported is None:
        return Outcome("opened", alarm.ticket, alarm.counted)
    _write_down(alarm, at)
    alarm.ticket = storms.raise_level(alarm.ticket, taken, by=_actor(alarm.device), at=at)
    return Outcome("counted", alarm.ticket, alarm.counted)


def _reported(device: Device) -> Ticket | None:
    """What people reported of the same component of the device's public place and is open, the oldest."""
    if device.place is None or device.fault is None:
        return None
    tickets = following.open_at(place=device.place, fault=device.fault)
    tickets = tickets.exclude(report__channel=Channel.SENSOR).select_related("fault")
    return tickets.order_by("registered_at", "pk").first()


def _actor(device: Device) -> Actor:
    return Actor.system(f"设备 {device.name}"[:60])


def _taken_down(alarm: Alarm, at: datetime) -> intake.Intake:
    device = alarm.device
    homes = household_of(device.unit) if device.unit else []
    owner = homes[0].owner if homes else None
    words = f"设备“{device.name}”（{device.code}）告警：{AlarmKind(alarm.kind).label}"
    if at - alarm.said_at > SAID_LATE:
        words += f"（设备时间 {localtime(alarm.said_at):%m-%d %H:%M}，补报）"
    return intake.Intake(
        estate=device.estate,
        started_at=at,
        channel=Channel.SENSOR,
        port=Port.REPAIR,
        unit=device.unit,
        place=device.place,
        owner=owner,
        reporter_name=owner.name if owner else f"设备 {device.name}"[:60],
        reporter_phone=owner.phone if owner else "",
        fault=device.fault,
        description=f"{words}{f'，数值 {alarm.value}' if alarm.value else ''}。",
        wanted="尽快",
        dangers=(Danger.PERSON_AT_RISK,) if alarm.kind in DEADLY else (),
    )


def tell(alarm: Alarm, *, at: datetime) -> bool:
    """Write into the ticket's history what it does not say yet, not more often than people can read.

    A change of state after a minute, more of the same after ten; a storm's ticket
    lists its devices instead.
    """
    if alarm.ticket is None or alarm.in_storm or alarm.told == alarm.counted or alarm.told_at is None:
        return False
    wait = SAY_CHANGE if alarm.state != alarm.told_state else SAY_AGAIN
    if at - alarm.told_at < wait:
        return False
    _write_down(alarm, at)
    alarm.told, alarm.told_state, alarm.told_at = alarm.counted, alarm.state, at
    alarm.save(update_fields=["told", "told_state", "told_at"])
    return True


def _write_down(alarm: Alarm, at: datetime) -> None:
    """The alarm as it stands, in the ticket's history."""
    label, word = AlarmKind(alarm.kind).label, alarm.get_state_display()
    value = f"，数值 {alarm.value}" if alarm.value else ""
    workflow.note(
        ticket=alarm.ticket,
        name="alarm",
        by=_actor(alarm.device),
        at=at,
        reason=f"{label}：{word}{value}，累计上报 {alarm.counted} 次",
        payload={"device": alarm.device.code, "kind": alarm.kind, "state": alarm.state}
        | {"value": alarm.value, "count": alarm.counted},
    )


def look_after(*, at: datetime) -> int:
    """Each minute: open what was watched and did not recover, say what is not said; returns how many."""
    Nonce.objects.filter(at__lt=at - KEEP_NONCES).delete()
    return sum(_settle(pk, device_id, at) for pk, device_id in _unsettled(at)) + storms.tell_all(at=at)


def _unsettled(at: datetime) -> list[tuple[int, int]]:
    silent = Q(told__lt=F("counted"), told_at__lt=at - SAY_CHANGE, in_storm=False)
    over = Q(ticket__status__in=[status for status in ENDED if status != Status.MERGED])
    found = Alarm.objects.filter(running=True).filter(silent | over | Q(ticket__isnull=True))
    return list(found.order_by("pk").values_list("pk", "device_id"))


@joined
def _settle(pk: int, device_id: int, at: datetime) -> bool:
    device = _locked(device_id)
    alarm = Alarm.objects.select_related("ticket").get(pk=pk)
    alarm.device = device
    if alarm.ticket and _followed(alarm.ticket).status not in ENDED:
        alarm.ticket = _followed(alarm.ticket)
        return tell(alarm, at=at)
    if alarm.running and alarm.ticket is None and alarm.state == ON:
        waited = at - alarm.first_at >= timedelta(minutes=device.quiet_minutes)
        return waited and bool(open_for(alarm, at=at))
    recovered = alarm.ticket is None and at - alarm.last_at >= timedelta(minutes=device.quiet_minutes)
    if alarm.running and (alarm.ticket or recovered):
        alarm.running = False
        alarm.save(update_fields=["running"])
        return True
    return False
