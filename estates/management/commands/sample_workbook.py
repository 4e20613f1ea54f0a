"""Write the sample of the house book sheet anew, after its columns have changed."""

from pathlib import Path

from django.core.management.base import BaseCommand

from estates import presets
from estates.sample import write_sample


class Command(BaseCommand):
    help = "重新生成房屋与业主导入样例"

    def add_arguments(self, parser):
        parser.add_argument("--to", type=Path, default=presets.SAMPLE, help="写到哪个文件")

    def handle(self, *, to, **options):
        with to.open("wb") as target:
            write_sample(target)
        self.stdout.write(f"{to.name}: {to.stat().st_size} bytes")
