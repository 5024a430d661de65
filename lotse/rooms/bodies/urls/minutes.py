"""Addresses of minutes and of objections to them."""

from django.urls import path

from lotse.rooms.bodies.views import minutes, minutes_acts, objections

_M = "sitzung/<uuid:uuid>/protokoll"
urlpatterns = [
    path(f"{_M}/", minutes.detail, name="minutes"),
    path(f"{_M}/kopf/", minutes_acts.head, name="minutes-head"),
    path(f"{_M}/verschicken/", minutes_acts.circulate, name="minutes-circulate"),
    path(f"{_M}/aendern/", minutes_acts.correct, name="minutes-correct"),
    path(f"{_M}/genehmigen/", minutes_acts.adopt, name="minutes-adopt"),
    path(f"{_M}/veroeffentlichen/", minutes_acts.publish, name="minutes-publish"),
    path(f"{_M}/berichtigung/", minutes_acts.amend, name="minutes-amend"),
    path(f"{_M}/einwand/", objections.new, name="minutes-object"),
    path(f"{_M}/fassungen/", minutes.revisions, name="minutes-revisions"),
    path(f"{_M}/fassungen/vergleich/", minutes.diff, name="minutes-diff"),
    path(f"{_M}/fassungen/<int:number>/", minutes.revision, name="minutes-revision"),
    path(f"{_M}.pdf", minutes.as_pdf, name="minutes-pdf"),
    path(f"{_M}.docx", minutes.as_docx, name="minutes-docx"),
    path("einwand/<uuid:uuid>/beantworten/", objections.answer, name="objection-answer"),
    path("einwand/<uuid:uuid>/zurueckziehen/", objections.withdraw, name="objection-withdraw"),
    path("einwand/<uuid:uuid>/zugang/<str:token>/", objections.open_link, name="objection-open"),
]
