"""The Django admin site under our name; repair managers work here (OR-02)."""

from django.contrib.admin.apps import AdminConfig


class FangxiuAdminConfig(AdminConfig):
    """Puts our site in the place of Django's default one."""

    default_site = "config.adminsite.FangxiuAdminSite"
