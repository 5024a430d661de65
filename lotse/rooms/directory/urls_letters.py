"""Addresses of the letters of the directory: announcements and the yearly question."""

from django.urls import path

from lotse.rooms.directory.views import letters, letters_change

urlpatterns = [
    path("zugang/<str:token>/", letters.open_link, name="letter-open"),
    path("brief/<uuid:uuid>/", letters.letter, name="letter"),
    path("brief/<uuid:uuid>/aendern/", letters_change.change, name="letter-change"),
    path("<uuid:uuid>/ankuendigung/", letters.announced, name="announcement"),
    path("<uuid:uuid>/bestaetigen/", letters.confirm, name="confirm"),
]
