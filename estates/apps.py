from django.apps import AppConfig


class EstatesConfig(AppConfig):
    name = "estates"
    verbose_name = "项目与房屋"
