"""What is wrong reaches the health document, poll by poll; what fails is tried again."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from influxdb_edge import flux
from influxdb_edge.api import InfluxApi
from influxdb_edge.keeper import Keeper
from influxdb_edge.status import Status

from .ingest_process import TOKENS, Ingest, ToldStore, running_ingest
from .servers import METER, REMOTE, Server, ns


@dataclass(kw_only=True)
class Watch:
    """A keeper whose clock is ours, and the fake it looks after."""

    server: Server
    settings: dict[str, str]
    now: datetime = datetime(2026, 6, 21, 8, 30, tzinfo=UTC)
    uptime_s: float = 100.0

    def __post_init__(self) -> None:
        wanted = self.server.configured(**self.settings)
        self.status = Status(wanted.data / "health.json", wanted.health_address)
        self.keeper = Keeper(
            wanted, self.status, Event(), clock=lambda: self.now, uptime_s=lambda: self.uptime_s
        )

    def after(self, minutes: float = 0) -> dict[str, Any]:
        self.now += timedelta(minutes=minutes)
        self.uptime_s += 60 * minutes
        self.keeper.poll()
        latest = self.status.latest()
        assert latest is not None
        return dict(json.loads(latest))

    def queue(self, remaining: int, code: int = 204) -> None:
        assert self.server.fake is not None
        for stream in self.server.fake.state.entries["replications"].values():
            stream |= {"remainingBytesToBeSynced": remaining, "latestResponseCode": code}


type Watching = Callable[[dict[str, str]], Watch]


@pytest.fixture
def watching(fake: Server) -> Iterator[Watching]:
    made: list[Watch] = []

    def make(settings: dict[str, str]) -> Watch:
        watch = Watch(server=fake, settings=settings)
        watch.status.start()
        made.append(watch)
        return watch

    yield make
    for watch in made:
        watch.status.stop()


@pytest.fixture
def watch(watching: Watching) -> Watch:
    return watching(REMOTE)


def test_a_queue_that_only_grows_is_told_and_one_that_drains_is_well_again(watch: Watch) -> None:
    assert watch.after()["problems"] == []
    for minute in range(8):
        watch.queue(1000 + minute)
        health = watch.after(5)
    watch.queue(2000)
    assert watch.after(5)["problems"] == ["replication_stalled"]
    assert health["replication"]["remaining_bytes"] == 1007

    watch.queue(10)
    assert watch.after(5)["problems"] == []


def test_a_blocked_stream_is_told_with_its_code(watch: Watch) -> None:
    watch.after()
    watch.queue(1000, 422)
    watch.after(1)

    health = watch.after(40)

    assert health["problems"] == ["replication_blocked"]
    assert health["replication"]["latest_response_code"] == 422


def test_dropped_points_are_told(watch: Watch) -> None:
    watch.after()
    fake = watch.server.fake
    assert fake is not None
    [stream_id] = fake.state.entries["replications"]
    fake.state.metrics = f'replications_queue_points_failed_to_queue{{replicationID="{stream_id}"}} 12\n'

    health = watch.after(1)

    assert health["problems"] == ["replication_points_dropped"]
    assert health["replication"]["points_not_queued"] == 12


def test_values_that_came_late_are_downsampled_within_the_hour(watch: Watch) -> None:
    watch.after()
    fake = watch.server.fake
    assert fake is not None
    late = watch.now - timedelta(hours=20)
    fake.state.points.write(flux.RAW, f"{METER}=1 {ns(late)}")
    assert not fake.state.points.buckets[flux.QUARTERS]

    watch.after(61)

    assert list(fake.state.points.buckets[flux.QUARTERS].values()) == [1.0]


def test_a_clock_that_was_years_ahead_puts_no_work_off_for_years(watch: Watch) -> None:
    right = watch.now
    watch.now += timedelta(days=3650)
    watch.after()
    watch.now = right
    fake = watch.server.fake
    assert fake is not None
    fake.state.points.write(flux.RAW, f"{METER}=1 {ns(right - timedelta(hours=20))}")

    watch.after(61)

    assert list(fake.state.points.buckets[flux.QUARTERS].values()) == [1.0]


def test_a_clock_that_is_set_years_ahead_makes_no_queue_look_stuck(watch: Watch) -> None:
    watch.after()
    watch.queue(1000)
    watch.after(5)
    watch.now += timedelta(days=3650)

    assert watch.after(5)["problems"] == []


def test_a_server_that_does_not_pass_is_told_and_its_return_too(watch: Watch) -> None:
    watch.after()
    fake = watch.server.fake
    assert fake is not None
    fake.state.health = "fail"
    assert watch.after(1)["problems"] == ["influxdb_down"]

    fake.state.health = "pass"
    assert watch.after(1)["problems"] == []


@pytest.fixture
def central(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ToldStore, Ingest]]:
    store = ToldStore()
    store.start()
    with running_ingest(tmp_path_factory.mktemp("ingest"), store.url, kind="influxdb") as ingest:
        yield store, ingest
    store.stop()


def test_a_gap_is_filled_through_the_ingest_service_and_told_when_that_does_not_help(
    watching: Watching, central: tuple[ToldStore, Ingest]
) -> None:
    store, ingest = central
    watch = watching({"REPLICATION_URL": ingest.url, "REPLICATION_TOKEN": TOKENS["home_1"]})
    fake = watch.server.fake
    assert fake is not None
    hour = watch.now - timedelta(hours=5)
    fake.state.points.write(flux.QUARTERS, f"{METER}=1 {ns(hour)}")

    first = watch.after()
    second = watch.after(61)

    writes = [body for path, _, body in store.requests if path.startswith("/api/v2/write")]
    assert writes == [f"{METER}=1.0 {ns(hour)}".encode()] * 2
    assert first["problems"] == []
    assert first["gaps"]["rewritten_hours"] == 1
    # The told store counts nothing, ever: writing again has not helped.
    assert second["problems"] == ["gaps"]
    assert second["gaps"]["stubborn_hours"] == ["2026-06-21T03:00:00+00:00"]


def test_a_token_the_community_no_longer_takes_is_told(
    watching: Watching, central: tuple[ToldStore, Ingest]
) -> None:
    watch = watching({"REPLICATION_URL": central[1].url, "REPLICATION_TOKEN": "revoked-token-0123456789"})

    assert watch.after()["problems"] == ["gap_check_failed"]


def test_the_api_never_shows_its_token() -> None:
    assert "secret-of-the-home" not in repr(InfluxApi(url="http://127.0.0.1:1", token="secret-of-the-home"))
