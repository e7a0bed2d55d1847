"""Reports as homes send them."""

import json
from typing import Any, Final

from community_hub.store import Store
from community_hub.store.tables import Home
from community_hub.wire.mqtt5 import Message

from ..running import Clock

PREFIX: Final = "home_flex"
NOW: Final = Clock().now


def report(number: int = 1, ven_id: str = "home-1", **changes: Any) -> dict[str, Any]:
    """Return a report's notification, with changes of its object."""
    stamp = "2026-11-29T12:00:00Z"
    reported = {
        "id": f"report-{number}",
        "objectType": "REPORT",
        "createdDateTime": stamp,
        "modificationDateTime": stamp,
        "clientID": ven_id,
        "clientName": ven_id,
        "eventID": "event-1",
        "reportName": "measurements",
        "payloadDescriptors": [],
        "resources": [
            {
                "resourceName": "SITE",
                "intervals": [{"id": 0, "payloads": [{"type": "DEMAND", "values": [1.5]}]}],
            }
        ],
    }
    return {"objectType": "REPORT", "operation": "CREATE", "object": reported | changes}


def message(
    number: int = 1, ven_id: str = "home-1", *, stream: str | None = "store-1", **changes: Any
) -> Message:
    """Return it as it comes; its number in the home's store is that of the report."""
    return sent(json.dumps(report(number, ven_id, **changes)).encode(), ven_id, place(stream, number))


def place(stream: str | None, number: int, oldest: int = 1) -> tuple[tuple[str, str], ...]:
    """Return the properties that say where a report stands."""
    if stream is None:
        return ()
    return (("stream", stream), ("sequence", str(number)), ("oldest", str(oldest)))


def sent(payload: bytes, ven_id: str = "home-1", place: tuple[tuple[str, str], ...] = ()) -> Message:
    """Return a message on a home's topic."""
    return Message(f"{PREFIX}/vens/{ven_id}/reports/create", payload, 1, place)


async def join(store: Store, *ven_ids: str) -> None:
    """Let homes be of the community."""
    async with store.writing() as session:
        session.add_all(Home(ven_id=each, name=each, created_at=NOW) for each in ven_ids)
