"""Addresses of the directory: what everybody reads stands here, the rest in lists beside it."""

from django.urls import include, path

from lotse.rooms.directory import urls_edit, urls_join, urls_letters
from lotse.rooms.directory.views import browsing, entry, finding, relay, suggest

app_name = "directory"
urlpatterns = [
    path("", finding.find, name="find"),
    path("vorschlaege/", suggest.suggest, name="suggest"),
    path("a-z/", browsing.a_to_z, name="az"),
    path("themen/", browsing.topics, name="topics"),
    path("karte/", browsing.regions, name="map"),
    path("in-der-naehe/", browsing.near, name="near"),
    path("bild/<uuid:uuid>/", entry.picture, name="picture"),
    path("", include(urls_edit.urlpatterns)),
    path("", include(urls_letters.urlpatterns)),
    path("", include(urls_join.urlpatterns)),
    path("<uuid:uuid>/", entry.entry, name="entry"),
    path("<uuid:uuid>/kontakt.vcf", entry.card, name="vcard"),
    path("<uuid:uuid>/nachricht/", relay.message, name="message"),
]
