"""The six kinds of OpenADR objects, as data: what differs between them for the routes they share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
)
from sqlalchemy.orm import InstrumentedAttribute

from ..store.tables import Event, Program, Report, Resource, Subscription, Ven
from ..store.tables.openadr import OpenADRObject
from ..web.fields import ObjectId
from . import shapes
from .access import Scope
from .shapes import Shape

LARGEST_PAGE: Final = 50
_INT32: Final = 2**31


def _without_zero(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds U+0000")
    return text


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


type QueryText = Annotated[
    str, StringConstraints(min_length=1, max_length=128), AfterValidator(_without_zero)
]


class Query(BaseModel):
    """What every list can be asked for: which page, by how many."""

    model_config = ConfigDict(alias_generator=shapes.as_on_the_wire, extra="ignore", frozen=True)

    skip: Annotated[int, Field(ge=0, lt=_INT32)] = 0
    limit: Annotated[int, Field(ge=0, le=LARGEST_PAGE)] = LARGEST_PAGE
    # OpenADR 3.1: an object is listed when it has all of them.
    targets: Annotated[list[QueryText], Field(max_length=256), BeforeValidator(_several)] = []


class EventQuery(Query):
    """Events of a programme; ``active``: only those that are not over."""

    program_id: ObjectId | None = None
    active: bool = False


class ReportQuery(Query):
    """Reports of an event, of a programme's events, or by who reports."""

    program_id: ObjectId | None = None
    event_id: ObjectId | None = None
    client_name: QueryText | None = None


class SubscriptionQuery(Query):
    """Subscriptions to a programme, by who subscribed, or to any of some kinds of objects."""

    program_id: ObjectId | None = None
    client_name: QueryText | None = None
    objects: Annotated[list[shapes.ObjectType], BeforeValidator(_several)] = []


class VenQuery(Query):
    """A VEN by its name."""

    ven_name: QueryText | None = None


class ResourceQuery(Query):
    """Resources of a VEN, or by name."""

    resource_name: QueryText | None = None
    ven_id: ObjectId | None = None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of object.

    ``read`` is the scope by which VENs read it and ``write`` the one by which anybody writes it. ``equals``
    are the queries that ask for a column's value. ``children`` are deleted with an object, and each is told.
    """

    object_type: shapes.ObjectType
    path: str
    table: type[OpenADRObject]
    request: TypeAdapter[Shape]
    query: type[Query]
    read: Scope
    write: Scope
    equals: Mapping[str, InstrumentedAttribute[Any]] = field(default_factory=dict)
    children: Mapping[str, InstrumentedAttribute[Any]] = field(default_factory=dict)
    shows_client: bool = True
    # What a stored document of VENs and resources leaves out of the request that it came from.
    stored_as: str | None = None
    # The document lists no 409 for POST /vens.
    conflict: HTTPStatus = HTTPStatus.CONFLICT


PROGRAM: Final = Kind(
    object_type="PROGRAM",
    path="programs",
    table=Program,
    request=TypeAdapter(shapes.ProgramRequest),
    query=Query,
    read=Scope.READ_TARGETS,
    write=Scope.WRITE_PROGRAMS,
    children={"EVENT": Event.program_id, "SUBSCRIPTION": Subscription.program_id},
    shows_client=False,
)
EVENT: Final = Kind(
    object_type="EVENT",
    path="events",
    table=Event,
    request=TypeAdapter(shapes.EventRequest),
    query=EventQuery,
    read=Scope.READ_TARGETS,
    write=Scope.WRITE_EVENTS,
    equals={"programID": Event.program_id},
    children={"REPORT": Report.event_id},
    shows_client=False,
)
REPORT: Final = Kind(
    object_type="REPORT",
    path="reports",
    table=Report,
    request=TypeAdapter(shapes.ReportRequest),
    query=ReportQuery,
    read=Scope.READ_VEN_OBJECTS,
    write=Scope.WRITE_REPORTS,
    equals={"eventID": Report.event_id, "clientName": Report.client_name},
)
SUBSCRIPTION: Final = Kind(
    object_type="SUBSCRIPTION",
    path="subscriptions",
    table=Subscription,
    request=TypeAdapter(shapes.SubscriptionRequest),
    query=SubscriptionQuery,
    read=Scope.READ_VEN_OBJECTS,
    write=Scope.WRITE_SUBSCRIPTIONS,
    equals={"programID": Subscription.program_id, "clientName": Subscription.client_name},
)
VEN: Final = Kind(
    object_type="VEN",
    path="vens",
    table=Ven,
    request=TypeAdapter(shapes.VenRequest),
    query=VenQuery,
    read=Scope.READ_VEN_OBJECTS,
    write=Scope.WRITE_VENS,
    equals={"venName": Ven.name},
    children={"RESOURCE": Resource.ven_id},
    stored_as="BL_VEN_REQUEST",
    conflict=HTTPStatus.BAD_REQUEST,
)
RESOURCE: Final = Kind(
    object_type="RESOURCE",
    path="resources",
    table=Resource,
    request=TypeAdapter(shapes.ResourceRequest),
    query=ResourceQuery,
    read=Scope.READ_VEN_OBJECTS,
    write=Scope.WRITE_VENS,
    equals={"resourceName": Resource.name, "venID": Resource.ven_id},
    stored_as="BL_RESOURCE_REQUEST",
)
KINDS: Final = (PROGRAM, EVENT, REPORT, SUBSCRIPTION, VEN, RESOURCE)
BY_TYPE: Final[Mapping[str, Kind]] = {kind.object_type: kind for kind in KINDS}
