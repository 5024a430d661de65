"""Addresses of measures: those of a body, one with its meeting, the load of each partner."""

from django.urls import path

from lotse.rooms.bodies.views import measures, workload

MEASURE = "massnahme/<uuid:uuid>/"
urlpatterns = [
    path("<uuid:uuid>/massnahmen/", measures.of_body, name="measures"),
    path(MEASURE, measures.measure, name="measure"),
    path(MEASURE + "aendern/", measures.edit, name="measure-edit"),
    path(MEASURE + "verteilen/", measures.share, name="measure-share"),
    path(MEASURE + "erinnern/", measures.remind, name="measure-remind"),
    path("auslastung/", workload.index, name="workload"),
    path("auslastung/<uuid:uuid>/", workload.detail, name="workload-of"),
]
