from django.urls import path

from lotse.surfaces.tables.site import site

urlpatterns = [path("", site.urls)]
