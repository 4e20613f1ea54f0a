"""What of the people waits for somebody: leave to decide on, visits that clash, certificates (DI-08)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localdate

from accounts.models import User
from dispatch import certificates, leaves
from dispatch.models import Leave
from dispatch.queries import WARN_DAYS
from tickets.models import Ticket


def panel(user: User, at: datetime) -> Mapping[str, Any] | None:
    """What templates/dispatch/_people_panel.html shows; None where nothing waits."""
    asked = Leave.objects.visible_to(user).filter(state=Leave.State.ASKED).count()
    clashes = leaves.clashing(at).filter(ticket__in=Ticket.objects.visible_to(user)).order_by().count()
    soon = localdate(at) + timedelta(days=WARN_DAYS)
    ending = certificates.expiring(user).filter(expires_on__lte=soon).order_by().count()
    if not (asked or clashes or ending):
        return None
    return {"asked": asked, "clashes": clashes, "ending": ending}
