"""A home's influxd and the community's, both real, with the ingest service between them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from influxdb_edge import flux
from influxdb_edge.annotated_csv import lines
from influxdb_edge.api import InfluxApi
from influxdb_edge.hours import HOUR, HourLedger, close_gaps, downsample_late, whole_hour
from influxdb_edge.metrics import replication_counters
from influxdb_edge.queue_health import QueueSample
from influxdb_edge.reconcile import Reconciled, reconcile

from .ingest_process import CENTRAL_TOKEN, TOKENS, Ingest, running_ingest
from .servers import METER, RealInfluxd, Server, ns, until

NOW = datetime.now(UTC)
FIRST = whole_hour(NOW) - 6 * HOUR
DAY = timedelta(days=1)
# A replication that failed waits for 1 s, 2 s, 4 s and so on before it is tried again.
PATIENCE_S = 60.0

pytestmark = pytest.mark.timeout(240)


@dataclass(kw_only=True)
class Pair:
    """Both ends. ``community`` holds the points of all homes."""

    home: RealInfluxd
    community: RealInfluxd
    ingest: Ingest
    folder: Path
    done: Reconciled = field(init=False)

    def __post_init__(self) -> None:
        settings = {"REPLICATION_URL": self.ingest.url, "REPLICATION_TOKEN": TOKENS["home_1"]}
        server = Server(url=self.home.url, folder=self.folder)
        self.done = reconcile(server.configured(**settings), server.api)

    def measure(self, *hours: int) -> None:
        """Write a value for each minute of some hours after the first, and downsample them."""
        entries = [
            f"{METER}={hour * 60 + minute} {ns(FIRST + hour * HOUR) + minute * 60 * 10**9}"
            for hour in hours
            for minute in range(60)
        ]
        self.done.api.write("\n".join(entries), org=flux.ORG, bucket=flux.RAW)
        downsample_late(
            self.done.api, HourLedger(self.folder / "hours"), NOW + 2 * HOUR, back=DAY, keep=2 * DAY
        )

    def quarters(self) -> list[str]:
        """Return what the home has for the community, as line protocol."""
        return _points(self.done.api, flux.QUARTERS, flux.ORG)

    def arrived(self) -> list[str]:
        """Return what the community has of the home."""
        return _points(self._central, "homes", "community")

    def lose(self, start: datetime, lasting: timedelta) -> None:
        """Delete the community's points of some time."""
        # InfluxDB deletes the last moment too.
        stop = start + lasting - timedelta(seconds=1)
        span = {"start": f"{start:%Y-%m-%dT%H:%M:%SZ}", "stop": f"{stop:%Y-%m-%dT%H:%M:%SZ}"}
        self._central.post("/api/v2/delete?org=community&bucket=homes", span)

    def queue(self) -> QueueSample:
        """Return how the queue is now."""
        stream_id = self.done.replication_id
        assert stream_id is not None
        counters = replication_counters(self.done.api.text("/metrics"), stream_id)
        told = self.done.api.get(f"/api/v2/replications/{stream_id}")
        return QueueSample.of(NOW, 0.0, told, counters)

    def all_arrives(self) -> None:
        """Wait until both ends have the same and nothing waits. Raises AssertionError."""
        self.until(lambda: self.arrived() == self.quarters() and self.queue().remaining_bytes == 0)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until it is so. Raises AssertionError."""
        until(condition, timeout_s=PATIENCE_S, tell=lambda: (self.arrived(), self.quarters(), self.queue()))

    @property
    def _central(self) -> InfluxApi:
        return InfluxApi(url=self.community.url, token=CENTRAL_TOKEN)


def _points(api: InfluxApi, bucket: str, org: str) -> list[str]:
    return sorted(lines(api.flux(flux.points(bucket, FIRST - DAY, NOW + DAY), org=org)))


@pytest.fixture
def pair(tmp_path: Path, binary: str) -> Iterator[Pair]:
    home, community = (RealInfluxd(tmp_path / name, binary) for name in ("home", "community"))
    try:
        home.start()
        community.start()
        first = {"username": "operator", "password": "a password of this test", "token": CENTRAL_TOKEN}
        InfluxApi(url=community.url).post(
            "/api/v2/setup", {**first, "org": "community", "bucket": "homes", "retentionPeriodSeconds": 0}
        )
        with running_ingest(tmp_path / "ingest", community.url, kind="influxdb") as ingest:
            yield Pair(home=home, community=community, ingest=ingest, folder=tmp_path / "home")
    finally:
        home.stop()
        community.stop()


def test_what_the_home_downsamples_arrives_at_the_community(pair: Pair) -> None:
    pair.measure(0, 1)

    pair.all_arrives()

    assert len(pair.arrived()) == 8
    assert pair.queue().latest_response_code == 204


def test_what_was_measured_while_the_community_was_away_arrives_although_both_were_killed(
    pair: Pair,
) -> None:
    pair.measure(0)
    pair.all_arrives()
    pair.community.kill()
    pair.measure(1, 2)
    assert pair.queue().remaining_bytes > 0
    pair.home.kill()

    pair.community.start()
    pair.home.start()
    # A queue goes on with the first value after the start, a quarter of an hour at most in a home.
    pair.measure(3)

    pair.all_arrives()
    assert len(pair.arrived()) == 16


@pytest.mark.parametrize("lost", [HOUR, HOUR / 2])
def test_what_the_community_lost_is_found_by_counting_and_written_again(pair: Pair, lost: timedelta) -> None:
    pair.measure(0, 1, 2)
    pair.all_arrives()
    pair.lose(FIRST + HOUR, lost)
    assert len(pair.arrived()) == 12 - lost / timedelta(minutes=15)

    end = pair.ingest.remote("home_1")
    first = close_gaps(pair.done.api, end, NOW, back=DAY, before=None)
    second = close_gaps(pair.done.api, end, NOW, back=DAY, before=first)

    assert first.missing_hours == (FIRST + HOUR,)
    assert second.missing_hours == ()
    assert pair.arrived() == pair.quarters()


def test_points_the_community_will_never_take_do_not_hold_up_what_is_behind_them(pair: Pair) -> None:
    central = InfluxApi(url=pair.community.url, token=CENTRAL_TOKEN)
    bucket = central.get("/api/v2/buckets", name="homes")["buckets"][0]
    rule = {"type": "expire", "everySeconds": 3600 * 4, "shardGroupDurationSeconds": 3600}
    central.patch(f"/api/v2/buckets/{bucket['id']}", {"retentionRules": [rule]})

    pair.measure(0)
    pair.measure(5)

    pair.until(lambda: len(pair.arrived()) >= 4 and pair.queue().remaining_bytes == 0)
    assert pair.queue().bytes_dropped > 0


def test_the_task_runs_and_downsamples_the_last_quarters(pair: Pair) -> None:
    now = datetime.now(UTC)
    api = pair.done.api
    api.write(f"{METER}=7 {ns(now - timedelta(minutes=20))}", org=flux.ORG, bucket=flux.RAW)
    task = next(
        entry
        for entry in api.get("/api/v2/tasks", orgID=pair.done.org_id)["tasks"]
        if entry["name"] == flux.TASK
    )
    api.post(f"/api/v2/tasks/{task['id']}/runs", {"scheduledFor": f"{now:%Y-%m-%dT%H:%M:%SZ}"})

    pair.until(lambda: bool(pair.quarters()))
    pair.all_arrives()
    assert "power_w=7 " in pair.arrived()[0]
