"""The operations of the API: each is registered once, and both its route and its place in the document come of that."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from flask import Blueprint, Response, request
from pydantic import BaseModel, ValidationError

from service.web.api.access import Caller, caller
from service.web.api.models import Nothing
from service.web.api.problems import ApiError

View: TypeAlias = Callable[..., "BaseModel | Response"]
BODY: Final = 64 * 1024
"""Bytes that a request may have."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `path` as in the document (``/arrivals/{key}``), `errors` beside 400 and 401.

    `role` is None where no token is needed.
    """

    method: str
    path: str
    name: str
    summary: str
    answer: type[BaseModel] | str
    query: type[BaseModel] = Nothing
    body: type[BaseModel] | None = None
    role: str | None = "viewer"
    errors: tuple[int, ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] | None = None


OPERATIONS: Final[list[Operation]] = []


def operation(blueprint: Blueprint, what: Operation) -> Callable[[View], View]:
    """Registers a view: it gets the path's parameters, and as asked for ``who``, ``query`` and ``body``."""

    def register(view: View) -> View:
        OPERATIONS.append(what)
        rule = re.sub(r"\{id\}", "<int:id>", what.path)
        rule = re.sub(r"\{(\w+)\}", r"<\1>", rule)
        blueprint.add_url_rule(rule, what.name, _wrapped(view, what), methods=[what.method])
        return view

    return register


def _wrapped(view: View, what: Operation) -> Callable[..., Response]:
    @wraps(view)
    def run(**path: Any) -> Response:
        who = caller(what.role)
        given: dict[str, Any] = {"who": who}
        query = _query(what.query)
        if what.query is not Nothing:
            given["query"] = query
        if what.body is not None:
            given["body"] = _body(what.body)
        said = view(**path, **given)
        return said if isinstance(said, Response) else json_answer(said)

    return run


def json_answer(model: BaseModel, headers: Mapping[str, str] | None = None) -> Response:
    """A model as the response."""
    return Response(model.model_dump_json(), headers=dict(headers or {}), content_type="application/json")


def _query(model: type[BaseModel]) -> BaseModel:
    twice = [name for name, values in request.args.lists() if len(values) > 1]
    if twice:
        raise ApiError(HTTPStatus.BAD_REQUEST, "a parameter is given twice", [f"{name}: given twice" for name in twice])
    return _validated(lambda: model.model_validate_strings(request.args.to_dict()))


def _body(model: type[BaseModel]) -> BaseModel:
    if request.mimetype != "application/json":
        raise ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "application/json is expected")
    if request.content_length is None or request.content_length > BODY:
        raise ApiError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {BODY} bytes, and their number, are expected")
    return _validated(lambda: model.model_validate_json(request.get_data(), strict=True))


def _validated(make: Callable[[], BaseModel]) -> BaseModel:
    try:
        return make()
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)]
        raise ApiError(HTTPStatus.BAD_REQUEST, "the request is not as described", wrong) from error


__all__ = ["OPERATIONS", "Caller", "Operation", "json_answer", "operation"]
