from django.apps import AppConfig


class WarrantyConfig(AppConfig):
    name = "warranty"
    verbose_name = "阶段与保修"

    def ready(self):
        from knowledge import coverage_names
        from warranty.queries import component_names

        coverage_names.register(component_names)
