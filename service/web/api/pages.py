"""The API's documentation as a page, made of the same document; it loads nothing from elsewhere."""

from __future__ import annotations

from typing import Any

from flask import render_template

from service.web.access import needs
from service.web.api.document import document
from service.web.api.operations import OPERATIONS
from service.web.api.views import blueprint


@blueprint.get("/docs")
@needs("viewer")
def docs() -> str:
    """Every operation with its parameters, body and answers."""
    from service.cli import program_version

    said = document(OPERATIONS, program_version())
    operations = [
        {"method": method.upper(), "path": path} | what
        for path, methods in said["paths"].items()
        for method, what in methods.items()
    ]
    return render_template("api/docs.html", operations=operations, schemas=said["components"]["schemas"], kind=kind)


def kind(schema: dict[str, Any]) -> str:
    """A schema in a few words: its type, its format or choices, a model's name."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " | ".join(kind(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"[{kind(schema.get('items', {}))}]"
    limits = [f"{name} {schema[name]}" for name in ("minimum", "maximum", "maxLength") if name in schema]
    return ", ".join([str(schema.get("format") or schema.get("type") or schema.get("const", "")), *limits])
