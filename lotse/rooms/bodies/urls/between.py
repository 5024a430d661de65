"""Addresses of what happens between meetings: matters, backlog, appointments, calendar."""

from django.urls import path

from lotse.rooms.bodies.views import appointments, calendar, ideas, matters, steps

MATTER, APPOINTMENT = "vorgang/<uuid:uuid>/", "termin/<uuid:uuid>/"
urlpatterns = [
    path("vorgaenge/", matters.index, name="matters"),
    path("vorgaenge/neu/", matters.new, name="matter-new"),
    path("vorgaenge/verknuepfen/", matters.tie, name="matter-tie"),
    path(MATTER, matters.detail, name="matter"),
    path(MATTER + "aendern/", matters.edit, name="matter-edit"),
    path(MATTER + "stand/", matters.state, name="matter-state"),
    path(MATTER + "loesen/", matters.untie, name="matter-untie"),
    path(MATTER + "zusammenfuehren/", matters.merge, name="matter-merge"),
    path(MATTER + "teilen/", matters.split, name="matter-split"),
    path(MATTER + "schritt/", steps.new, name="matter-step-new"),
    path("schritt/<uuid:uuid>/", steps.edit, name="matter-step"),
    path("schritt/<uuid:uuid>/platz/", steps.move, name="matter-step-move"),
    path("<uuid:uuid>/themen/", ideas.index, name="ideas"),
    path("<uuid:uuid>/themen/neu/", ideas.new, name="idea-new"),
    path("<uuid:uuid>/themen/programm/", ideas.programme, name="idea-programme"),
    path("thema/<uuid:uuid>/", ideas.detail, name="idea"),
    path("thema/<uuid:uuid>/aendern/", ideas.edit, name="idea-edit"),
    path("kalender/", calendar.index, name="calendar"),
    path("kalender/gremien.ics", calendar.file, name="calendar-file"),
    path("termine/", appointments.index, name="appointments"),
    path("termine/neu/", appointments.new, name="appointment-new"),
    path(APPOINTMENT, appointments.detail, name="appointment"),
    path(APPOINTMENT + "aendern/", appointments.edit, name="appointment-edit"),
    path(APPOINTMENT + "absagen/", appointments.cancel, name="appointment-cancel"),
    path(APPOINTMENT + "termin.ics", appointments.file, name="appointment-file"),
]
