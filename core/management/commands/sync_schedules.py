"""Make the rows of regular work equal the list in settings.SCHEDULES."""

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from core import schedules


class Command(BaseCommand):
    help = "按清单同步定时任务；可重复执行，后台停用的任务保持停用"

    def handle(self, *args, **options):
        """Call `core.schedules.sync` and say what it did."""
        done = schedules.sync(at=now())
        self.stdout.write(f"定时任务：新增 {done['added']}，修改 {done['changed']}，删除 {done['removed']}")
        if done["foreign"]:
            self.stderr.write(f"另有 {done['foreign']} 条不在清单内的定时任务，请核对来源")
