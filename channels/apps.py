from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "channels"
    verbose_name = "报修渠道"

    def ready(self):
        """Announce what the desk does about reports that came in without it."""
        from core import nav

        def sees(user):
            return user.has_perm("tickets.view_estate_tickets")

        def registers(user):
            return sees(user) and user.has_perm("tickets.register_ticket")

        nav.register(
            nav.Item("online", "网上报修", "desk_online", "phone", 3, registers, parent="desk", key="o")
        )
        nav.register(nav.Item("qr", "二维码", "desk_qr", "qr-code", 9, sees, parent="desk"))
