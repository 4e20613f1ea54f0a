from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"
    verbose_name = "派单"

    def ready(self):
        """Announce the reviewer's desk in the top bar."""
        from core import nav, panels, slots
        from dispatch import leaves, people_panel, unassigned
        from dispatch.emergency import progress, reach
        from dispatch.views import after, emergency
        from tickets import precedence

        def may(user):
            return user.has_perm("tickets.dispatch_ticket")

        def may_see(user):
            return user.has_perm("dispatch.view_activation")

        def only_sees(user):
            # Who has the reviewer's desk finds it there.
            return may_see(user) and not may(user)

        def works(user):
            return user.has_perm("tickets.work_ticket")

        def may_see_waiting(user):
            return user.has_perm("tickets.triage_ticket") or may(user)

        for item in (
            nav.Item("dispatch", "派单", "dispatch_queue", "send", 20, may),
            nav.Item("queue", "派单复核", "dispatch_queue", "list-task", 1, may, parent="dispatch"),
            nav.Item("workers", "维修人员", "dispatch_workers", "people", 2, may, parent="dispatch", key="w"),
            nav.Item("emergency", "应急", "emergencies", "cone-striped", 9, may_see, parent="dispatch"),
            nav.Item("emergency", "应急", "emergencies", "cone-striped", 90, only_sees, parent="desk"),
            nav.Item("roster", "排班", "dispatch_roster", "calendar-week", 3, may, parent="dispatch"),
            nav.Item("leave", "请假", "dispatch_leaves", "calendar-x", 4, may, parent="dispatch"),
            nav.Item("load", "负荷", "dispatch_load", "speedometer2", 5, may, parent="dispatch"),
            nav.Item(
                "certificates",
                "证书",
                "dispatch_certificates",
                "award",
                6,
                may,
                parent="dispatch",
                holds=("skills",),
            ),
            nav.Item("training", "培训", "dispatch_trainings", "book", 7, may, parent="dispatch"),
            nav.Item("pool", "抢单", "field_pool", "hand-index", 2, works, parent="field"),
            nav.Item("leave", "班次请假", "field_leave", "calendar-week", 3, leaves.may_ask, parent="field"),
            nav.Item("punctual", "到场准时", "dispatch_punctuality", "alarm", 8, may, parent="dispatch"),
        ):
            nav.register(item)
        precedence.register(reach.precedence)
        for panel in (
            panels.Panel("emergency", 1, "dispatch/_emergency_panel.html", may_see, progress.panel),
            panels.Panel("unassigned", 10, "dispatch/_unassigned.html", may_see_waiting, unassigned.panel),
            panels.Panel("people", 30, "dispatch/_people_panel.html", may, people_panel.panel),
        ):
            panels.register(panel)
        slots.register(slots.Slot("ticket", "held", "dispatch/_held.html", emergency.slot))
        slots.register(slots.Slot("ticket", "send-first", "dispatch/_send_first.html", after.slot))
