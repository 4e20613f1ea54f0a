from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"
    verbose_name = "派单"

    def ready(self):
        """Announce the reviewer's desk in the top bar."""
        from core import nav, panels
        from dispatch import unassigned
        from dispatch.emergency import progress, reach
        from tickets import precedence

        def may(user):
            return user.has_perm("tickets.dispatch_ticket")

        def may_see(user):
            return user.has_perm("dispatch.view_activation")

        def only_sees(user):
            # Who has the reviewer's desk finds it there.
            return may_see(user) and not may(user)

        def may_see_waiting(user):
            return user.has_perm("tickets.triage_ticket") or may(user)

        for item in (
            nav.Item("dispatch", "派单", "dispatch_queue", "send", 20, may),
            nav.Item("queue", "派单复核", "dispatch_queue", "list-task", 1, may, parent="dispatch"),
            nav.Item("workers", "维修人员", "dispatch_workers", "people", 2, may, parent="dispatch", key="w"),
            nav.Item("emergency", "应急", "emergencies", "cone-striped", 9, may_see, parent="dispatch"),
            nav.Item("emergency", "应急", "emergencies", "cone-striped", 90, only_sees, parent="desk"),
        ):
            nav.register(item)
        precedence.register(reach.precedence)
        panels.register(
            panels.Panel("emergency", 1, "dispatch/_emergency_panel.html", may_see, progress.panel)
        )
        panels.register(
            panels.Panel("unassigned", 10, "dispatch/_unassigned.html", may_see_waiting, unassigned.panel)
        )
