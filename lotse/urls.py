"""Paths are German and stable: links in mails and papers outlive a release."""

from django.conf import settings
from django.urls import include, path

from lotse.foundation.core import health

urlpatterns = [
    path("gesund/", health.page, name="health"),
    path("heute/", include("lotse.surfaces.today.urls")),
    path("checks/", include("lotse.rooms.checks.urls")),
    path("verzeichnis/", include("lotse.rooms.directory.urls")),
    path("gremien/", include("lotse.rooms.bodies.urls")),
    path("api/", include("lotse.surfaces.api.urls")),
    path("konto/", include("lotse.foundation.accounts.mailing.urls")),
    path("konto/", include("lotse.foundation.accounts.urls")),
    path("betrieb/", include("lotse.surfaces.desk.urls")),
    path("", include("lotse.foundation.parties.urls")),
    path("", include("lotse.foundation.parties.privacy.urls")),
    path("", include("lotse.surfaces.home.urls")),
]
if settings.ADMIN:
    urlpatterns.insert(0, path("betrieb/tabellen/", include("lotse.surfaces.tables.urls")))
if settings.DEBUG:
    urlpatterns.append(path("ui/", include("lotse.foundation.ui.urls")))

handler400 = "lotse.surfaces.home.errors.bad_request"
handler403 = "lotse.surfaces.home.errors.forbidden"
handler404 = "lotse.surfaces.home.errors.not_found"
handler500 = "lotse.surfaces.home.errors.server_error"
