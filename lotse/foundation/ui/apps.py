from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "lotse.foundation.ui"
    label = "ui"
