"""Write docs/states.md from the machine."""

from django.conf import settings
from django.core.management.base import BaseCommand

from tickets import state_page

PAGE = settings.BASE_DIR / "docs" / "states.md"


class Command(BaseCommand):
    help = "由代码生成 docs/states.md（状态表与流转图）"

    def handle(self, **options):
        PAGE.write_text(state_page.render(), encoding="utf-8")
        self.stdout.write(f"已写入 {PAGE.relative_to(settings.BASE_DIR)}。")
