"""Validates messages against the AsyncAPI document of the aggregator's wire."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # stubs are not locked
from jsonschema import Draft7Validator, ValidationError  # type: ignore[import-untyped] # stubs are not locked

DOCUMENT_PATH = Path(__file__).parents[1] / "docs" / "asyncapi.yaml"
_ROOT = "{prefix}/vens/{venID}/"


@cache
def document() -> dict[str, Any]:
    """Return the AsyncAPI document."""
    parsed: dict[str, Any] = yaml.safe_load(DOCUMENT_PATH.read_text(encoding="utf-8"))
    return parsed


@cache
def schema_names() -> dict[str, str]:
    """Return the reference to the payload's schema of each topic below ``{prefix}/vens/{venID}/``."""
    messages = document()["components"]["messages"]
    return {
        channel["address"].removeprefix(_ROOT): messages[name]["payload"]["$ref"]
        for channel in document()["channels"].values()
        for name in channel["messages"]
    }


def validate(topic_kind: str, payload: object) -> None:
    """Check a decoded payload of a topic, such as ``events/create``; raises jsonschema's ValidationError."""
    _validator(topic_kind).validate(payload)


@cache
def _validator(topic_kind: str) -> Draft7Validator:
    # Draft 7 ignores what stands beside a reference, hence allOf; the references start at this root.
    return Draft7Validator(
        {"allOf": [{"$ref": schema_names()[topic_kind]}], "components": document()["components"]}
    )


def is_valid(topic_kind: str, payload: object) -> bool:
    """Return whether a decoded payload is as the document says."""
    try:
        validate(topic_kind, payload)
    except ValidationError:
        return False
    return True
