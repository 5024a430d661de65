"""Addresses of the room, in one list for each of its parts."""

from django.urls import include, path

from lotse.rooms.bodies.urls import (
    between,
    bodies,
    holding,
    measuring,
    meetings,
    minutes,
    papers_out,
    writing,
)

app_name = "bodies"
urlpatterns = [
    path("", include(bodies.urlpatterns)),
    path("", include(meetings.urlpatterns)),
    path("", include(holding.urlpatterns)),
    path("", include(minutes.urlpatterns)),
    path("", include(measuring.urlpatterns)),
    path("", include(between.urlpatterns)),
    path("", include(papers_out.urlpatterns)),
    path("", include(writing.urlpatterns)),
]
