from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "partners"
    verbose_name = "保修单位与第三方"

    def ready(self):
        """Announce the company's own surface, and the register of companies."""
        from core import nav

        def acts(user):
            return user.has_perm("warranty.act_for_company") and not user.is_superuser

        def sees(user):
            return user.has_perm("warranty.view_contractor") and user.has_perm("tickets.view_estate_tickets")

        for item in (
            nav.Item("partner", "单位工单", "partner_home", "briefcase", 5, acts),
            nav.Item("tickets", "工单", "partner_home", "list-task", 1, acts, parent="partner"),
            nav.Item("notices", "函件", "partner_notices", "envelope", 2, acts, parent="partner"),
            nav.Item("partners", "单位", "partners_home", "briefcase", 25, sees),
            nav.Item("register", "单位台账", "partners_home", "list-task", 1, sees, parent="partners"),
            nav.Item("slow", "逾期单位", "partners_slow", "alarm", 2, sees, parent="partners"),
            nav.Item("disputes", "异议", "partners_disputes", "chat-left-text", 3, sees, parent="partners"),
        ):
            nav.register(item)
