from django.urls import path

from lotse.surfaces.api import views
from lotse.surfaces.api.mount import api

app_name = "api"
urlpatterns = [
    path("", views.documentation, name="docs"),
    path("v1/openapi.json", views.openapi, name="openapi"),
    *api.patterns("v1/"),
    path("<path:rest>", views.missing, name="missing"),
]
