"""The ingest service under a home that means harm: what costs it little may not cost the others much.

A test of work that grows faster than its input has no clock: before, each of these took minutes to hours.
"""

import gzip
import socket
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta

import pytest
from community_hub.ingest.body import BodyRefused, unpacked
from community_hub.ingest.line_protocol import (
    FURTHEST_AHEAD,
    MOST_LINES,
    OLDEST,
    UNITS_PER_S,
    NotThisHome,
    checked,
)
from hypothesis import given
from hypothesis import strategies as st

from .ingest_process import TOKENS, Ingest, ToldStore, running_ingest

HOME = "home_1"
NOW = datetime(2026, 11, 29, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LONGEST_LINE = b"m,home=home_1 " + b",".join(b"f%d=1" % number for number in range(7000))
MIB = 1024 * 1024
REQUEST = (
    *(b"POST", b"GET", b" /api/v2/write", b"?precision=", b"%ff", b" HTTP/1.1", b"\r\n", b"Host: x"),
    *(b"Content-Encoding: gzip", b"Content-Length: 3", b"Transfer-Encoding: chunked", b"\x00", b"abc"),
)


def looked_through(body: bytes) -> bytes:
    return checked(body, HOME, precision="ns", now=NOW).lines


def many(line: bytes) -> bytes:
    """Return as many of a line as fit into what may be sent at once."""
    return b"\n".join([line] * min(MOST_LINES, 8 * MIB // (len(line) + 1)))


@pytest.mark.parametrize(
    "line",
    [
        LONGEST_LINE,
        b"m,home=home_1 " + b"f=" * 30_000,
        b'm,home=home_1 f="' + b'\\"' * 30_000 + b'"',
        b"m,home=home_1 " + b"\\" * 60_001,
        b"m,home=home_1," + b"a=\\," * 15_000 + b" f=1",
        b'm,home=home_1 f="a' + b"\n" * 1000 + b'b"',
    ],
    ids=["fields", "no quotation mark", "escaped marks", "escapes", "key", "line breaks in a text"],
)
def test_the_largest_body_of_the_longest_points_is_looked_through(line: bytes) -> None:
    # The last one counts its line breaks as points, though each of its points has a thousand.
    body = many(line) if line.count(b"\n") == 0 else b"\n".join([line] * 40)
    assert len(looked_through(body)) == len(body)


def test_a_point_longer_than_any_home_sends_is_refused_in_whatever_pieces() -> None:
    for line in (b"m,home=home_1 f=" + b"1" * 70_000, b'm,home=home_1 f="' + b"x\n" * 40_000 + b'"'):
        with pytest.raises(NotThisHome, match="longer than any home sends"):
            looked_through(line)


def test_more_points_than_any_home_sends_at_once_are_refused_unseen() -> None:
    with pytest.raises(NotThisHome, match="points at once"):
        looked_through(b"\n" * 8 * MIB)


def test_a_body_that_would_unpack_to_hundreds_of_megabytes_takes_no_such_memory() -> None:
    bomb = gzip.compress(bytes(200 * MIB))
    tracemalloc.start()
    try:
        with pytest.raises(BodyRefused, match="when unpacked"):
            unpacked(bomb, "gzip")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 40 * MIB


def test_a_body_in_thousands_of_packed_pieces_is_refused() -> None:
    assert unpacked(gzip.compress(b"a") + gzip.compress(b"b"), "gzip") == b"ab"
    with pytest.raises(BodyRefused, match="pieces"):
        unpacked(gzip.compress(b"") * 60_000, "gzip")


@pytest.mark.parametrize("precision", UNITS_PER_S)
@pytest.mark.parametrize(
    ("time", "kept"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), False),
        (OLDEST - SECOND, False),
        (OLDEST, True),
        (NOW, True),
        (NOW + FURTHEST_AHEAD, True),
        (NOW + FURTHEST_AHEAD + SECOND, False),
        (datetime(2262, 1, 1, tzinfo=UTC), False),
    ],
)
def test_a_point_of_a_time_that_cannot_be_is_left_out_alone(
    precision: str, time: datetime, kept: bool
) -> None:
    good, line = (
        b"m,home=home_1 f=1 %d" % (round(moment.timestamp()) * UNITS_PER_S[precision])
        for moment in (NOW, time)
    )
    points = checked(b"\n".join([good, line]), HOME, precision=precision, now=NOW)
    assert points.lines == (b"\n".join([good, line]) if kept else good)
    assert points.left_out == (0 if kept else 1)


@pytest.mark.parametrize(
    "end", [b" 1", b"  1", b"\t1", b" 1 ", b" 1\t", b" 1\x00", b" -1", b" " + b"9" * 60_000]
)
def test_no_blank_and_no_length_hides_a_time(end: bytes) -> None:
    body = b"m,home=home_1 f=1" + end
    assert checked(body, HOME, precision="ns", now=NOW).left_out == 1


@pytest.mark.parametrize("fields", [b"f=1", b"f=1i", b'f="a 1"', b'f="a\n 1"', b"f=1,g=2"])
def test_a_point_without_a_time_is_for_the_store_to_date(fields: bytes) -> None:
    body = b"m,home=home_1 " + fields
    assert checked(body, HOME, precision="ns", now=NOW).left_out == 0


@given(st.lists(st.sampled_from([b'"', b"\\", b"\n", b" ", b",", b"=", b"a", b"#", b"m,home=home_1 f="])))
def test_whatever_is_let_through_has_one_point_of_this_home_a_line(pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    try:
        passed = looked_through(body)
    except NotThisHome:
        return
    assert all(b",home=home_1 " in line for line in passed.split(b"\n") if line)


@pytest.fixture(scope="module")
def told_store() -> Iterator[ToldStore]:
    store = ToldStore()
    store.start()
    yield store
    store.stop()


@pytest.fixture(scope="module")
def crowded(told_store: ToldStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingest]:
    """Run the service with room for few open files, as on a machine that does much else."""
    folder = tmp_path_factory.mktemp("few")
    with running_ingest(folder, told_store.url, kind="influxdb", most_files=128) as ingest:
        yield ingest


def test_connections_that_ask_nothing_keep_no_home_out(crowded: Ingest) -> None:
    host, _, port = crowded.url.removeprefix("http://").partition(":")
    with ExitStack() as crowd:
        for _ in range(150):
            link = crowd.enter_context(closing(socket.create_connection((host, int(port)), timeout=5)))
            link.sendall(b"POST /api/v2/write HTTP/1.1\r\nHost: x\r\n")
        assert crowded.write(b"").status == 204


def test_one_home_writes_once_at_a_time_and_the_others_do_not_wait_for_it(
    told_store: ToldStore, crowded: Ingest
) -> None:
    points = {home: b"power,home=%s power_w=1" % home.encode() for home in TOKENS}
    told_store.open.clear()
    try:
        with ThreadPoolExecutor(2) as homes:
            first = homes.submit(crowded.write, points["home_1"])
            while not told_store.requests:
                time.sleep(0.01)
            again = crowded.write(points["home_1"])
            other = homes.submit(crowded.write, points["home_2"], token=TOKENS["home_2"])
            told_store.open.set()
            assert (first.result().status, other.result().status) == (204, 204)
    finally:
        told_store.open.set()
    assert (again.status, again.retry_after) == (429, "1")


def test_one_home_counts_once_at_a_time_and_goes_on_writing(told_store: ToldStore, crowded: Ingest) -> None:
    span = "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"
    told_store.requests.clear()
    told_store.open.clear()
    try:
        with ThreadPoolExecutor(2) as homes:
            first = homes.submit(crowded.count, *span)
            while not told_store.requests:
                time.sleep(0.01)
            again = crowded.count(*span)
            written = homes.submit(crowded.write, b"power,home=home_1 power_w=1")
            told_store.open.set()
            assert (first.result().status, written.result().status) == (200, 204)
    finally:
        told_store.open.set()
    assert (again.status, again.retry_after) == (429, "1")


@pytest.mark.parametrize(
    "authorization", [b"Token \xff", b"Token \xed\xa0\x80", b"Bearer " + b"a" * 4000, b"\xff", b"Token  "]
)
def test_a_token_of_any_bytes_is_no_token(crowded: Ingest, authorization: bytes) -> None:
    head = b"POST /api/v2/write HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n"
    answer = raw(crowded, head + b"Authorization: " + authorization + b"\r\n\r\n")
    assert answer.split(b" ")[1] in {b"401", b"400"}


@given(st.lists(st.sampled_from(REQUEST), max_size=12))
def test_no_request_is_answered_with_a_fault_of_ours(crowded: Ingest, pieces: list[bytes]) -> None:
    answer = raw(crowded, b"".join(pieces) + b"\r\nConnection: close\r\n\r\n")
    assert not answer.startswith(b"HTTP/1.1 5")


def raw(ingest: Ingest, request: bytes) -> bytes:
    """Send bytes as they are, end the sending, and return what comes back."""
    host, _, port = ingest.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as link:
        link.sendall(request)
        link.shutdown(socket.SHUT_WR)
        try:
            return b"".join(iter(lambda: link.recv(65_536), b""))
        except ConnectionError:
            return b""
