"""Print where to go and how to get in."""

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts import demo


class Command(BaseCommand):
    help = "显示访问地址；有演示账号时，每个角色给出一个登录名和演示密码"

    def handle(self, *args, **options):
        self.stdout.write(f"房修已启动：{settings.SITE_URL}/")
        rows = demo.logins()
        if not rows:
            self.stdout.write("没有演示账号。请用 manage.py createsuperuser 创建第一个管理员。")
            return
        if any(unchanged for _, _, unchanged in rows):
            self.stdout.write(f"演示密码（以下账号通用）：{demo.DEMO_PASSWORD}")
        for role, username, unchanged in rows:
            self.stdout.write(f"  {username:<12} {role}" + ("" if unchanged else "（演示账号已修改）"))
