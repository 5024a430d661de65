"""Addresses of the room, in one list for each of its parts."""

from django.urls import include, path

from lotse.rooms.bodies.urls import between, bodies, holding, meetings, minutes

app_name = "bodies"
urlpatterns = [
    path("", include(bodies.urlpatterns)),
    path("", include(meetings.urlpatterns)),
    path("", include(holding.urlpatterns)),
    path("", include(minutes.urlpatterns)),
    path("", include(between.urlpatterns)),
]
