"""What the OpenAPI document says beyond the operations: the token, the refusals, the headers."""

from typing import Any

from lotse.surfaces.api import access, problems

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                },
                "required": ["detail"],
            },
        },
    },
}
# English titles of the statuses; the codes behind them are explained on the page of the API.
_REFUSALS = {
    400: "Malformed: unknown or wrong parameter, no JSON",
    401: "No valid token",
    403: "The token or the person may not",
    404: "Not there, or not visible to the caller",
    409: "Saved by somebody else, or the same request is running",
    412: "The state is not the one that was read",
    413: "Too large",
    415: "Not JSON",
    422: "Understood but wrong",
    428: "If-Match is missing",
    429: "Too many requests; see Retry-After",
}
_ALWAYS = (400, 401, 403, 429)
_BODY = (413, 415, 422, 409)


def complete(schema: dict[str, Any], api: Any) -> dict[str, Any]:
    """Adds token, scopes, refusals and headers to the document of django-ninja."""
    schema["openapi"] = "3.1.0"
    schema.pop("servers", None)
    schema["components"]["schemas"]["Problem"] = _PROBLEM
    schema["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of a person, made on the page of the account.",
        }
    }
    demands = _demands(api)
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            _complete_operation(path, method, operation, demands[operation["operationId"]])
    return schema


def _demands(api: Any) -> dict[str, access.Demand]:
    return {
        api.get_openapi_operation_id(operation): access.demand_of(operation.view_func)
        for router in api._get_bound_routers()
        for view in router.path_operations.values()
        for operation in view.operations
    }


def _complete_operation(
    path: str, method: str, operation: dict[str, Any], demand: access.Demand
) -> None:
    token: dict[str, list[str]] = {"token": [demand.scope]}
    operation["security"] = [{}, token] if demand.public else [token]
    statuses = set(_ALWAYS)
    if "{" in path:
        statuses.add(404)
    if "requestBody" in operation:
        statuses |= set(_BODY)
    if method == "patch":
        statuses |= {412, 428}
    for status in sorted(statuses):
        operation["responses"][status] = {
            "description": _REFUSALS[status],
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if method == "get":
        _add_header(operation, "If-None-Match", "The ETag you hold: 304 if nothing changed")
        operation["responses"][304] = {"description": "Not modified"}
    if method == "patch":
        _add_header(operation, "If-Match", "The ETag you read", required=True)
    if method == "post":
        _add_header(operation, "Idempotency-Key", "1 to 200 visible ASCII characters")
    operation["responses"] = dict(sorted(operation["responses"].items(), key=lambda p: str(p[0])))


def _add_header(operation: dict[str, Any], name: str, text: str, *, required: bool = False) -> None:
    operation["parameters"].append(
        {"in": "header", "name": name, "required": required, "description": text,
         "schema": {"type": "string"}}
    )  # fmt: skip
