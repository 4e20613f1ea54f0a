"""Load the demo estates: people, dwellings, workers and months of tickets, all through the services."""

from datetime import datetime, timedelta
from random import Random

from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate, now

from accounts.demo import create_demo_staff
from demo import (
    calls,
    equipment,
    handing,
    hands,
    in_person,
    letters,
    partners,
    past,
    sent_back,
    slow,
    town,
    verdicts,
    workbooks,
)
from demo.coordination import Coordination
from demo.crew import Crew
from demo.doors import Doors
from demo.emergency import Emergencies
from demo.months import Months
from demo.online import Online
from demo.plans import Plans
from demo.storm import Storm
from demo.ties import Ties
from dispatch.demo import create_demo_workers
from dispatch.models import Worker
from estates.models import Area, Estate
from notices.models import Channel, Message
from tickets import digest

# Demo users whose names begin so carry tools.
WORKS = ("worker", "contractor", "third_party")
# Unread is what came so lately; the rest was read a while after it came.
SHIFT, READ_AFTER = timedelta(hours=8), timedelta(minutes=20)


class Command(BaseCommand):
    help = "装入演示项目；已有数据时不做任何事"

    def add_arguments(self, parser):
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--tickets", type=int, default=150)

    @transaction.atomic
    def handle(self, *, seed, tickets, **options):
        """Do nothing when there is an estate already: demo data must never mix with real data."""
        if Estate.objects.exists():
            self.stdout.write("已有项目数据，跳过演示数据。")
            return
        random = Random(seed)
        estates = town.build(random)
        staff = create_demo_staff(estates=estates, workers=12)
        craftsmen = [user for name, user in staff.items() if name.startswith(WORKS)]
        create_demo_workers(craftsmen, list(Area.objects.order_by("code")))
        workers = list(Worker.objects.select_related("user").prefetch_related("skills__trade"))
        equipment.add(estates=estates, staff=staff)
        past.add(now=now(), estates=estates, staff=staff)
        months = Months(random=random, now=now(), estates=estates, staff=staff, workers=workers)
        storm = Storm(months)
        # Without papers no company is sent: what they alone can mend would wait for months.
        partners.sign_up(estates=estates, staff=staff)
        written = months.write(tickets, meanwhile=[(storm.end, storm.add)])
        slow.add(months)
        verdicts.add(months)
        hands.add(months)
        Ties(months).add()
        calls.add(months)
        letters.write(random=random, now=now(), estates=estates, by=staff["front_desk"])
        Online(months).add()
        Doors(months).add()
        Crew(staff, workers, now()).add()
        handing.add(months)
        in_person.add(months)
        partners.add(now=now(), staff=staff)
        Plans(months).add()
        Emergencies(months).add()
        Coordination(months).add()
        sent_back.add(months)
        digest.send_all(on=localdate(months.now), at=months.now)
        workbooks.add(now=now(), estates=estates, staff=staff)
        _delivered(now())
        self.stdout.write(f"演示数据已装入：{len(estates)}个项目，{written}张工单。")


def _delivered(at: datetime) -> None:
    """Nobody waits for messages about tickets that never were; what came before the shift was read."""
    Message.objects.filter(state=Message.State.NEW).update(state=Message.State.SENT, sent_at=at)
    unread = Message.objects.filter(channel=Channel.APP, read_at=None, created_at__lt=at - SHIFT)
    unread.update(read_at=F("created_at") + READ_AFTER)
