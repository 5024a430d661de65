from django.urls import path

from lotse.foundation.parties.privacy import views, views_office

app_name = "privacy"
urlpatterns = [
    path("konto/einwilligungen/", views.consent_choices, name="consents"),
    path("konto/eigene-daten/", views.own_data, name="own"),
    path("konto/loeschen/", views.erase, name="erase"),
    path("konto/loeschen/zuruecknehmen/", views.withdraw, name="erase-withdraw"),
    path("betrieb/verzeichnis-verarbeitung/", views_office.register_page, name="register"),
    path("betrieb/verzeichnis-verarbeitung.xlsx", views_office.register_file,
         name="register-xlsx"),
    path("betrieb/verzeichnis-verarbeitung.docx", views_office.register_paper,
         name="register-docx"),
    path("betrieb/loeschungen/", views_office.erasures, name="erasures"),
    path("betrieb/loeschungen/<uuid:uuid>/", views_office.erasure_page, name="erasure"),
    path("betrieb/datenschutz/<uuid:uuid>/", views_office.person_page, name="person"),
]  # fmt: skip
