from django.apps import AppConfig

from core import nav


class CoordinationConfig(AppConfig):
    name = "coordination"
    verbose_name = "跨部门协作"

    def ready(self):
        """Announce the surface and its two pages."""

        def sees(user):
            return user.has_perm("coordination.view_request")

        for item in (
            nav.Item("coordination", "协作", "coordination_list", "arrow-down-up", 25, sees),
            nav.Item(
                "requests", "协作单", "coordination_list", "arrow-down-up", 1, sees, parent="coordination"
            ),
            nav.Item(
                "weekly", "周协调清单", "coordination_weeks", "calendar-week", 2, sees, parent="coordination"
            ),
        ):
            nav.register(item)
