from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = "消息"

    def ready(self):
        from core import nav
        from notices import checks, queries  # noqa: F401 (checks register themselves)

        nav.register_bell(
            nav.Bell(url_name="inbox", count_url_name="inbox_count", unread=queries.unread_count)
        )
