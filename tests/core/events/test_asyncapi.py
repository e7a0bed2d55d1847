"""The AsyncAPI document says what the code does."""

from typing import Any

import pytest

from custom_components.home_flex.core.events.model import EventStatus, PayloadType
from custom_components.home_flex.core.events.outcome import StatusReason
from custom_components.home_flex.core.events.refusal import RefusalReason
from custom_components.home_flex.core.events.reports import PRIVATE
from tests.asyncapi import document, is_valid, schema_names, validate
from tests.core.events.openadr import validate_object

from .samples import EVENT, event_object

TOPICS = {
    "events/create",
    "events/update",
    "events/delete",
    "events/request",
    "events/response",
    "invitations/told",
    "invitations/answer",
    "invitations/received",
    "reports/create",
    "reports/received",
    "resources/create",
    "resources/update",
    "status",
}


def _schema(name: str) -> Any:
    return document()["components"]["schemas"][name]


def test_every_topic_is_described() -> None:
    assert set(schema_names()) == TOPICS


def test_every_channel_has_an_operation_and_only_state_is_retained() -> None:
    retained, may_be_lost = {}, set()
    for operation in document()["operations"].values():
        channel = operation["channel"]["$ref"].rsplit("/", 1)[1]
        if operation["bindings"]["mqtt"]["qos"] != 1:
            may_be_lost.add(channel)
        retained[channel] = operation["bindings"]["mqtt"]["retain"]
        if "reply" in operation:
            retained[operation["reply"]["channel"]["$ref"].rsplit("/", 1)[1]] = False
    assert set(retained) == set(document()["channels"])
    assert may_be_lost == {"reportsReceived"}
    assert {channel for channel, retain in retained.items() if retain} == {"resourcesUpdate", "status"}


def test_every_reference_leads_somewhere() -> None:
    for reference in _references(document()):
        node = document()
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def _references(node: Any) -> list[str]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = [node["$ref"]] if isinstance(node, dict) and "$ref" in node else []
    return own + [reference for child in children for reference in _references(child)]


def _examples() -> list[tuple[str, Any]]:
    messages = document()["components"]["messages"]
    return [
        (channel["address"].removeprefix("{prefix}/vens/{venID}/"), example["payload"])
        for channel in document()["channels"].values()
        for name in channel["messages"]
        for example in messages[name].get("examples", ())
    ]


@pytest.mark.parametrize(("topic", "payload"), _examples())
def test_the_examples_are_as_described(topic: str, payload: Any) -> None:
    validate(topic, payload)


@pytest.mark.parametrize(("topic", "payload"), _examples())
def test_the_examples_of_events_and_reports_are_openadr_objects(topic: str, payload: Any) -> None:
    if topic in {"events/create", "events/update", "reports/create"}:
        validate_object(topic.split("/", maxsplit=1)[0].removesuffix("s"), payload["object"])


def test_the_reasons_states_and_payload_types_are_those_of_the_code() -> None:
    assert _schema("refusalReason")["enum"] == list(RefusalReason)
    assert _schema("statusReason")["enum"] == [each for each in StatusReason if each not in PRIVATE]
    assert _schema("instructionStatus")["enum"] == list(EventStatus)
    described = [each["properties"]["type"].get("enum", []) for each in _schema("payload")["oneOf"]]
    assert [name for names in described for name in names] == list(PayloadType)


def test_every_reason_for_refusal_is_explained() -> None:
    assert all(f"* `{reason}`:" in _schema("refusalReason")["description"] for reason in RefusalReason)


@pytest.mark.parametrize(
    "event",
    [
        event_object(id=...),
        event_object(id="a/b"),
        event_object(intervals=[]),
        event_object(intervals=[{"id": 0, "payloads": [{"type": "PRICE", "values": [1]}]}]),
        event_object(intervals=[{"id": 0, "payloads": [{"type": "SIMPLE", "values": [4]}]}]),
        event_object(intervals=[{"id": 0, "payloads": [{"type": "SIMPLE", "values": [True]}]}]),
        event_object(intervalPeriod={"start": "tomorrow"}),
    ],
)
def test_an_event_that_is_not_in_order_is_not_as_described(event: dict[str, Any]) -> None:
    assert not is_valid("events/create", {"objectType": "EVENT", "operation": "CREATE", "object": event})


def test_an_event_under_another_topic_is_not_as_described() -> None:
    notification = {"objectType": "EVENT", "operation": "CREATE", "object": EVENT}
    assert is_valid("events/create", notification)
    assert not is_valid("events/update", notification)
