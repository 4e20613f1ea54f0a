"""Check that no event of a ticket's history was changed, removed, inserted or moved."""

from django.core.management.base import BaseCommand, CommandError

from tickets import chain
from tickets.models import Ticket, TicketEvent


class Command(BaseCommand):
    help = "核对工单经过的哈希链；发现改动时以非零状态退出，并列出工单号"

    def add_arguments(self, parser):
        parser.add_argument("--ticket", help="只核对这张工单（工单号）")

    def handle(self, *, ticket, **options):
        chosen = None
        if ticket:
            chosen = Ticket.objects.filter(number=ticket).first()
            if chosen is None:
                raise CommandError(f"没有工单 {ticket}。")
        if found := chain.verify(chosen):
            raise CommandError("\n".join(map(str, found)))
        events = TicketEvent.objects.filter(ticket=chosen) if chosen else TicketEvent.objects.all()
        self.stdout.write(f"已核对 {events.count()} 条事件，未发现改动。")
