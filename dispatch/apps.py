from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"
    verbose_name = "派单"

    def ready(self):
        """Announce the reviewer's desk in the top bar."""
        from core import nav, panels
        from dispatch import unassigned

        def may(user):
            return user.has_perm("tickets.dispatch_ticket")

        def may_see_waiting(user):
            return user.has_perm("tickets.triage_ticket") or may(user)

        for item in (
            nav.Item("dispatch", "派单", "dispatch_queue", "send", 20, may),
            nav.Item("queue", "派单复核", "dispatch_queue", "list-task", 1, may, parent="dispatch"),
            nav.Item("workers", "维修人员", "dispatch_workers", "people", 2, may, parent="dispatch", key="w"),
            nav.Item("punctual", "到场准时", "dispatch_punctuality", "alarm", 6, may, parent="dispatch"),
        ):
            nav.register(item)
        panels.register(
            panels.Panel("unassigned", 10, "dispatch/_unassigned.html", may_see_waiting, unassigned.panel)
        )
