"""Load the data that ships with the product: roles, taxonomy, terms, templates, policies."""

from importlib import import_module

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.module_loading import module_has_submodule


class Command(BaseCommand):
    help = "装入随产品提供的预设数据；可重复执行，不覆盖后台改过的内容"

    @transaction.atomic
    def handle(self, *args, **options):
        """Call `load()` of every app's `presets` package, lowest floor first."""
        for app in apps.get_app_configs():
            if module_has_submodule(app.module, "presets"):
                count = import_module(f"{app.name}.presets").load()
                self.stdout.write(f"{app.verbose_name}: {count}")
