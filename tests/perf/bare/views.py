from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tests.perf.bare.models import Row


def rows(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Fifty rows, the way a first Django page is written."""
    return render(request, "bare/rows.html", {"rows": Row.objects.all()[:50]})
