from django.urls import path

from lotse.foundation.accounts.mailing import views

app_name = "mailing"
urlpatterns = [
    path("abbestellen/<str:token>/", views.choice, name="choice"),
    path("mails/", views.own, name="own"),
]
