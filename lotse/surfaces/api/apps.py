from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "lotse.surfaces.api"
    label = "api"
