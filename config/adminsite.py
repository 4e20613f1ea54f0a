"""The admin site: Chinese titles, our login page."""

from django.contrib.admin import AdminSite


class FangxiuAdminSite(AdminSite):
    """Django's admin with the product's name on it."""

    site_title = "房修"
    site_header = "房修 管理后台"
    index_title = "数据与配置"
    site_url = "/"
