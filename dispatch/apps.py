from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"
    verbose_name = "派单"

    def ready(self):
        """Announce the reviewer's desk in the top bar."""
        from core import nav, panels, slots
        from dispatch import bar, people_panel, unassigned
        from dispatch.emergency import progress, reach
        from dispatch.views import after, emergency
        from tickets import precedence

        for item in bar.ITEMS:
            nav.register(item)
        precedence.register(reach.precedence)
        for panel in (
            panels.Panel("emergency", 1, "dispatch/_emergency_panel.html", bar.may_see, progress.panel),
            panels.Panel(
                "unassigned", 10, "dispatch/_unassigned.html", bar.may_see_waiting, unassigned.panel
            ),
            panels.Panel("people", 30, "dispatch/_people_panel.html", bar.may, people_panel.panel),
        ):
            panels.register(panel)
        slots.register(slots.Slot("ticket", "held", "dispatch/_held.html", emergency.slot))
        slots.register(slots.Slot("ticket", "send-first", "dispatch/_send_first.html", after.slot))
