"""Errors of the API as problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from flask import Response

from service.web.api.models import Problem

TYPE: Final = "application/problem+json"


class ApiError(Exception):
    """Ends a request with a problem."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str = "",
        errors: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        revision: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(
            title=status.phrase, status=status.value, detail=detail, errors=list(errors), revision=revision
        )
        self.headers = dict(headers or {})


def answer(error: ApiError) -> Response:
    """The response of an error."""
    body = error.problem.model_dump_json(exclude_none=True)
    return Response(body, error.problem.status, error.headers, content_type=TYPE)
