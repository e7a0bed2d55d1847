"""Validates objects against OpenADR 3.1.1's own definition."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # stubs are not locked
from jsonschema import Draft4Validator  # type: ignore[import-untyped] # stubs are not locked

DEFINITION = Path(__file__).parents[2] / "data" / "openadr" / "openadr3-3.1.1.yaml"


def validate_object(schema: str, value: object) -> None:
    """Check a value against one of OpenADR's schemas; raises jsonschema's ValidationError."""
    root = {"$ref": f"#/components/schemas/{schema}", "components": _definition()["components"]}
    Draft4Validator(root).validate(value)


@cache
def _definition() -> dict[str, Any]:
    definition: dict[str, Any] = _with_null(yaml.safe_load(DEFINITION.read_text(encoding="utf-8")))
    return definition


def _with_null(node: Any) -> Any:
    """Return OpenAPI 3.0's ``nullable`` as JSON Schema words it."""
    if isinstance(node, list):
        return [_with_null(item) for item in node]
    if not isinstance(node, dict):
        return node
    fields = {key: _with_null(value) for key, value in node.items()}
    if fields.get("nullable") is True and isinstance(fields.get("type"), str):
        fields["type"] = [fields["type"], "null"]
    return fields
