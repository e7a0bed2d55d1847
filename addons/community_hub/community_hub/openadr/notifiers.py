"""``/notifiers``: how clients are told of changes. Webhooks always; MQTT for the events of a VEN.

What MQTT topics the hub publishes on is docs/asyncapi.yaml's; for what is not published there the answer is
that there is no such topic.
"""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request

from ..hub import hub_of
from ..web import Problem
from ..web.fields import ObjectId
from .access import Calling, Scope

router = APIRouter()

_PATHS = ("programs", "events", "reports", "subscriptions", "vens", "resources")
_VEN = "/notifiers/mqtt/topics/vens/{ven_id}"


@router.get("/notifiers")
async def notifiers(request: Request, caller: Calling) -> dict[str, Any]:
    """Tell which ways there are."""
    caller.require(Scope.READ_ALL, Scope.READ_BL, Scope.READ_TARGETS, Scope.READ_VEN_OBJECTS)
    url = hub_of(request).settings.mqtt_url
    if url is None:
        return {"WEBHOOK": True}
    # The certificates are handed out by the enrolment service, once, to who has the home's code.
    authentication = {"method": "CERTIFICATE", "caCert": "", "clientCert": "", "clientKey": ""}
    return {
        "WEBHOOK": True,
        "MQTT": {"URIS": [url], "serialization": "JSON", "authentication": authentication},
    }


@router.get(_VEN + "/events")
async def event_topics(request: Request, caller: Calling, ven_id: ObjectId) -> dict[str, Any]:
    """Tell on which topics a VEN is told of its events."""
    settings = hub_of(request).settings
    if not caller.is_business:
        caller.require(Scope.READ_VEN_OBJECTS)
        if caller.ven_id != ven_id:
            raise Problem(HTTPStatus.FORBIDDEN, "another-ven", "A VEN is told its own topics only.")
    if settings.mqtt_url is None:
        raise _no_topic()
    prefix = f"{settings.mqtt_prefix}/vens/{ven_id}/events"
    return {
        "topics": {operation: f"{prefix}/{operation.lower()}" for operation in ("CREATE", "UPDATE", "DELETE")}
        | {"ALL": f"{prefix}/+"}
    }


async def _nothing_there(caller: Calling) -> None:
    caller.require(Scope.READ_ALL, Scope.READ_BL, Scope.READ_TARGETS, Scope.READ_VEN_OBJECTS)
    raise _no_topic()


for _path in (
    *(f"/notifiers/mqtt/topics/{path}" for path in _PATHS),
    "/notifiers/mqtt/topics/programs/{program_id}",
    "/notifiers/mqtt/topics/programs/{program_id}/events",
    _VEN,
    _VEN + "/programs",
    _VEN + "/resources",
):
    router.add_api_route(_path, _nothing_there, methods=["GET"])


def _no_topic() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "no-topic", "This is not published over MQTT.")
