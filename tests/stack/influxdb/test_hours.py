"""What came late is downsampled again; what the community lacks is written to it again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from influxdb_edge import flux
from influxdb_edge.annotated_csv import CsvError, hour_counts, lines, nanoseconds, rows
from influxdb_edge.api import ApiError, InfluxApi
from influxdb_edge.hours import HOUR, Gaps, HourLedger, RemoteEnd, close_gaps, downsample_late, whole_hour
from influxdb_edge.reconcile import reconcile

from tests.history.measurement_sink import MeasurementSink

from .fake_points import Points
from .ingest_process import Ingest, running_ingest
from .servers import METER, Server, ns

NOW = datetime.now(UTC)
HOUR_AGO = whole_hour(NOW - timedelta(hours=3))
DAY = timedelta(days=1)


def api_of(server: Server) -> InfluxApi:
    return reconcile(server.configured(), server.api).api


def points_of(server: Server) -> Points:
    assert server.fake is not None
    return server.fake.state.points


def write(api: InfluxApi, bucket: str, *entries: str) -> None:
    api.write("\n".join(entries), org="home", bucket=bucket)


def quarters(api: InfluxApi, start: datetime, stop: datetime) -> dict[str, str]:
    """Return the values of the downsampled bucket by field and time."""
    text = api.flux(flux.points(flux.QUARTERS, start, stop), org="home")
    return {f"{row.values['_field']} {row.values['_time']}": row.values["_value"] for row in rows(text)}


def late(api: InfluxApi, ledger: HourLedger) -> int:
    return downsample_late(api, ledger, NOW, back=DAY, keep=2 * DAY)


def test_an_hour_is_downsampled_by_mean_last_and_copy(server: Server, tmp_path: Path) -> None:
    api = api_of(server)
    begin, minute = ns(HOUR_AGO), 60 * 10**9
    write(
        api,
        "measurements",
        *(f"{METER}={value} {begin + value * minute}" for value in (1, 2, 3)),
        f"{METER}=9 {begin + 15 * minute}",
        *(
            f"energy,device=meter,home=home_1,kind=grid_meter import_wh={value} {begin + value}"
            for value in (5, 7)
        ),
        f'event,device=site,home=home_1,status=NEW event_id="e, \\"1\\"",duration_s=900 {begin + 1}',
        f'setpoint,device=ev,home=home_1,owner=plan,quantity=power_w outcome="done",value=1 {begin + 1}',
    )

    assert late(api, HourLedger(tmp_path / "hours")) == 1

    first, second = (f"{HOUR_AGO + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}" for minutes in (0, 15))
    found = {
        name: value.removesuffix(".0") for name, value in quarters(api, HOUR_AGO, HOUR_AGO + HOUR).items()
    }
    event = f"{HOUR_AGO:%Y-%m-%dT%H:%M:%S}.000000001Z"
    assert found == {
        f"power_w {first}": "2",
        f"power_w {second}": "9",
        f"import_wh {first}": "7",
        f"event_id {event}": 'e, "1"',
        f"duration_s {event}": "900",
    }


def test_only_hours_in_which_values_were_added_are_downsampled_again(server: Server, tmp_path: Path) -> None:
    api = api_of(server)
    ledger = HourLedger(tmp_path / "hours")
    begin = ns(HOUR_AGO)
    write(api, "measurements", f"{METER}=1 {begin}", f"{METER}=1 {begin - 3600 * 10**9}")
    assert late(api, ledger) == 2
    assert late(api, ledger) == 0

    write(api, "measurements", f"{METER}=5 {begin + 10**9}")

    assert late(api, HourLedger(tmp_path / "hours")) == 1
    assert [float(value) for value in quarters(api, HOUR_AGO, HOUR_AGO + HOUR).values()] == [3.0]


def test_a_failure_half_way_leaves_the_rest_for_the_next_time(fake: Server, tmp_path: Path) -> None:
    api = api_of(fake)
    write(api, "measurements", f"{METER}=1 {ns(HOUR_AGO)}")
    points = points_of(fake)
    points.write("measurements", f'power,home=home_1 power_w="text" {ns(HOUR_AGO - HOUR)}')
    ledger = HourLedger(tmp_path / "hours")

    with pytest.raises(ApiError):
        late(api, ledger)
    points.buckets["measurements"] = {
        key: value for key, value in points.buckets["measurements"].items() if value != "text"
    }

    assert late(api, ledger) == 1


def test_a_damaged_ledger_costs_work_and_nothing_else(fake: Server, tmp_path: Path) -> None:
    api = api_of(fake)
    write(api, "measurements", f"{METER}=1 {ns(HOUR_AGO)}")
    late(api, HourLedger(tmp_path / "hours"))
    (tmp_path / "hours").write_text('{"cut off')

    assert late(api, HourLedger(tmp_path / "hours")) == 1


def test_the_ledger_forgets_hours_too_old_to_matter(tmp_path: Path) -> None:
    ledger = HourLedger(tmp_path / "hours")
    ledger.note({HOUR_AGO: 1, HOUR_AGO - 3 * DAY: 1}, forget_before=HOUR_AGO - 2 * DAY)

    assert HourLedger(tmp_path / "hours").changed({HOUR_AGO: 1, HOUR_AGO - 3 * DAY: 1}) == [
        HOUR_AGO - 3 * DAY
    ]


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MeasurementSink]:
    if not MeasurementSink.is_installed():
        pytest.skip("victoria-metrics is not installed")
    sink = MeasurementSink(folder=tmp_path_factory.mktemp("sink"))
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture(scope="module")
def ingest(sink: MeasurementSink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingest]:
    with running_ingest(
        tmp_path_factory.mktemp("ingest"), f"http://127.0.0.1:{sink.port}", kind="victoria_metrics"
    ) as ingest:
        yield ingest


def checked(api: InfluxApi, end: RemoteEnd, before: Gaps | None = None) -> Gaps:
    return close_gaps(api, end, NOW, back=DAY, before=before)


def test_hours_the_community_lacks_are_written_again(
    fake: Server, ingest: Ingest, sink: MeasurementSink
) -> None:
    api, end = api_of(fake), ingest.remote("home_1")
    kept = [f"{METER}={number} {ns(HOUR_AGO) - number * 900 * 10**9}" for number in range(12)]
    points_of(fake).write(flux.QUARTERS, "\n".join(kept))
    key = ("event", (("device", "site"), ("home", "home_1")))
    points_of(fake).buckets[flux.QUARTERS] |= {
        ((*key, "event_id"), ns(HOUR_AGO) + 1): "a\nb",
        ((*key, "duration_s"), ns(HOUR_AGO) + 1): 900.0,
    }
    # Two of the hours arrived, one of them in part.
    end.write(kept[5:9])
    sink.samples("home_1")

    first = checked(api, end)
    sink.samples("home_1")
    second = checked(api, end, first)

    assert first.rewritten_hours == len(first.missing_hours) == 3
    assert second.missing_hours == second.stubborn_hours == ()
    power = {
        (time_ms, value) for name, time_ms, value in sink.samples("home_1") if name == "power_power_w meter"
    }
    assert power == {(ns(HOUR_AGO) // 10**6 - number * 900_000, float(number)) for number in range(12)}


def test_an_hour_that_writing_again_does_not_mend_is_called_stubborn(fake: Server, ingest: Ingest) -> None:
    # The store keeps another home's points apart, so that this home's never seem to arrive.
    api, end = api_of(fake), ingest.remote("home_2")
    points_of(fake).write(flux.QUARTERS, f"{METER.replace('home_1', 'home_2')}=1 {ns(HOUR_AGO)}")
    before = Gaps(checked_at=NOW, missing_hours=(HOUR_AGO,), stubborn_hours=(), rewritten_hours=1)

    assert checked(api, end, before).stubborn_hours == (HOUR_AGO,)


@pytest.mark.parametrize(("theirs", "missing"), [(0, 1), (1, 0), (2, 0)])
def test_an_hour_of_which_the_community_has_as_much_or_more_is_no_gap(
    fake: Server, monkeypatch: pytest.MonkeyPatch, theirs: int, missing: int
) -> None:
    api = api_of(fake)
    points_of(fake).buckets[flux.QUARTERS].clear()
    points_of(fake).write(flux.QUARTERS, f"{METER}=1 {ns(HOUR_AGO)}")
    monkeypatch.setattr(RemoteEnd, "count", lambda *_: {HOUR_AGO: theirs})
    monkeypatch.setattr(RemoteEnd, "write", lambda *_: None)
    end = RemoteEnd(api=api, org=flux.ORG, bucket=flux.QUARTERS)
    assert len(checked(api, end).missing_hours) == missing


def test_what_a_longer_look_found_stays_known(fake: Server, ingest: Ingest) -> None:
    old = HOUR_AGO - 5 * DAY
    before = Gaps(checked_at=NOW, missing_hours=(old,), stubborn_hours=(), rewritten_hours=1)

    assert checked(api_of(fake), ingest.remote("home_2"), before).missing_hours == (old,)


def test_a_revoked_token_fails_the_check_and_changes_nothing(fake: Server, ingest: Ingest) -> None:
    end = RemoteEnd(
        api=InfluxApi(url=ingest.url, token="a-token-nobody-knows"), org="home", bucket="measurements_15m"
    )
    with pytest.raises(ApiError) as refused:
        checked(api_of(fake), end)
    assert refused.value.status == 401


def test_a_failed_query_is_an_error_and_no_count() -> None:
    failed = "#datatype,string,string\r\n,error,reference\r\n,query terminated: memory limit,897\r\n"
    with pytest.raises(CsvError, match="memory limit"):
        hour_counts(failed)
    with pytest.raises(CsvError):
        hour_counts("#datatype,string\r\n,_time\r\n,x\r\n")


NAMES = st.text(st.characters(exclude_characters="\r\n\\", exclude_categories=("C", "Z")), min_size=1)


@given(
    value=st.one_of(
        st.floats(allow_nan=False, allow_infinity=False),
        st.integers(-(2**63), 2**63 - 1),
        st.booleans(),
        st.text(st.characters(exclude_characters="\r\n", exclude_categories=["C"])),
    ),
    tag=NAMES,
    time_ns=st.integers(0, 4 * 10**18),
)
def test_a_point_read_back_is_the_point_that_was_written(
    value: float | bool | str, tag: str, time_ns: int
) -> None:
    written = Points()
    series = ("event", (("home", tag),), "field name")
    written.buckets["a"][series, time_ns] = value
    query = flux.points("a", datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))

    again = Points()
    again.write("b", "\n".join(lines(written.query(query))))

    assert again.buckets["b"] == written.buckets["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1970-01-01T00:00:01.5Z", 1_500_000_000),
        ("2026-06-21T08:00:00.123456789Z", 1_782_028_800_123_456_789),
    ],
)
def test_times_are_exact_to_the_nanosecond(text: str, expected: int) -> None:
    assert nanoseconds(text) == expected
