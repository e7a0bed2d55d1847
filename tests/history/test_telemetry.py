"""Telemetry against a real store, behind a proxy that fails in every way a network and a server can."""

import asyncio
import json
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import aiohttp
import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.home_flex.history.telemetry import Telemetry, Timings
from custom_components.home_flex.history.telemetry_influx import InfluxStore
from custom_components.home_flex.history.telemetry_schema import Point
from custom_components.home_flex.history.telemetry_spool import SpoolLimits
from custom_components.home_flex.history.telemetry_store import StoreError, StoreSettings
from scripts.home_stack.processes import free_port

from .measurement_sink import TOKEN, FaultProxy, MeasurementSink, Sample, proxy

QUICK = Timings(flush_s=0.02, first_retry_s=0.01, longest_retry_s=0.04, token_poll_s=0.01)
BEGIN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
HOMES = (f"home-{number}" for number in count())


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MeasurementSink]:
    if not MeasurementSink.is_installed():
        pytest.skip("victoria-metrics is not installed")
    sink = MeasurementSink(folder=tmp_path_factory.mktemp("sink"))
    sink.start()
    yield sink
    sink.stop()


def store_at(url: str, home: str = "home", **more: object) -> StoreSettings:
    values = {"url": url, "org": "home", "bucket": "measurements", "home": home, "token": TOKEN} | more
    return StoreSettings(**values)  # type: ignore[arg-type] # the fields by name


def power(number: int, device: str = "meter", begin: datetime = BEGIN) -> Point:
    """Return the point with this number; each has its own millisecond and value."""
    time = begin + timedelta(milliseconds=number)
    return Point(
        measurement="power", device=device, kind="grid_meter", time=time, fields={"power_w": float(number)}
    )


def expected(numbers: range | list[int], device: str = "meter") -> set[Sample]:
    begin_ms = int(BEGIN.timestamp() * 1000)
    return {(f"power_power_w {device}", begin_ms + number, float(number)) for number in numbers}


async def until(condition: Callable[[], object], timeout_s: float = 30.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 # the outside tells nobody that it changes
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(
    settings: StoreSettings,
    folder: Path,
    *,
    timings: Timings = QUICK,
    limits: SpoolLimits | None = None,
    timeout_s: float = 0.3,
) -> AsyncIterator[Telemetry]:
    async with aiohttp.ClientSession() as session:
        telemetry = Telemetry(
            store=InfluxStore(session, settings, timeout_s=timeout_s),
            folder=folder,
            home=settings.home,
            clock=lambda: datetime.now(UTC),
            timings=timings,
            limits=limits,
        )
        task = asyncio.create_task(telemetry.run())
        try:
            yield telemetry
        finally:
            task.cancel()
            await asyncio.wait([task])
            await telemetry.close()


async def write_once(settings: StoreSettings, lines: bytes) -> None:
    connector = aiohttp.TCPConnector(ssl=settings.verify_tls)
    async with aiohttp.ClientSession(connector=connector) as session:
        await InfluxStore(session, settings).write(lines)


def all_sent(telemetry: Telemetry) -> Callable[[], bool]:
    return lambda: telemetry.health.points_waiting == 0


async def test_every_point_arrives_once_in_order_and_in_batches(
    sink: MeasurementSink, tmp_path: Path
) -> None:
    home = next(HOMES)
    async with proxy(sink.port) as store, running(store_at(store.url, home), tmp_path) as telemetry:
        for number in range(200):
            telemetry.add([power(number)])
            if number % 20 == 0:
                await asyncio.sleep(0.01)
        await until(all_sent(telemetry))
        health = telemetry.health
        assert store.paths[0] == "/api/v2/write?org=home&bucket=measurements&precision=ns"
        assert len(store.taken) < 50
        lines = [line for request in store.taken for line in request]
        assert lines == sorted(lines, key=lambda line: int(line.rsplit(" ", 1)[1]))
    found = await asyncio.to_thread(sink.samples, home)
    assert set(found) == expected(range(200))
    assert set(found.values()) == {1}
    assert (health.problem, health.oldest, health.points_dropped, health.points_set_aside) == (
        None,
        None,
        0,
        0,
    )
    assert health.last_success is not None


FAULTS = [
    "drop",
    "cut_request",
    "cut_answer",
    "hang",
    "429",
    "500",
    "503",
    "401",
    "403",
    "404",
    "408",
    "301",
    "200",
]


@given(
    batches=st.lists(st.integers(1, 30), min_size=1, max_size=5),
    faults=st.lists(st.sampled_from(FAULTS), max_size=6),
)
@settings(max_examples=15, deadline=None)
def test_whatever_fails_on_the_way_every_point_arrives_in_order(
    sink: MeasurementSink,
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[int],
    faults: list[str],
) -> None:
    home = next(HOMES)
    folder = tmp_path_factory.mktemp("spool")

    async def live() -> list[list[str]]:
        async with (
            proxy(sink.port, *faults) as store,
            running(store_at(store.url, home), folder, timeout_s=0.15) as telemetry,
        ):
            number = 0
            for size in batches:
                telemetry.add(power(number + each) for each in range(size))
                number += size
                await asyncio.sleep(0.03)
            await until(all_sent(telemetry))
            return store.taken

    taken = asyncio.run(live())
    assert set(sink.samples(home)) == expected(range(sum(batches)))
    firsts = list(dict.fromkeys(line for request in taken for line in request))
    assert firsts == sorted(firsts, key=lambda line: int(line.rsplit(" ", 1)[1])), "the oldest first"


async def test_a_store_that_is_away_is_filled_when_it_is_back(sink: MeasurementSink, tmp_path: Path) -> None:
    home = next(HOMES)
    async with proxy(sink.port) as store, running(store_at(store.url, home), tmp_path) as telemetry:
        telemetry.add([power(0)])
        await until(all_sent(telemetry))
        await store.stop()
        for number in range(1, 40):
            telemetry.add([power(number)])
            await asyncio.sleep(0.01)
        await until(lambda: telemetry.health.problem == "cannot_connect")
        health = telemetry.health
        assert health.points_waiting == 39
        assert health.bytes_waiting > 0
        assert health.oldest == BEGIN + timedelta(milliseconds=1)
        await store.start()
        await until(all_sent(telemetry))
        assert telemetry.health.problem is None
    assert set(await asyncio.to_thread(sink.samples, home)) == expected(range(40))


async def test_beyond_the_bound_only_the_oldest_points_are_missing_and_they_are_counted(
    sink: MeasurementSink, tmp_path: Path
) -> None:
    home = next(HOMES)
    limits = SpoolLimits(total=3000, segment=500)
    async with proxy(sink.port) as store:
        await store.stop()
        async with running(store_at(store.url, home), tmp_path, limits=limits) as telemetry:
            for number in range(60):
                telemetry.add([power(number)], urgent=True)
                await until(lambda: not telemetry._buffer and not telemetry._on_its_way)
            assert telemetry.health.points_dropped > 0
            await store.start()
            await until(all_sent(telemetry))
            dropped = telemetry.health.points_dropped
    found = set(await asyncio.to_thread(sink.samples, home))
    assert expected(range(dropped, 60)) <= found
    assert found <= expected(range(60))


PARTIAL = "internal error: unexpected error writing points to database: partial write: on purpose"


@pytest.mark.parametrize("status", ["400", "422", f"500 {PARTIAL}"])
async def test_a_batch_the_store_refuses_is_set_aside_and_the_stream_goes_on(
    sink: MeasurementSink, tmp_path: Path, status: str, caplog: pytest.LogCaptureFixture
) -> None:
    home = next(HOMES)
    async with proxy(sink.port, status) as store, running(store_at(store.url, home), tmp_path) as telemetry:
        telemetry.add([power(0), power(1)])
        await until(lambda: telemetry.health.points_set_aside == 2)
        telemetry.add([power(2)])
        await until(lambda: store.taken)
        await until(all_sent(telemetry))
        assert telemetry.health.points_set_aside == 2
    assert set(await asyncio.to_thread(sink.samples, home)) == expected([2])
    kept = (tmp_path / "quarantine.lp").read_text()
    assert "on purpose" in kept
    assert [line.split(" ")[1] for line in kept.splitlines()[1:] if line] == ["power_w=0.0", "power_w=1.0"]
    assert "2 measurements are set aside" in caplog.text


async def test_a_batch_too_large_for_the_store_is_sent_in_halves(
    sink: MeasurementSink, tmp_path: Path
) -> None:
    home = next(HOMES)
    async with (
        proxy(sink.port, "413", "413") as store,
        running(store_at(store.url, home), tmp_path) as telemetry,
    ):
        telemetry.add(power(number) for number in range(8))
        await until(all_sent(telemetry))
        assert [len(request) for request in store.taken] == [2, 2, 4]
        assert telemetry.health.points_set_aside == 0
    assert set(await asyncio.to_thread(sink.samples, home)) == expected(range(8))


async def test_a_refused_token_is_waited_out_and_a_new_one_works_without_a_restart(tmp_path: Path) -> None:
    token_file = tmp_path / "influxdb_token"
    token_file.write_text("token-that-has-expired\n")
    patient = Timings(flush_s=0.02, first_retry_s=0.01, longest_retry_s=60, token_poll_s=0.01)
    async with proxy(None) as store:
        settings = store_at(store.url, token=None, token_file=token_file)
        async with running(settings, tmp_path / "spool", timings=patient) as telemetry:
            telemetry.add([power(0)])
            await until(lambda: telemetry.health.problem == "not_authorised")
            asked = store.requests
            telemetry.add([power(1)])
            await asyncio.sleep(0.2)
            assert store.requests == asked, "the store is left alone meanwhile"
            token_file.unlink()
            await asyncio.sleep(0.05)
            token_file.write_text(TOKEN + "\n")
            await until(all_sent(telemetry))
            assert telemetry.health.problem is None
            store.token = "rotated-token-of-the-home"
            telemetry.add([power(2)])
            await until(lambda: telemetry.health.problem == "not_authorised")
            token_file.write_text(store.token)
            await until(all_sent(telemetry))


async def test_a_missing_token_loses_nothing_and_is_told(tmp_path: Path) -> None:
    token_file = tmp_path / "influxdb_token"
    async with proxy(None) as store:
        settings = store_at(store.url, token=None, token_file=token_file)
        async with running(settings, tmp_path / "spool") as telemetry:
            telemetry.add([power(0)])
            await until(lambda: telemetry.health.problem == "token_missing")
            assert store.requests == 0
            token_file.write_text(TOKEN)
            await until(all_sent(telemetry))


async def test_retry_after_is_obeyed(tmp_path: Path) -> None:
    async with proxy(None, "429") as store, running(store_at(store.url), tmp_path) as telemetry:
        store.retry_after = "1"
        telemetry.add([power(0)])
        await until(lambda: telemetry.health.problem == "unavailable")
        begin = asyncio.get_running_loop().time()
        await until(all_sent(telemetry))
        assert asyncio.get_running_loop().time() - begin > 0.9


async def test_waits_grow_to_the_longest_and_differ_from_home_to_home(tmp_path: Path) -> None:
    async with running(store_at("http://127.0.0.1:1"), tmp_path, timings=Timings()) as telemetry:
        for failures, step_s in enumerate([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300], start=1):
            waits = {telemetry._delay_s(failures) for _ in range(50)}
            assert len(waits) > 10
            assert all(step_s / 2 <= wait_s <= step_s for wait_s in waits)


async def test_a_store_that_hangs_holds_neither_the_disk_nor_the_loop_up(tmp_path: Path) -> None:
    async with (
        proxy(None, "hang") as store,
        running(store_at(store.url), tmp_path, timeout_s=1.0) as telemetry,
    ):
        telemetry.add([power(0)], urgent=True)
        await until(lambda: store.requests == 1)
        loop = asyncio.get_running_loop()
        begin = loop.time()
        telemetry.add([power(1)], urgent=True)
        await until(lambda: telemetry.health.bytes_waiting > 0 and not telemetry._buffer)
        assert loop.time() - begin < 0.8
        await until(all_sent(telemetry))
        assert [len(request) for request in store.taken] == [1, 1]


async def test_points_of_one_series_and_time_do_not_overwrite_each_other(tmp_path: Path) -> None:
    async with proxy(None) as store, running(store_at(store.url), tmp_path) as telemetry:
        telemetry.add([power(5), power(5), power(4), power(5, device="other")])
        await until(all_sent(telemetry))
        times = [int(line.rsplit(" ", 1)[1]) for line in store.taken[0]]
        assert times == [times[0], times[0] + 1, times[0] + 2, times[0]]


async def test_a_disk_that_fails_is_told_and_the_points_wait_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    async with proxy(None) as store, running(store_at(store.url), tmp_path / "file" / "spool") as telemetry:
        telemetry.add(power(number) for number in range(20_005))
        await until(lambda: telemetry.health.problem == "disk")
        assert telemetry.health.points_waiting == 20_000
        (tmp_path / "file").unlink()
        await until(all_sent(telemetry))
        assert telemetry.health.problem is None
        assert telemetry.health.points_dropped == 5
        assert sum(len(request) for request in store.taken) == 20_000


async def test_what_was_collected_is_on_the_disk_when_telemetry_ends(
    sink: MeasurementSink, tmp_path: Path
) -> None:
    home = next(HOMES)
    url = f"http://127.0.0.1:{free_port()}"
    async with running(store_at(url, home), tmp_path, timings=Timings(flush_s=600)) as telemetry:
        telemetry.add([power(0), power(1)])
    async with proxy(sink.port) as store, running(store_at(store.url, home), tmp_path) as telemetry:
        await until(lambda: telemetry.health.last_success)
    assert set(await asyncio.to_thread(sink.samples, home)) == expected(range(2))


COLLECTING_HOME = """
import aiohttp, asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from custom_components.home_flex.history.telemetry import Telemetry, Timings
from custom_components.home_flex.history.telemetry_influx import InfluxStore
from custom_components.home_flex.history.telemetry_store import StoreSettings
from tests.history.test_telemetry import power

async def main(url, home, folder, begin):
    settings = StoreSettings(url=url, org="home", bucket="measurements", home=home, token="token")
    telemetry = Telemetry(
        store=InfluxStore(aiohttp.ClientSession(), settings, timeout_s=0.3),
        folder=Path(folder),
        home=home,
        clock=lambda: datetime.now(UTC),
        timings=Timings(flush_s=600),
    )
    task = asyncio.create_task(telemetry.run())
    for number in range(50):
        telemetry.add([power(number, 'killed', datetime.fromisoformat(begin))])
        await asyncio.sleep(0.001)
    while telemetry._unnoted or telemetry._pending:
        await asyncio.sleep(0.001)
    print("collected", flush=True)
    await asyncio.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_home_killed_between_two_batches_loses_nothing_it_had_collected(
    sink: MeasurementSink, tmp_path: Path
) -> None:
    home = next(HOMES)
    async with proxy(sink.port) as store:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", COLLECTING_HOME, store.url, home, str(tmp_path), BEGIN.isoformat()),
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"collected\n"
        process.kill()
        await process.wait()
        async with running(store_at(store.url, home), tmp_path) as telemetry:
            await until(lambda: telemetry.health.last_success)
            await until(all_sent(telemetry))
    assert set(await asyncio.to_thread(sink.samples, home)) == expected(range(50), "killed")


KILLED_HOME = """
import aiohttp, asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from custom_components.home_flex.history.telemetry import Telemetry, Timings
from custom_components.home_flex.history.telemetry_influx import InfluxStore
from custom_components.home_flex.history.telemetry_store import StoreSettings
from tests.history.test_telemetry import power

async def main(url, token, home, folder, number, begin):
    settings = StoreSettings(url=url, org="home", bucket="measurements", home=home, token=token)
    telemetry = Telemetry(
        store=InfluxStore(aiohttp.ClientSession(), settings, timeout_s=0.3),
        folder=Path(folder),
        home=home,
        clock=lambda: datetime.now(UTC),
        timings=Timings(flush_s=0.01, first_retry_s=0.01, longest_retry_s=0.04),
    )
    task = asyncio.create_task(telemetry.run())
    number = int(number)
    while True:
        telemetry.add([power(number, 'killed', datetime.fromisoformat(begin))], urgent=True)
        while telemetry._buffer or telemetry._on_its_way:
            await asyncio.sleep(0)
        print(number, flush=True)
        number += 1
        await asyncio.sleep(0.001)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_home_killed_in_the_middle_of_a_batch_loses_nothing_that_was_spooled(
    sink: MeasurementSink, tmp_path: Path
) -> None:
    home = next(HOMES)
    number = 0
    async with proxy(sink.port, "500", "cut_answer", "drop", "429") as store:
        for promises in (3, 20, 60):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                KILLED_HOME,
                store.url,
                TOKEN,
                home,
                str(tmp_path),
                str(number),
                BEGIN.isoformat(),
                stdout=subprocess.PIPE,
                cwd=Path(__file__).parents[2],
            )
            assert process.stdout is not None
            for _ in range(promises):
                number = int(await process.stdout.readline()) + 1
            process.send_signal(signal.SIGKILL)
            rest = (await process.stdout.read()).decode().splitlines(keepends=True)
            number = max([number, *(int(line) + 1 for line in rest if line.endswith("\n"))])
            await process.wait()
        async with running(store_at(store.url, home), tmp_path) as telemetry:
            await until(lambda: telemetry.health.last_success)
            await until(all_sent(telemetry))
    found = set(await asyncio.to_thread(sink.samples, home))
    assert expected(range(number), "killed") <= found


async def test_the_probe_writes_one_point_or_says_what_is_wrong(
    sink: MeasurementSink, tmp_path: Path
) -> None:
    lines = (
        b"availability,device=site,home=probe,kind=site readable=1.0 "
        + str(int(BEGIN.timestamp() * 1e9)).encode()
    )
    async with proxy(sink.port) as store:
        await write_once(store_at(store.url), lines)
        assert store.taken == [[lines.decode()]]
        wrong: list[tuple[StoreSettings, str, str]] = [
            (store_at(store.url, token="no-such-token"), "", "not_authorised"),
            (store_at(store.url), "404", "not_found"),
            (store_at(store.url), "200", "not_a_store"),
            (store_at(store.url), "302", "not_a_store"),
            (store_at(store.url), "503", "unavailable"),
            (store_at(store.url), "400", "refused_points"),
            (store_at(store.url), "413", "too_large"),
            (store_at(store.url), "drop", "cannot_connect"),
            (store_at(f"https://127.0.0.1:{sink.port}"), "", "cannot_connect"),
            (store_at(f"http://127.0.0.1:{free_port()}"), "", "cannot_connect"),
            (store_at("http://no-such-host.invalid:8086"), "", "unknown_host"),
            (store_at("http://[::1"), "", "invalid_url"),
            (store_at(store.url, token="line\nfeed"), "", "token_missing"),
            (store_at(store.url, token=None, token_file=tmp_path), "", "token_missing"),
        ]
        for settings_, fault, reason in wrong:
            if fault:
                store.faults.append(fault)
            with pytest.raises(StoreError) as error:
                await write_once(settings_, lines)
            assert (error.value.reason, fault) == (reason, fault)
            assert TOKEN not in str(error.value)


async def test_a_certificate_is_checked_unless_that_is_switched_off() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    store = FaultProxy(sink_port=None, tls=context)
    await store.start()
    url = store.url.replace("http:", "https:")
    try:
        with pytest.raises(StoreError) as error:
            await write_once(store_at(url), b"x y=1 1")
        assert error.value.reason == "bad_certificate"
        assert store.taken == []
        await write_once(store_at(url, verify_tls=False), b"x y=1 1")
        assert store.taken == [["x y=1 1"]]
    finally:
        await store.stop()


async def test_what_a_store_says_is_one_short_line_in_the_message() -> None:
    async with proxy(None, "400") as store:
        with pytest.raises(StoreError, match=r"^The store answers 400: on purpose$"):
            await write_once(store_at(store.url), b"x")


def test_secrets_are_not_in_the_representation() -> None:
    assert TOKEN not in repr(store_at("http://127.0.0.1:1"))
    assert json.dumps(TOKEN) not in repr(store_at("http://127.0.0.1:1"))
