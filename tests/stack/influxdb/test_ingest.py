"""The ingest service: a home writes under its own name only, and every answer is what replication needs."""

import json
import os
import time
import zlib
from collections.abc import Iterator

import pytest

from tests.history.measurement_sink import MeasurementSink

from .ingest_process import CENTRAL_TOKEN, TOKENS, Ingest, ToldStore, hashed, running_ingest

POINT = b"power,home=home_1,device=meter,kind=grid_meter power_w=1.5 1781999000000000000"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def told_store() -> Iterator[ToldStore]:
    store = ToldStore()
    store.start()
    yield store
    store.stop()


@pytest.fixture(scope="module")
def told_ingest(told_store: ToldStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingest]:
    with running_ingest(tmp_path_factory.mktemp("told"), told_store.url, kind="influxdb") as ingest:
        yield ingest


@pytest.fixture
def store(told_store: ToldStore) -> ToldStore:
    told_store.status, told_store.headers = 204, {}
    told_store.requests.clear()
    return told_store


@pytest.fixture
def ingest(told_ingest: Ingest, store: ToldStore) -> Ingest:
    return told_ingest


@pytest.mark.parametrize("packed", [True, False])
def test_own_points_are_stored_with_the_community_s_token(
    ingest: Ingest, store: ToldStore, packed: bool
) -> None:
    assert ingest.write(POINT, packed=packed).status == 204

    [(path, authorization, body)] = store.requests
    assert path == "/api/v2/write?org=community&bucket=homes&precision=ns"
    assert authorization == f"Token {CENTRAL_TOKEN}"
    assert body == POINT


def test_of_a_batch_with_a_wrong_clock_the_rest_is_stored(ingest: Ingest, store: ToldStore) -> None:
    future = POINT.replace(b"1781999", b"8781999")
    assert ingest.write(POINT + b"\n" + future).status == 400
    assert [body for _, _, body in store.requests] == [POINT]
    assert ingest.write(future).status == 400
    assert len(store.requests) == 1


@pytest.mark.parametrize("token", [None, "", "wrong", hashed(TOKENS["home_1"]), CENTRAL_TOKEN])
def test_without_a_home_s_token_nothing_is_taken(ingest: Ingest, store: ToldStore, token: str | None) -> None:
    assert ingest.write(POINT, token=token).status == 401
    assert ingest.count("2026-06-21T00:00:00Z", "2026-06-21T01:00:00Z", token=token).status == 401
    assert store.requests == []


def test_a_point_of_another_home_refuses_the_whole_batch(ingest: Ingest, store: ToldStore) -> None:
    other = POINT.replace(b"home_1", b"home_2")

    answer = ingest.write(POINT + b"\n" + other)

    assert answer.status == 400
    assert answer.message.startswith("point 2:")
    assert store.requests == []


@pytest.mark.parametrize(
    "line",
    [
        b"power,device=meter power_w=1",
        b"power,home=home_1,home=home_2 power_w=1",
        b"power,home=home_2,home=home_1 power_w=1",
        b"power,home=home_10 power_w=1",
        b"power,home= power_w=1",
        b"power,home=home_1\\ x power_w=1",
        b"power,device=a\\,home=home_1 power_w=1",
        b"power,home=home_1,device=a\\\\ x\\,home=home_2 power_w=1",
        b"power\\,home=home_1 power_w=1",
        b",home=home_1 power_w=1",
        b"power power_w=1,home=home_1",
        b'event,home=home_1 reason="a" 1\nevent,home=home_2 reason="b" 2',
        b'event,home=home_1 reason="a\nevent,home=home_2 power_w=1',
        b"power,home=home_1 power_w=1\r\npower,home=home_2 power_w=1",
        b"# a comment\npower,home=home_2 power_w=1",
        b"\x00\xff\xfe",
        b"x" * 100_000,
    ],
)
def test_points_that_are_not_plainly_of_this_home_are_refused(
    ingest: Ingest, store: ToldStore, line: bytes
) -> None:
    assert ingest.write(line).status == 400
    assert store.requests == []


def test_a_line_break_in_a_text_cannot_hide_another_home(ingest: Ingest, store: ToldStore) -> None:
    hidden = b'event,home=home_1 reason="a\nevent,home=home_2 power_w=1\nb"'

    assert ingest.write(hidden).status == 204

    # The store gets one line, which begins with the tag of this home.
    assert store.requests[0][2] == hidden.replace(b"\n", b" ")


def test_texts_with_escapes_come_through_as_they_are(ingest: Ingest, store: ToldStore) -> None:
    text = rb'event,home=home_1,device=a\ b reason="say \"no\", a=b, \\",value=1'

    assert ingest.write(text).status == 204
    assert store.requests[0][2] == text


def test_an_empty_write_asks_whether_the_token_is_good(ingest: Ingest, store: ToldStore) -> None:
    assert ingest.write(b"").status == 204
    assert ingest.write(b"", packed=False).status == 204
    assert store.requests == []


def test_a_body_too_large_is_refused_packed_or_not(ingest: Ingest, store: ToldStore) -> None:
    assert ingest.write(POINT + b"\n" + os.urandom(5 * MIB), packed=False).status == 400
    assert ingest.write((POINT + b"\n") * (9 * MIB // len(POINT))).status == 400
    assert store.requests == []


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"no gzip", "gzip"), (zlib.compress(POINT, wbits=31)[:-9], "gzip"), (POINT, "zstd")],
)
def test_a_damaged_body_is_refused(ingest: Ingest, store: ToldStore, body: bytes, encoding: str) -> None:
    if encoding == "gzip":
        answer = ingest.write(body, encoding="gzip ")
    else:
        answer = ingest.write(body, encoding=encoding)

    assert answer.status == 400
    assert store.requests == []


@pytest.mark.parametrize("precision", ["h", "", "1"])
def test_an_unknown_precision_is_refused(ingest: Ingest, store: ToldStore, precision: str) -> None:
    assert ingest.write(POINT, precision=precision).status == 400
    assert store.requests == []


def test_a_home_cannot_choose_the_bucket(ingest: Ingest, store: ToldStore) -> None:
    ingest.write(POINT, precision="ns&bucket=other&org=other")

    assert store.requests[0][0] == "/api/v2/write?org=community&bucket=homes&precision=ns"


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        *((code, 400) for code in (400, 413, 422)),
        *((code, 503) for code in (200, 301, 401, 403, 404, 500, 502, 503)),
        (429, 429),
    ],
)
def test_what_the_store_says_becomes_what_replication_needs(
    ingest: Ingest, store: ToldStore, said: int, answered: int
) -> None:
    store.status, store.headers = said, {"Retry-After": "7"} if said == 429 else {}

    answer = ingest.write(POINT)

    assert answer.status == answered
    assert answer.retry_after == ("7" if said == 429 else None)


def test_a_store_that_is_away_leaves_the_data_with_the_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_ingest(tmp_path_factory.mktemp("away"), "http://127.0.0.1:9", kind="influxdb") as ingest:
        assert ingest.write(POINT).status == 503


def test_influxdb_counts_the_points_of_this_home_only(ingest: Ingest, store: ToldStore) -> None:
    store.csv = ",result,table,_time,_value\r\n,_result,0,2026-06-21T08:00:00Z,196\r\n\r\n"

    answer = ingest.count("2026-06-21T08:00:00Z", "2026-06-21T09:00:00Z")

    assert json.loads(answer.body) == {"points_per_hour": {"2026-06-21T08:00:00Z": 196}}
    query = json.loads(store.requests[0][2])["query"]
    assert 'r.home == "home_1"' in query


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        ("", "2026-06-21T09:00:00Z"),
        ("2026-06-21T08:30:00Z", "2026-06-21T09:00:00Z"),
        ("2026-06-21T10:00:00Z", "2026-06-21T09:00:00Z"),
        ("2026-01-21T10:00:00Z", "2026-06-21T09:00:00Z"),
        ('2026-06-21T08:00:00Z") |> drop(', "2026-06-21T09:00:00Z"),
    ],
)
def test_a_span_that_is_not_of_bounded_whole_hours_is_refused(
    ingest: Ingest, store: ToldStore, start: str, stop: str
) -> None:
    assert ingest.count(start, stop).status == 400
    assert store.requests == []


def test_a_revoked_token_is_refused_soon_and_a_damaged_file_changes_nothing(
    told_store: ToldStore, tmp_path_factory: pytest.TempPathFactory
) -> None:
    told_store.status = 204
    with running_ingest(tmp_path_factory.mktemp("revoke"), told_store.url, kind="influxdb") as ingest:
        ingest.tokens_file.write_text("{ damaged")
        time.sleep(0.1)
        assert ingest.write(POINT).status == 204
        ingest.tokens_file.write_text(json.dumps({"home_1": [], "home_2": [hashed(TOKENS["home_2"])]}))
        deadline = time.monotonic() + 15
        while (status := ingest.write(POINT).status) == 204 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert status == 401
        assert ingest.write(b"", token=TOKENS["home_2"]).status == 204


def test_a_real_store_takes_and_counts_what_homes_write(tmp_path_factory: pytest.TempPathFactory) -> None:
    if not MeasurementSink.is_installed():
        pytest.skip("victoria-metrics is not installed")
    sink = MeasurementSink(folder=tmp_path_factory.mktemp("sink"))
    sink.start()
    try:
        hour = int(time.time()) // 3600 * 3600
        stamps = [hour - 3600, hour - 1, hour, hour + 1]
        lines = [b"power,home=home_1,device=meter power_w=1 %d" % (stamp * 10**9) for stamp in stamps]
        with running_ingest(
            tmp_path_factory.mktemp("real"), f"http://127.0.0.1:{sink.port}", kind="victoria_metrics"
        ) as ingest:
            assert ingest.write(b"\n".join(lines)).status == 204
            other = lines[0].replace(b"home_1", b"home_2")
            assert ingest.write(other, token=TOKENS["home_2"]).status == 204
            start, middle, stop = (
                time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime(moment))
                for moment in (hour - 3600, hour, hour + 3600)
            )
            # It shows what it took after seconds only, unless it is asked to make haste.
            sink.samples("home_1")
            found = json.loads(ingest.count(start, stop).body)
            assert found == {"points_per_hour": {start: 2, middle: 2}}
    finally:
        sink.stop()
