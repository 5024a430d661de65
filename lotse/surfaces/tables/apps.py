from django.apps import AppConfig


class TablesConfig(AppConfig):
    name = "lotse.surfaces.tables"
    label = "tables"
