from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "channels"
    verbose_name = "报修渠道"

    def ready(self):
        """Announce the patrol's phone, the worker's tabs, and what the desk does about other doors."""
        from core import nav

        def may(*names):
            return lambda user: all(user.has_perm(f"tickets.{name}") for name in names)

        sees, registers = may("view_estate_tickets"), may("view_estate_tickets", "register_ticket")
        report, works = may("register_ticket"), may("work_ticket")
        rounds = may("work_ticket", "register_ticket")

        def imports(user):
            return user.has_perm("channels.run_importjob")

        for item in (
            nav.Item("online", "网上报修", "desk_online", "phone", 3, registers, parent="desk", key="o"),
            nav.Item("relay", "待转房修", "relay_list", "send", 3, sees, parent="desk"),
            nav.Item("qr", "二维码", "desk_qr", "qr-code", 9, sees, parent="desk"),
            nav.Item("history", "历史导入", "history_home", "upload", 10, imports, parent="desk"),
            nav.Item("field", "我的任务", "field_home", "list-task", 14, rounds),
            nav.Item("patrol", "巡检", "patrol_new", "camera", 15, report),
            nav.Item("tasks", "我的任务", "field_home", "list-task", 1, works, parent="field"),
            nav.Item("patrol", "巡检上报", "patrol_new", "camera", 2, rounds, parent="field"),
            nav.Item("tasks", "我的任务", "field_home", "list-task", 1, works, parent="patrol"),
            nav.Item("new", "巡检上报", "patrol_new", "camera", 2, report, parent="patrol"),
            nav.Item("mine", "我上报的", "patrol_mine", "card-list", 3, report, parent="patrol"),
        ):
            nav.register(item)
