from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "报表"

    def ready(self):
        """Announce the reports in the top bar."""
        from core import nav

        def may(user):
            return user.has_perm("reports.view_reportrun")

        def dispatches(user):
            return user.has_perm("tickets.dispatch_ticket")

        for item in (
            nav.Item("reports", "报表", "reports_home", "bar-chart", 30, may),
            nav.Item("home", "房修月报", "reports_home", "bar-chart", 1, may, parent="reports"),
            nav.Item("differ", "人机差异", "disagreement", "arrow-down-up", 8, dispatches, parent="dispatch"),
            nav.Item("forecast", "高峰预测", "reports_forecast", "graph-up", 2, may, parent="reports"),
        ):
            nav.register(item)
