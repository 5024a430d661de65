"""django-ninja as Lotse uses it: one guard before every operation, problems as answers, ETags."""

import json
from collections.abc import Callable, Iterator
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import URLPattern, path
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.operation import Operation, PathView
from ninja.parser import Parser
from ninja.utils import replace_path_param_notation

from lotse.surfaces.api import (
    access,
    checks,
    description,
    directory,
    measures,
    networks,
    organisations,
)
from lotse.surfaces.api.problems import Problem, answer
from lotse.surfaces.api.states import etag_of

BODY_MOST = 256 * 1024
DEEPEST = 20


class StrictParser(Parser):
    """JSON that means one thing: no name twice, no NaN, no half characters, not deep."""

    def parse_body(self, request: HttpRequest) -> Any:
        data = json.loads(request.body, object_pairs_hook=_unique, parse_constant=_no_number)
        if not isinstance(data, dict):
            raise ValueError("no object")
        json.dumps(data, ensure_ascii=False).encode()  # refuses lone surrogates
        _check_depth(data)
        return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _check_depth(data: Any) -> None:
    level, row = 0, [data]
    while row:
        level += 1
        if level > DEEPEST:
            raise ValueError("too deep")
        row = [
            inner
            for value in row
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]


class Api(NinjaAPI):
    """The API: its addresses, each behind the guard, and its description."""

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Everything an operation raises; a fault of the program goes on to the error page."""
        return answer(request, exc)

    def patterns(self, prefix: str) -> Iterator[URLPattern]:
        """One address per path, named as its first operation."""
        for router in self._get_bound_routers():
            for inner, view in router.path_operations.items():
                route = replace_path_param_notation(prefix + router.prefix + inner).lstrip("/")
                name = view.operations[0].view_func.__name__.replace("_", "-")
                for operation in view.operations:
                    access.demand_of(operation.view_func)
                yield path(route, guarded(view), name=name)

    def get_openapi_schema(self, **_options: Any) -> Any:
        """The description (OpenAPI 3.1), with what the guard answers added to each operation."""
        schema = super().get_openapi_schema(path_prefix="api/v1/")
        return description.complete(schema, self)


def guarded(view: PathView) -> Callable[..., HttpResponse]:
    """The view of one path: who calls, how often, with what; then the operation; then its ETag."""

    def guard(request: HttpRequest, **arguments: Any) -> HttpResponse:
        try:
            response = _run(view, request, arguments)
        except Exception as fault:
            response = answer(request, fault)
        patch_vary_headers(response, ["Authorization", "Cookie", "Accept-Language"])
        if request.method == "HEAD":
            response["Content-Length"] = str(len(response.content))
            response.content = b""
        return response

    guard.csrf_exempt = True  # type: ignore[attr-defined]  # cookies never count here
    return guard


def _run(view: PathView, request: HttpRequest, arguments: dict[str, Any]) -> HttpResponse:
    operation = _operation(view, request)
    demand = access.demand_of(operation.view_func)
    request.actor = access.caller(request, demand)  # type: ignore[attr-defined]  # as CurrentActor does
    _check_query(operation, request.GET)
    if _reads_body(operation):
        _check_body(request)
    response = cast(HttpResponse, operation.run(request, **arguments))  # none is streamed
    if request.method in ("GET", "HEAD") and response.status_code == 200:
        return _conditional(request, response)
    return response


def _operation(view: PathView, request: HttpRequest) -> Operation:
    method = "GET" if request.method == "HEAD" else request.method
    for operation in view.operations:
        if method in operation.methods:
            return operation
    allowed = sorted({name for operation in view.operations for name in operation.methods})
    raise Problem("method", headers={"Allow": ", ".join(allowed)})


def _check_query(operation: Operation, query: QueryDict) -> None:
    """Only known parameters, each once: a misspelt filter must not answer the whole list."""
    known = {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    }
    errors = []
    for name, values in query.lists():
        if name not in known:
            errors.append({"parameter": name[:80], "detail": _("Diesen Parameter gibt es nicht.")})
        elif len(values) > 1:
            errors.append({"parameter": name, "detail": _("Bitte nur einmal angeben.")})
        elif "\0" in values[0]:
            errors.append({"parameter": name, "detail": _("Dieser Wert passt hier nicht.")})
    if errors:
        raise Problem("malformed", errors=errors[:20])


def _reads_body(operation: Operation) -> bool:
    return any(model.__ninja_param_source__ == "body" for model in operation.models)


def _check_body(request: HttpRequest) -> None:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isascii() or not length.isdigit() or int(length) > BODY_MOST:
        raise Problem("too-large", _("Erlaubt sind 256 KB."))
    if not int(length):
        raise Problem("malformed", _("Der Inhalt fehlt."))
    if request.content_type != "application/json":
        raise Problem("media-type", _("Der Inhalt braucht „Content-Type: application/json“."))


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 for what the caller has already."""
    response.headers.setdefault("ETag", etag_of(response.content))
    tag = response["ETag"]
    held = [part.strip().removeprefix("W/") for part in _held(request).split(",")]
    if tag not in held and "*" not in held:
        return response
    kept = {name: response[name] for name in ("ETag", "Link") if name in response}
    return HttpResponse(status=304, headers=kept)


def _held(request: HttpRequest) -> str:
    return request.headers.get("If-None-Match", "")[:4000]


api = Api(
    title="Lotse",
    version="1",
    description=(
        "Networks, organisations, the directory, checks and measures of one installation. A token "
        "of a person sees what the person sees on the pages, and nothing more."
    ),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
    parser=StrictParser(),
)
api.add_router("", networks.router, tags=["networks"])
api.add_router("", organisations.router, tags=["organisations"])
api.add_router("", directory.router, tags=["directory"])
api.add_router("", checks.router, tags=["checks"])
api.add_router("", measures.router, tags=["measures"])
