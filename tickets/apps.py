from django.apps import AppConfig

from core import nav


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = "工单"

    def ready(self):
        """Announce the desk in the top bar."""
        from tickets import menu

        for item in menu.ITEMS:
            nav.register(item)
