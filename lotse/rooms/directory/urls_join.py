"""Addresses of joining: the application, and the answer to a new template."""

from django.urls import path

from lotse.rooms.directory.views import joining

urlpatterns = [
    path("mitmachen/", joining.join, name="join"),
    path("mitmachen/danke/", joining.joined, name="joined"),
    path("vorlagen/<uuid:uuid>/", joining.template, name="template"),
]
