from django.apps import AppConfig


class WarrantyConfig(AppConfig):
    name = "warranty"
    verbose_name = "阶段与保修"
