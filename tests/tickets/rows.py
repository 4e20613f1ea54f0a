"""Tickets and people for the tests of evidence."""

from datetime import UTC, datetime

from accounts.models import User
from accounts.presets import load as load_roles
from accounts.services import assign_role
from notices.presets import load as load_templates
from tests.factories_estates import HouseholdFactory
from tests.snapshots import loaded
from tickets import intake
from tickets.actors import Actor
from tickets.models import Ticket
from tickets.presets import load as load_policies

AT = datetime(2026, 5, 8, 3, tzinfo=UTC)
OWNER_PHONE = "13800138000"


def ticket(*, phone: str = OWNER_PHONE) -> Ticket:
    """A ticket of a new estate, taken by the system."""
    loaded(load_policies)
    loaded(load_templates)
    household = HouseholdFactory(owner__phone=phone)
    taken = intake.Intake(
        estate=household.unit.estate,
        unit=household.unit,
        owner=household.owner,
        reporter_name="张伟",
        reporter_phone=phone,
        description="厨房漏水",
        started_at=AT,
    )
    return intake.register(intake=taken, by=Actor.system(), at=AT)


def staff(role: str, *estates, name: str = "") -> User:
    """A user with that role who works for these estates."""
    loaded(load_roles)
    user = User.objects.create_user(name or role, full_name="李娜")
    user.estates.set(estates)
    assign_role(user=user, code=role)
    return User.objects.get(pk=user.pk)
