from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = "工单"

    def ready(self):
        """Announce the desk in the top bar."""
        from core import nav

        def may(permission):
            return lambda user: user.has_perm(f"tickets.{permission}")

        see = may("view_estate_tickets")
        for item in (
            nav.Item("desk", "受理台", "desk_home", "headset", 10, see),
            nav.Item("home", "首页", "desk_home", "house-door", 1, see, parent="desk"),
            nav.Item(
                "intake",
                "来电登记",
                "desk_intake",
                "telephone",
                2,
                lambda user: see(user) and user.has_perm("tickets.register_ticket"),
                parent="desk",
                key="n",
            ),
            nav.Item(
                "incoming",
                "来件",
                "desk_incoming",
                "inbox",
                2,
                lambda user: see(user) and user.has_perm("tickets.register_ticket"),
                parent="desk",
            ),
            nav.Item("board", "看板", "desk_board", "kanban", 2, see, parent="desk", key="b"),
            nav.Item("tickets", "工单", "desk_tickets", "card-list", 3, see, parent="desk"),
            nav.Item("cases", "关联案件", "desk_cases", "diagram-3", 7, see, parent="desk"),
            nav.Item(
                "care",
                "一对一跟进",
                "desk_care",
                "heart-pulse",
                8,
                lambda user: see(user) and user.has_perm("tickets.do_care_task"),
                parent="desk",
            ),
            nav.Item("incidents", "突发事件", "desk_incidents", "megaphone", 4, see, parent="desk"),
            nav.Item(
                "inspections",
                "待预验收",
                "desk_inspections",
                "check2-square",
                4,
                may("inspect_ticket"),
                parent="desk",
            ),
            nav.Item(
                "follow-ups",
                "待回访",
                "desk_follow_ups",
                "telephone",
                5,
                may("follow_up_ticket"),
                parent="desk",
            ),
            nav.Item(
                "approvals",
                "待我审批",
                "desk_approvals",
                "clipboard-check",
                8,
                lambda user: (
                    user.has_perm("tickets.supervise_ticket") or user.has_perm("tickets.direct_accident")
                ),
                parent="desk",
            ),
        ):
            nav.register(item)
