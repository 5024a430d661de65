from django.urls import path

from tests.perf.bare import views

urlpatterns = [
    path("", views.rows, name="rows"),
    path("row/<int:pk>/", views.rows, name="row"),
    *[path(f"entry/{n}/", views.rows, name=f"entry-{n}") for n in range(1, 10)],
]
