"""Many devices of an estate at once are one event: one ticket carries them, and lists each (T41)."""

from datetime import datetime, timedelta

from django.db import connection

from channels.models import Alarm, AlarmKind, Storm
from estates.models import PublicPlace
from tickets import intake, workflow
from tickets.actors import Actor
from tickets.models import Ticket
from tickets.states import ENDED

WITHIN = timedelta(minutes=5)
# So many devices may open tickets of their own before the next one makes it a storm.
DEVICES = 5
# A storm takes in no more once it was quiet for so long.
LASTS = timedelta(minutes=30)
SAY_AGAIN = timedelta(minutes=1)
PLACE = "多处公共部位"
_LOCK = 0x73746F72  # "stor"


def join(alarm: Alarm, taken: intake.Intake, *, at: datetime) -> Storm | None:
    """Count a new fault on the estate's storm, beginning one when it is due; None when there is none."""
    estate_id = alarm.device.estate_id
    with connection.cursor() as cursor:
        # Devices that speak at once: each must see what the ones before it have opened.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, estate_id])
    storm = _blowing(estate_id, at) or (_begin(alarm, taken, at) if _many(alarm, at) else None)
    if storm is None:
        return None
    alarm.ticket, alarm.in_storm = storm.ticket, True
    alarm.save()
    storm.last_at = at
    storm.save(update_fields=["last_at"])
    storm.ticket = raise_level(storm.ticket, taken, by=_ACTOR, at=at)
    _tell(storm, at)
    return storm


def _blowing(estate_id: int, at: datetime) -> Storm | None:
    found = Storm.objects.filter(estate=estate_id, last_at__gte=at - LASTS).exclude(ticket__status__in=ENDED)
    return found.select_related("ticket").order_by("-began_at").first()


def _many(alarm: Alarm, at: datetime) -> bool:
    others = Alarm.objects.filter(
        device__estate=alarm.device.estate_id, ticket__registered_at__gt=at - WITHIN, in_storm=False
    )
    return others.exclude(device=alarm.device_id).values("device").distinct().count() >= DEVICES


def _begin(alarm: Alarm, taken: intake.Intake, at: datetime) -> Storm:
    estate = alarm.device.estate
    place, _ = PublicPlace.objects.get_or_create(estate=estate, building=None, name=PLACE)
    minutes = WITHIN.seconds // 60
    whole = intake.Intake(
        estate=estate,
        started_at=taken.started_at,
        channel=taken.channel,
        port=taken.port,
        place=place,
        reporter_name="设备群发告警",
        fault=taken.fault,
        description=f"{minutes} 分钟内多台设备同时告警，首个归入：{taken.description}其余设备见“设备告警”。",
        wanted="尽快",
    )
    ticket = intake.register(intake=whole, by=_ACTOR, at=at)
    return Storm.objects.create(estate=estate, ticket=ticket, began_at=at, last_at=at, told_at=at)


_ACTOR = Actor.system("设备群发告警")


def raise_level(ticket: Ticket, taken: intake.Intake, *, by: Actor, at: datetime) -> Ticket:
    """The ticket, as urgent as the most urgent of the faults that are counted on it."""
    level = taken.fault.default_level if taken.fault else 3
    if level >= ticket.level:
        return ticket
    why = f"归入的设备告警“{taken.fault.fault}”默认{level}级"
    return workflow.note(
        ticket=ticket,
        name="change_level",
        by=by,
        at=at,
        reason=why,
        payload={"level": level, "from": ticket.level},
        level=level,
        level_reason=why[:200],
    )


def _tell(storm: Storm, at: datetime) -> bool:
    """Say in the ticket's history how many devices it carries, once a minute at most."""
    carried = Alarm.objects.filter(ticket=storm.ticket_id, in_storm=True)
    count = carried.count()
    if count == storm.told or at - storm.told_at < SAY_AGAIN:
        return False
    kinds = carried.order_by("kind").values_list("kind", flat=True).distinct()
    named = "、".join(AlarmKind(kind).label for kind in kinds)
    workflow.note(
        ticket=storm.ticket,
        name="alarm",
        by=_ACTOR,
        at=at,
        reason=f"已归入 {count} 台次设备告警：{named}",
        payload={"count": count},
    )
    storm.told, storm.told_at = count, at
    storm.save(update_fields=["told", "told_at"])
    return True


def tell_all(*, at: datetime) -> int:
    """Say of running storms what their tickets do not say yet; returns how many."""
    running = Storm.objects.filter(last_at__gte=at - LASTS, told_at__lt=at - SAY_AGAIN)
    return sum(
        _tell(storm, at) for storm in running.exclude(ticket__status__in=ENDED).select_related("ticket")
    )
