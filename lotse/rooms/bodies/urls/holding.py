"""Addresses of a meeting while it runs."""

from django.urls import path

from lotse.rooms.bodies.views import cockpit, live, presence, reopening, speaking

_MEETING = "sitzung/<uuid:uuid>/"

urlpatterns = [
    path(f"{_MEETING}fuehren/", cockpit.cockpit, name="cockpit"),
    path(f"{_MEETING}fuehren/beginnen/", cockpit.start, name="start"),
    path(f"{_MEETING}fuehren/weiter/", cockpit.next_item, name="next-item"),
    path(f"{_MEETING}fuehren/aufrufen/", cockpit.call_item, name="call-item"),
    path(f"{_MEETING}fuehren/vertagen/", cockpit.postpone, name="postpone-item"),
    path(f"{_MEETING}fuehren/beenden/", cockpit.finish, name="finish"),
    path(f"{_MEETING}fuehren/wieder-oeffnen/", reopening.reopen, name="reopen"),
    path(f"{_MEETING}jetzt/", live.live_page, name="live"),
    path(f"{_MEETING}jetzt/da/", presence.here, name="here"),
    path(f"{_MEETING}jetzt/wort/", speaking.speak, name="speak"),
    path(f"{_MEETING}projektor/", live.projector, name="projector"),
    path(f"{_MEETING}stand/", live.state, name="live-state"),
    path(f"{_MEETING}anwesenheit/", presence.presence_list, name="presence"),
    path(f"{_MEETING}anwesenheit/gast/", presence.guest, name="presence-guest"),
    path(f"{_MEETING}anwesenheit/vertretung/", presence.deputy, name="presence-deputy"),
    path(f"{_MEETING}anwesenheit/ungenannt/", presence.unnamed, name="presence-unnamed"),
    path(f"{_MEETING}anwesenheit/code/", presence.code, name="check-in-code"),
    path("anwesenheit/<uuid:uuid>/", presence.edit, name="presence-edit"),
    path("wortmeldung/<uuid:uuid>/", speaking.call, name="speaker"),
    path("check-in/<slug:code>/", presence.check_in, name="check-in"),
]
