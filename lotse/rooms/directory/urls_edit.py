"""Addresses of editing: one's own entries, editing, state and release, history, saved searches."""

from django.urls import path

from lotse.rooms.directory.views import edit, history, own, searches, state

ENTRY = "<uuid:uuid>/"
urlpatterns = [
    path("eigene/", own.index, name="own"),
    path("eigene/anlegen/", own.new_person, name="own-new"),
    path("eigene/anlegen/<uuid:uuid>/", own.new_organisation, name="own-organisation-new"),
    path("suchen/", searches.index, name="searches"),
    path("suchen/neu/", searches.save, name="search-save"),
    path("suchen/<uuid:uuid>/", searches.change, name="search"),
    path("suchen/<uuid:uuid>/loeschen/", searches.delete, name="search-delete"),
    path(ENTRY + "bearbeiten/", edit.edit, name="edit"),
    path(ENTRY + "leistung/neu/", edit.new_service, name="service-new"),
    path(ENTRY + "stand/", state.state, name="state"),
    path(ENTRY + "stand/veroeffentlichen/", state.publish, name="publish"),
    path(ENTRY + "stand/zurueckziehen/", state.unpublish, name="unpublish"),
    path(ENTRY + "stand/bestaetigen/", state.confirm, name="state-confirm"),
    path(ENTRY + "stand/einwilligung/", state.consent, name="consent"),
    path(ENTRY + "stand/ueberall-zurueckziehen/", state.withdraw_all, name="withdraw-all"),
    path(ENTRY + "stand/archivieren/", state.archive, name="archive"),
    path(ENTRY + "vorschau/", state.preview, name="preview"),
    path(ENTRY + "verlauf/", history.history, name="history"),
    path(ENTRY + "verlauf/vergleich/", history.diff, name="diff"),
    path(ENTRY + "verlauf/<int:number>/", history.revision, name="revision"),
    path(ENTRY + "verlauf/<int:number>/wiederherstellen/", history.restore, name="restore"),
]
