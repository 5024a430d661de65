"""What is no operation: the description, its page, and addresses that do not exist."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from lotse.foundation.accounts.tokens import SCOPES
from lotse.surfaces.api.mount import api
from lotse.surfaces.api.problems import KINDS, Problem
from lotse.surfaces.api.problems import render as render_problem


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    document = json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1)
    return HttpResponse(document, content_type="application/json")


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """The operations as a page, from the document, without anything from another host."""
    document = api.get_openapi_schema()
    operations = [
        _operation(path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    problems = [
        {"code": code, "status": status, "title": title} for code, (status, title) in KINDS.items()
    ]
    context = {"operations": operations, "problems": problems, "scopes": SCOPES}
    return render(request, "api/documentation.html", context)


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    security = operation["security"]
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "scope": security[-1]["token"][0],
        "public": {} in security,
        "parameters": [
            (item["name"], item["in"], item.get("description", ""))
            for item in operation["parameters"]
            if item["in"] != "path"
        ],
    }


@csrf_exempt
def missing(request: HttpRequest, rest: str) -> HttpResponse:
    """404 as a problem, also for addresses below `/api/` that never existed."""
    return render_problem(Problem("not-found"))
