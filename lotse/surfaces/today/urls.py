from django.urls import path

from lotse.surfaces.today import calendars, measures, views

app_name = "today"
MEASURE = "massnahme/<uuid:uuid>/"
urlpatterns = [
    path("", views.today, name="today"),
    path("massnahmen/", measures.own_list, name="measures"),
    path(MEASURE, measures.measure, name="measure"),
    path(MEASURE + "notiz/", measures.note, name="measure-note"),
    path(MEASURE + "geprueft/", measures.control, name="measure-control"),
    path(MEASURE + "nachweis/", measures.evidence, name="measure-evidence"),
    path(MEASURE + "nachweis/<uuid:document>/", measures.evidence_file, name="measure-file"),
    path("termine.ics", calendars.dates, name="dates"),
    path("kalender/", calendars.feed_page, name="calendar"),
    path("zugang/<str:token>/termine.ics", calendars.feed, name="feed"),
]
