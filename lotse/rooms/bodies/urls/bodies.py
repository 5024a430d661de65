"""Addresses of bodies and seats."""

from django.urls import path

from lotse.rooms.bodies.views import bodies

urlpatterns = [
    path("", bodies.index, name="bodies"),
    path("<uuid:uuid>/", bodies.detail, name="body"),
]
