from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "planning"
    verbose_name = "排程"

    def ready(self):
        """Announce the day's plan beside the reviewer's pages."""
        from core import nav

        def may(user):
            return user.has_perm("tickets.dispatch_ticket")

        nav.register(nav.Item("plan", "整日排程", "planning_home", "calendar3", 2, may, parent="dispatch"))
