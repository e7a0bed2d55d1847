"""What the home tells about its devices: OpenADR 3.1 resource objects, each wrapped in a notification.

Sources: OpenADR 3.1.1 ``resource``, ``target``; enumerations ven-resource-attributes (MAX_POWER_CONSUMPTION,
MAX_POWER_EXPORT, DESCRIPTION). DEVICE_KIND and STORAGE_USABLE_CAPACITY as attributes are ours
(docs/asyncapi.yaml).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from ..model import DeviceKind
from .reports import Document, Json, derived_id, time_text


def resource_object(  # noqa: PLR0913 # the fields of an OpenADR resource
    *,
    operation: Literal["CREATE", "UPDATE"],
    ven_id: str,
    resource_name: str,
    kind: DeviceKind,
    at: datetime,
    max_consumption_w: float | None = None,
    max_export_w: float | None = None,
    capacity_wh: float | None = None,
    group_ids: Sequence[str] = (),
) -> Document:
    """Return the notification of a device and what it can do; powers and capacity are zero or positive.

    ``group_ids`` are the groups it is in: an event with one of them among its targets is asked of that group.
    The resource's id follows from the home and ``resource_name`` (1 to 128 characters).
    """
    attributes: dict[str, Json] = {
        "DEVICE_KIND": kind,
        "MAX_POWER_CONSUMPTION": _kilo(max_consumption_w),
        "MAX_POWER_EXPORT": _kilo(max_export_w),
        "STORAGE_USABLE_CAPACITY": _kilo(capacity_wh),
    }
    return {
        "objectType": "RESOURCE",
        "operation": operation,
        "object": {
            "id": derived_id(ven_id, "resource", resource_name),
            "objectType": "RESOURCE",
            "createdDateTime": time_text(at),
            "modificationDateTime": time_text(at),
            "clientID": ven_id,
            "venID": ven_id,
            "resourceName": resource_name,
            "targets": list(group_ids),
            "attributes": [
                {"type": kind, "values": [value]} for kind, value in attributes.items() if value is not None
            ],
        },
    }


def _kilo(value: float | None) -> float | None:
    return None if value is None else round(value / 1000, 6)
