"""Addresses of bodies and seats."""

from django.urls import path

from lotse.rooms.bodies.views import bodies, body_acts, mandates, members

urlpatterns = [
    path("", bodies.index, name="bodies"),
    path("neu/", body_acts.new, name="body-new"),
    path("eigene-mandate/", mandates.own, name="own"),
    path("<uuid:uuid>/", bodies.detail, name="body"),
    path("<uuid:uuid>/bearbeiten/", body_acts.edit, name="body-edit"),
    path("<uuid:uuid>/stand/", body_acts.state, name="body-state"),
    path("<uuid:uuid>/geschichte/neu/", body_acts.happening_new, name="happening-new"),
    path("<uuid:uuid>/aemter/neu/", body_acts.office_new, name="office-new"),
    path("<uuid:uuid>/aemter/<uuid:grant>/", body_acts.office_end, name="office-end"),
    path("<uuid:uuid>/auftraege/neu/", body_acts.commission_new, name="commission-new"),
    path("<uuid:uuid>/auftraege/<uuid:commission>/", body_acts.commission, name="commission"),
    path("<uuid:uuid>/mandate/neu/", mandates.new, name="mandate-new"),
    path("<uuid:uuid>/mitglieder/", members.index, name="members"),
    path("<uuid:uuid>/mitglieder/frueher/", members.index, {"ended": True}, name="members-ended"),
    path("<uuid:uuid>/mitglieder.vcf", members.vcard, name="members-vcard"),
    path("<uuid:uuid>/beitreten/", members.join, name="join"),
    path("<uuid:uuid>/austreten/", members.leave, name="leave"),
    path("mandat/<uuid:uuid>/", mandates.detail, name="mandate"),
    path("mandat/<uuid:uuid>/aendern/", mandates.edit, name="mandate-edit"),
    path("mandat/<uuid:uuid>/beenden/", mandates.end, name="mandate-end"),
    path("mandat/<uuid:uuid>/besetzen/", mandates.fill, name="mandate-fill"),
    path("mandat/<uuid:uuid>/platz/<uuid:holder>/", mandates.holder_end, name="holder-end"),
    path("mandat/<uuid:uuid>/platz/<uuid:holder>/ordnen/", mandates.holder_move,
         name="holder-move"),
]  # fmt: skip
