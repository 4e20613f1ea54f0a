from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "基础"

    def ready(self):
        from core import nav

        nav.register(
            nav.Item(
                slug="admin",
                label="管理后台",
                url_name="admin:index",
                icon="gear",
                order=90,
                may=nav.is_staff,
            )
        )
