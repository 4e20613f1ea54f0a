"""Signs of life of background services (F1)."""

from datetime import datetime

from core.models import ServiceRun


def beat(name: str, *, at: datetime, note: str = "") -> None:
    """Record that this service was alive at the given time; one upsert, safe from several processes."""
    ServiceRun.objects.bulk_create(
        [ServiceRun(name=name, beat_at=at, note=note[:200])],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at", "note"],
    )
