from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "报表"

    def ready(self):
        """Announce the reports in the top bar."""
        from core import nav

        def may(user):
            return user.has_perm("reports.view_reportrun")

        nav.register(nav.Item("reports", "报表", "reports_home", "bar-chart", 30, may))
