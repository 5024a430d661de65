"""Addresses of what comes before a meeting: frame, agenda, papers, invitation."""

from django.urls import path

from lotse.rooms.bodies.views import agenda, inviting, meetings, papers, replying

urlpatterns = [
    path("<uuid:uuid>/sitzungen/", meetings.index, name="meetings"),
    path("<uuid:uuid>/sitzungen/neu/", meetings.create, name="meeting-new"),
    path("sitzung/<uuid:uuid>/", meetings.detail, name="meeting"),
    path("sitzung/<uuid:uuid>/bearbeiten/", meetings.edit, name="meeting-edit"),
    path("sitzung/<uuid:uuid>/verschieben/", meetings.postpone, name="meeting-postpone"),
    path("sitzung/<uuid:uuid>/absagen/", meetings.cancel, name="meeting-cancel"),
    path("sitzung/<uuid:uuid>/sitzung.ics", meetings.calendar, name="meeting-ics"),
    path("sitzung/<uuid:uuid>/tagesordnung/", agenda.editor, name="agenda"),
    path("sitzung/<uuid:uuid>/tagesordnung/neu/", agenda.add, name="agenda-add"),
    path("sitzung/<uuid:uuid>/tagesordnung/uebernehmen/", agenda.take, name="agenda-take"),
    path("tagesordnung/<uuid:uuid>/", agenda.change, name="agenda-item"),
    path("tagesordnung/<uuid:uuid>/schieben/", agenda.move, name="agenda-move"),
    path("tagesordnung/<uuid:uuid>/entfernen/", agenda.remove, name="agenda-remove"),
    path("sitzung/<uuid:uuid>/anlagen/", papers.index, name="papers"),
    path("anlage/<uuid:uuid>/", papers.versions, name="paper"),
    path("anlage/<uuid:uuid>/fassung/", papers.add_version, name="paper-version"),
    path("anlage/<uuid:uuid>/bearbeiten/", papers.change, name="paper-edit"),
    path("anlage/<uuid:uuid>/schieben/", papers.move, name="paper-move"),
    path("anlage/<uuid:uuid>/entfernen/", papers.remove, name="paper-remove"),
    path("anlage/<uuid:uuid>/<int:number>/", papers.download, name="paper-file"),
    path("sitzung/<uuid:uuid>/einladen/", inviting.invitation, name="invitation"),
    path("sitzung/<uuid:uuid>/gaeste/", inviting.add_guest, name="guest-add"),
    path("teilnahme/<uuid:uuid>/entfernen/", inviting.remove_guest, name="guest-remove"),
    path("teilnahme/<uuid:uuid>/erneut/", inviting.again, name="invite-again"),
    path("teilnahme/<uuid:uuid>/antwort/", replying.for_somebody, name="reply-for"),
    path("sitzung/<uuid:uuid>/antwort/", replying.own, name="reply"),
    path("antwort/zugang/<str:token>/", replying.open_link, name="reply-open"),
    path("antwort/<uuid:uuid>/", replying.by_link, name="reply-link"),
    path("antwort/<uuid:uuid>/anlage/<int:number>/", replying.paper_by_link, name="reply-paper"),
]
