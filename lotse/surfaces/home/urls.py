from django.urls import path

from lotse.surfaces.home import views

app_name = "home"
urlpatterns = [
    path("", views.home, name="home"),
    path("suche/", views.search_page, name="search"),
    path("themen/", views.topics, name="topics"),
    path("ueber-uns/", views.about, name="about"),
    path("impressum/", views.imprint, name="imprint"),
    path("datenschutz/", views.privacy, name="privacy"),
    path("barrierefreiheit/", views.accessibility, name="accessibility"),
    path("barriere-melden/", views.report, name="report"),
    path("sprache/", views.set_language, name="language"),
    path("robots.txt", views.robots, name="robots"),
]
