"""Addresses of what is written during a meeting: notes, outcomes, group work."""

from django.urls import path

from lotse.rooms.bodies.views import adoptions, group_work, notes, outcomes

urlpatterns = [
    path("top/<uuid:uuid>/mitschrift/", notes.notes, name="notes"),
    path("top/<uuid:uuid>/mitschrift/stand/", notes.state, name="notes-state"),
    path("mitschrift/angemeldet/", notes.back, name="notes-back"),
    path("top/<uuid:uuid>/ergebnisse/", outcomes.index, name="outcomes"),
    path("top/<uuid:uuid>/ergebnisse/neu/<slug:kind>/", outcomes.new, name="outcome-new"),
    path("ergebnis/<uuid:uuid>/", outcomes.change, name="outcome"),
    path("ergebnis/<uuid:uuid>/verschieben/", outcomes.move, name="outcome-move"),
    path("ergebnis/<uuid:uuid>/loeschen/", outcomes.delete, name="outcome-delete"),
    path("ergebnis/<uuid:uuid>/verabschiedung/", adoptions.index, name="outcome-adoptions"),
    path("verabschiedung/<uuid:uuid>/tag/", adoptions.day, name="adoption-day"),
    path("verabschiedung/<uuid:uuid>/entfernen/", adoptions.remove, name="adoption-remove"),
    path("top/<uuid:uuid>/gruppenarbeit/", group_work.index, name="group"),
    path("top/<uuid:uuid>/gruppenarbeit/tisch/", group_work.new_table, name="group-table-new"),
    path("top/<uuid:uuid>/gruppenarbeit/buendel/", group_work.new_cluster,
         name="group-cluster-new"),
    path("top/<uuid:uuid>/gruppenarbeit/ordnen/", group_work.sort, name="group-sort"),
    path("tisch/<uuid:uuid>/", group_work.table, name="group-table"),
    path("tisch/<uuid:uuid>/aendern/", group_work.change_table, name="group-table-change"),
    path("tisch/<uuid:uuid>/loeschen/", group_work.delete_table, name="group-table-delete"),
    path("tischergebnis/<uuid:uuid>/", group_work.change_result, name="group-result"),
    path("tischergebnis/<uuid:uuid>/rang/", group_work.rank_result, name="group-result-rank"),
    path("tischergebnis/<uuid:uuid>/loeschen/", group_work.delete_result,
         name="group-result-delete"),
    path("tischergebnis/<uuid:uuid>/massnahme/", group_work.result_measure,
         name="group-result-measure"),
    path("buendel/<uuid:uuid>/", group_work.change_cluster, name="group-cluster"),
    path("buendel/<uuid:uuid>/aufloesen/", group_work.delete_cluster,
         name="group-cluster-delete"),
    path("buendel/<uuid:uuid>/massnahme/", group_work.cluster_measure,
         name="group-cluster-measure"),
]  # fmt: skip
