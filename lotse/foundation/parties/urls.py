from django.urls import path

from lotse.foundation.parties import views, views_invitations, views_own

app_name = "parties"
urlpatterns = [
    path("marke/<uuid:uuid>.css", views.brand, name="brand"),
    path("marke/<uuid:uuid>/logo", views.logo, name="logo"),
    path("einladung/", views_invitations.accept, name="invitation-accept"),
    path("einladung/<str:token>/", views_invitations.open_link, name="invitation"),
    path("konto/angaben/", views_own.own, name="own"),
    path("konto/vertretung/", views_own.absence, name="absence"),
    path("konto/vertretung/<uuid:uuid>/beenden/", views_own.absence_end, name="absence-end"),
    path(
        "konto/zwei-faktor/antrag/beenden/",
        views_own.factor_reset_stop,
        name="factor-reset-stop",
    ),
    path("konto/unterstuetzung/", views_own.support, name="support"),
    path("unterstuetzung/beenden/", views_own.support_end, name="support-end"),
]
