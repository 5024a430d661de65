from django.urls import path

from lotse.foundation.ui import views

app_name = "ui"
urlpatterns = [path("", views.gallery, name="gallery")]
