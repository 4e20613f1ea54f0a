"""Put the menu of the service account in place."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from notices import wechat

BUTTONS = [("我要报修", "owner_report"), ("我的报修", "owner_reports")]


class Command(BaseCommand):
    help = "把公众号菜单设为：我要报修、我的报修"

    def handle(self, **options):
        if not wechat.is_on():
            raise CommandError("未配置微信服务号（WECHAT_APP_ID、WECHAT_APP_SECRET）。")
        door = settings.SITE_URL + reverse("wechat_enter")
        menu = [{"type": "view", "name": name, "url": f"{door}?to={aim}"} for name, aim in BUTTONS]
        try:
            wechat.create_menu(menu)
        except (wechat.Refused, wechat.Unclear) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("公众号菜单已更新。")
