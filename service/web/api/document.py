"""The OpenAPI 3.1 document of the API, made of its operations and models."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service.web.api.models import Problem
from service.web.api.operations import Operation
from service.web.api.problems import TYPE

PREFIX: Final = "/api/v1"
PLACES: Final = "#/components/schemas/{model}"
PATH: Final[dict[str, dict[str, Any]]] = {
    "key": {"type": "string", "minLength": 1, "maxLength": 32, "pattern": "^[A-Za-z0-9_-]+$"},
    "id": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
}


def document(operations: Iterable[Operation], version: str) -> dict[str, Any]:
    """The document. Paths are in the order of the operations."""
    operations = list(operations)
    used = [o.answer for o in operations if not isinstance(o.answer, str)] + [o.body for o in operations if o.body]
    _, schemas = models_json_schema([(model, "validation") for model in [*used, Problem]], ref_template=PLACES)
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Dress code", "version": version,
            "description": "Arrivals, findings, decisions and reports of a dress code at its doors.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "dresscode api-token add"}},
        },
    }  # fmt: skip


def _operation(what: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": what.name,
        "summary": what.summary,
        "parameters": [*_path_parameters(what.path), *_query_parameters(what.query), *_headers(what)],
        "responses": {"200": _ok(what)} | {str(status): _problem(status) for status in _errors(what)},
        "security": [{"token": []}] if what.role else [],
    }
    if what.role == "supervisor":
        said["description"] = "Needs a token of a supervisor."
    if what.body is not None:
        said["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(what.body)}}}
    return said


def _errors(what: Operation) -> list[int]:
    always = [400, *([401, 403] if what.role else [])]
    return sorted({*always, *what.errors, *([413, 415] if what.body else [])})


def _ok(what: Operation) -> dict[str, Any]:
    if isinstance(what.answer, str):
        schema = {"type": "string", "format": "binary"} if what.answer.startswith("image/") else {"type": "object"}
        return {"description": what.summary, "content": {what.answer: {"schema": schema}}}
    return {"description": what.summary, "content": {"application/json": {"schema": _ref(what.answer)}}}


def _problem(status: int) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, "content": {TYPE: {"schema": _ref(Problem)}}}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": PLACES.format(model=model.__name__)}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = re.findall(r"\{(\w+)\}", path)
    return [{"name": name, "in": "path", "required": True, "schema": PATH[name]} for name in names]


def _query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema(ref_template=PLACES)
    wanted = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in wanted, "schema": _parameter(field)}
        for name, field in schema.get("properties", {}).items()
    ]


def _parameter(field: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema: in an address there is no null, there is only what is left out."""
    kept = {name: value for name, value in field.items() if name not in ("anyOf", "title", "default")}
    options = [option for option in field.get("anyOf", ()) if option.get("type") != "null"]
    schema: dict[str, Any] = {**kept, **(options[0] if options else {})}
    return schema | ({"default": field["default"]} if field.get("default") is not None else {})


def _headers(what: Operation) -> list[dict[str, Any]]:
    if what.method != "POST":
        return []
    text = "The ETag that was read; if the arrival has another by now, the answer is 412."
    schema = {"type": "string", "pattern": '^"[0-9]{1,9}"$'}
    return [{"name": "If-Match", "in": "header", "required": False, "schema": schema, "description": text}]
