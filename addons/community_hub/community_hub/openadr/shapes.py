"""What OpenADR 3.1.1 requests hold (``programRequest``, ``eventRequest``, …), checked at the edge.

Null is the same as absent: clients send it for what the document does not call nullable. What is unknown is
dropped. Times are stored in UTC with a ``Z``. Stricter than the document: no negative durations, no points
``{x, y}`` as values and no intervals without payloads (other VENs cannot read a list with one), https
callbacks only.
"""

import re
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ..core import Refusal, parse_time
from ..web.fields import ObjectId

_INT32: Final = 2**31
_MOST_TARGETS: Final = 256
_DURATION: Final = re.compile(
    r"P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+[DW])?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?", re.ASCII
)
_AS_WRITTEN: Final = {
    "url": "URL",
    "client_id": "clientID",
    "event_id": "eventID",
    "program_id": "programID",
    "ven_id": "venID",
}


def as_on_the_wire(name: str) -> str:
    """Return a field's name as OpenADR writes it."""
    first, *rest = name.split("_")
    return _AS_WRITTEN.get(name) or first + "".join(word.capitalize() for word in rest)


class Shape(BaseModel):
    """Of all of them: names as on the wire, types as they are."""

    model_config = ConfigDict(alias_generator=as_on_the_wire, strict=True, extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}

    def document(self) -> dict[str, Any]:
        """Return it as it is stored and sent."""
        return self.model_dump(by_alias=True, exclude_none=True)


def _time(text: str) -> str:
    try:
        return parse_time(text, "dateTime").isoformat().replace("+00:00", "Z")
    except Refusal as refusal:
        raise ValueError(refusal.message) from refusal


def _duration(text: str) -> str:
    if not _DURATION.fullmatch(text):
        raise ValueError("is no ISO 8601 duration of zero or more")
    return text


def _url(text: str) -> str:
    if not urlsplit(text).scheme:
        raise ValueError("is no URL")
    return text


def _callback(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise ValueError("is no https URL without a password in it")
    return text


type Text128 = Annotated[str, StringConstraints(min_length=1, max_length=128)]
type Text = Annotated[str, StringConstraints(max_length=4096)]
type Time = Annotated[str, AfterValidator(_time)]
type Duration = Annotated[str, StringConstraints(max_length=64), AfterValidator(_duration)]
type Url = Annotated[str, StringConstraints(min_length=2, max_length=8000), AfterValidator(_url)]
type CallbackUrl = Annotated[str, StringConstraints(min_length=2, max_length=8000), AfterValidator(_callback)]
type Targets = Annotated[list[Text128], Field(max_length=_MOST_TARGETS)]
type Int32 = Annotated[int, Field(ge=-_INT32, lt=_INT32)]
type ObjectType = Literal["PROGRAM", "EVENT", "REPORT", "SUBSCRIPTION", "VEN", "RESOURCE"]
type Operation = Literal["READ", "CREATE", "UPDATE", "DELETE"]


class ValuesMap(Shape):
    """Values of a type."""

    type: Text128
    values: list[bool | int | float | str]


class IntervalPeriod(Shape):
    """When an interval starts, how long it is, and by how much its start may be moved."""

    start: Time | None = None
    duration: Duration | None = None
    randomize_start: Duration | None = None


class Interval(Shape):
    """Payloads of a time."""

    id: Int32
    interval_period: IntervalPeriod | None = None
    payloads: Annotated[list[ValuesMap], Field(min_length=1)]


class EventPayloadDescriptor(Shape):
    """What the values of an event mean."""

    object_type: Literal["EVENT_PAYLOAD_DESCRIPTOR"]
    payload_type: Text128
    units: Text128 | None = None
    currency: Text | None = None


class ReportPayloadDescriptor(Shape):
    """What the values of a report mean."""

    object_type: Literal["REPORT_PAYLOAD_DESCRIPTOR"]
    payload_type: Text128
    reading_type: Text128 | None = None
    units: Text128 | None = None
    accuracy: float | None = None
    confidence: Annotated[int, Field(ge=0, le=100)] | None = None


class ReportDescriptor(Shape):
    """What a report is asked to hold."""

    payload_type: Text128
    reading_type: Text128 | None = None
    units: Text128 | None = None
    targets: Targets | None = None
    aggregate: bool | None = None
    start_interval: Int32 | None = None
    num_intervals: Int32 | None = None
    historical: bool | None = None
    frequency: Int32 | None = None
    repeat: Int32 | None = None
    report_intervals: Text | None = None


class ProgramDescription(Shape):
    """Where a programme is described."""

    url: Url


type PayloadDescriptor = Annotated[
    EventPayloadDescriptor | ReportPayloadDescriptor, Field(discriminator="object_type")
]


class ProgramRequest(Shape):
    """A contract or product."""

    program_name: Text128
    interval_period: IntervalPeriod | None = None
    program_descriptions: list[ProgramDescription] | None = None
    payload_descriptors: list[PayloadDescriptor] | None = None
    attributes: list[ValuesMap] | None = None
    targets: Targets | None = None


class EventRequest(Shape):
    """What is asked, or told of prices and carbon."""

    program_id: ObjectId
    event_name: Text | None = None
    duration: Duration | None = None
    priority: Annotated[int, Field(ge=0, lt=_INT32)] | None = None
    targets: Targets | None = None
    report_descriptors: list[ReportDescriptor] | None = None
    payload_descriptors: list[EventPayloadDescriptor] | None = None
    interval_period: IntervalPeriod | None = None
    intervals: list[Interval] | None = None


class ReportResource(Shape):
    """What is reported of one resource."""

    resource_name: Text128
    interval_period: IntervalPeriod | None = None
    intervals: list[Interval]


class ReportRequest(Shape):
    """What a VEN reports of an event."""

    event_id: ObjectId
    client_name: Text128
    report_name: Text | None = None
    payload_descriptors: list[ReportPayloadDescriptor] | None = None
    resources: list[ReportResource]


class ObjectOperation(Shape):
    """Which operations on which objects are told to whom."""

    objects: list[ObjectType]
    operations: list[Operation]
    callback_url: CallbackUrl
    bearer_token: Text | None = None


class SubscriptionRequest(Shape):
    """What a client wants to be told."""

    client_name: Text128
    program_id: ObjectId | None = None
    object_operations: Annotated[list[ObjectOperation], Field(max_length=64)]
    targets: Targets | None = None


class VenVenRequest(Shape):
    """A VEN, as it describes itself: it gives itself no targets."""

    object_type: Literal["VEN_VEN_REQUEST"]
    ven_name: Text128
    attributes: list[ValuesMap] | None = None


class BlVenRequest(Shape):
    """A VEN, as the business describes it."""

    object_type: Literal["BL_VEN_REQUEST"]
    client_id: Text128
    targets: Targets | None = None
    ven_name: Text128
    attributes: list[ValuesMap] | None = None


class VenResourceRequest(Shape):
    """A device, as its VEN describes it."""

    object_type: Literal["VEN_RESOURCE_REQUEST"]
    resource_name: Text128
    ven_id: ObjectId
    attributes: list[ValuesMap] | None = None


class BlResourceRequest(Shape):
    """A device, as the business describes it."""

    object_type: Literal["BL_RESOURCE_REQUEST"]
    client_id: Text128
    targets: Targets | None = None
    resource_name: Text128
    ven_id: ObjectId
    attributes: list[ValuesMap] | None = None


type VenRequest = Annotated[VenVenRequest | BlVenRequest, Field(discriminator="object_type")]
type ResourceRequest = Annotated[VenResourceRequest | BlResourceRequest, Field(discriminator="object_type")]
