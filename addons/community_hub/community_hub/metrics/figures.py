"""The figures of the community, read from the database when they are asked for: the same from each worker."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..homes.consents import in_force
from ..store.tables import (
    AuditHead,
    Consent,
    DeliverySample,
    Dispatch,
    GridMessage,
    Home,
    Leader,
    MarketOrder,
    MeteredDay,
    OutgoingMessage,
    ReceivedReport,
    RefusedReports,
    WebhookDelivery,
)
from .requests import PREFIX

# A home of which nothing came for so long is counted as silent.
HEARD: Final = timedelta(minutes=15)

# The values of the labels, and the number.
type Row = tuple[tuple[str, ...], float]
type _Read = Callable[[AsyncSession, datetime], Awaitable[Iterable[Row]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A figure: how it is called, what it says, whether it only ever grows, and how it is read."""

    name: str
    text: str
    read: _Read
    labels: tuple[str, ...] = ()
    is_counter: bool = False


def _number(query: Callable[[datetime], Select[tuple[Any]]]) -> _Read:
    """Return how one number is read; nothing at all is 0."""

    async def read(session: AsyncSession, now: datetime) -> list[Row]:
        return [((), float(await session.scalar(query(now)) or 0))]

    return read


def _by(query: Callable[[datetime], Select[tuple[str, Any]]]) -> _Read:
    """Return how numbers by one label are read."""

    async def read(session: AsyncSession, now: datetime) -> list[Row]:
        return [((str(label),), float(value or 0)) for label, value in await session.execute(query(now))]

    return read


async def _outbox_age(session: AsyncSession, now: datetime) -> list[Row]:
    """Return in how many seconds the message that waits longest expires; below 0 it is too late for it."""
    first = await session.scalar(
        select(OutgoingMessage.expires_at)
        .where(OutgoingMessage.outcome.is_(None))
        .order_by(OutgoingMessage.number)
        .limit(1)
    )
    return [] if first is None else [((), (first - now).total_seconds())]


async def _delivery(session: AsyncSession, now: datetime) -> list[Row]:
    """Return what is needed and what comes of each dispatch that runs, by its newest minute."""
    newest = (
        select(DeliverySample.dispatch_id, func.max(DeliverySample.at).label("at"))
        .join(Dispatch, Dispatch.id == DeliverySample.dispatch_id)
        .where(*_runs(now))
        .group_by(DeliverySample.dispatch_id)
        .subquery()
    )
    samples = await session.scalars(
        select(DeliverySample).join(
            newest,
            (newest.c.dispatch_id == DeliverySample.dispatch_id) & (newest.c.at == DeliverySample.at),
        )
    )
    found = list(samples)
    needed_w = sum(each.needed_w for each in found)
    delivered_w = sum(each.delivered_w or 0 for each in found)
    return [(("needed",), float(needed_w)), (("delivered",), float(delivered_w))]


def _runs(now: datetime) -> tuple[Any, ...]:
    return (Dispatch.cancelled_at.is_(None), Dispatch.starts_at <= now, Dispatch.ends_at > now)


FIGURES: Final[Sequence[Figure]] = (
    Figure(
        name="homes",
        text="Homes that joined, by state.",
        labels=("state",),
        read=_by(lambda _: select(Home.state, func.count()).group_by(Home.state)),
    ),
    Figure(
        name="homes_heard",
        text="Homes that reported over MQTT in the last 15 minutes.",
        read=_number(
            lambda now: select(func.count(func.distinct(ReceivedReport.ven_id))).where(
                ReceivedReport.received_at > now - HEARD
            )
        ),
    ),
    Figure(
        name="consents_in_force",
        text="Consents that hold now.",
        read=_number(lambda now: select(func.count(Consent.id)).join(Home).where(in_force(now))),
    ),
    Figure(
        name="reports_refused",
        text="Reports that were refused, by reason.",
        labels=("reason",),
        is_counter=True,
        read=_by(
            lambda _: select(RefusedReports.reason, func.sum(RefusedReports.times)).group_by(
                RefusedReports.reason
            )
        ),
    ),
    Figure(
        name="reports_of_15_minutes",
        text="Reports that came over MQTT in the last 15 minutes.",
        read=_number(lambda now: select(func.count()).where(ReceivedReport.received_at > now - HEARD)),
    ),
    Figure(
        name="outbox_waiting",
        text="Messages to homes that are not published yet.",
        read=_number(lambda _: select(func.count()).where(OutgoingMessage.outcome.is_(None))),
    ),
    Figure(
        name="outbox_first_expires_seconds",
        text="In how many seconds the first message that waits expires; none where nothing waits.",
        read=_outbox_age,
    ),
    Figure(
        name="webhooks_waiting",
        text="Notifications to webhooks that are not delivered yet.",
        read=_number(lambda _: select(func.count()).where(WebhookDelivery.ended_at.is_(None))),
    ),
    Figure(
        name="grid_messages_waiting",
        text="Messages to grid operators that are not posted yet.",
        read=_number(
            lambda _: select(func.count()).where(GridMessage.is_ours, GridMessage.ended_at.is_(None))
        ),
    ),
    Figure(
        name="days_to_make_anew",
        text="Days of meters that were opened again and are not made anew yet.",
        read=_number(lambda _: select(func.count()).where(MeteredDay.reopened_at.is_not(None))),
    ),
    Figure(
        name="dispatches_running",
        text="Dispatches that run now.",
        read=_number(lambda now: select(func.count(Dispatch.id)).where(*_runs(now))),
    ),
    Figure(
        name="delivery_watts",
        text="What running dispatches need and what comes of them, by their newest minute.",
        labels=("what",),
        read=_delivery,
    ),
    Figure(
        name="market_orders_open",
        text="Orders of quarter-hours that are not cleared.",
        read=_number(lambda _: select(func.count()).where(MarketOrder.filled_wh.is_(None))),
    ),
    Figure(
        name="leader_beats",
        text="Signs of life of the worker that leads a task; it stands still while none does.",
        labels=("task",),
        is_counter=True,
        read=_by(lambda _: select(Leader.task, Leader.beat)),
    ),
    Figure(
        name="acts",
        text="Acts in the audit log.",
        is_counter=True,
        read=_number(lambda _: select(AuditHead.number)),
    ),
)


class Read(Collector):
    """Figures that were read, as Prometheus' library takes them."""

    def __init__(self, rows: Sequence[tuple[Figure, Iterable[Row]]]) -> None:
        """Hold them."""
        self._rows = rows

    def collect(self) -> Iterator[Metric]:
        """Yield each figure."""
        for figure, rows in self._rows:
            kind = CounterMetricFamily if figure.is_counter else GaugeMetricFamily
            family = kind(f"{PREFIX}_{figure.name}", figure.text, labels=figure.labels)
            for labels, value in rows:
                family.add_metric(labels, value)
            yield family


async def read(session: AsyncSession, now: datetime) -> Read:
    """Read all figures, of one state of the database."""
    return Read([(figure, await figure.read(session, now)) for figure in FIGURES])
