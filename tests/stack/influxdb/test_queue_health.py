"""A queue is judged by whether it grows, not by the last code (influxdb #23868: stalled while saying 204)."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from influxdb_edge.metrics import replication_counters
from influxdb_edge.queue_health import STALLED_AFTER, QueueHealth, QueueSample, judge

BEGIN = datetime(2026, 6, 21, 8, tzinfo=UTC)
MOST = 64 * 2**20
MINUTE = timedelta(minutes=1)


def sample(minutes: int, remaining: int, code: int | None = 204, **more: int) -> QueueSample:
    return QueueSample(
        at=BEGIN + minutes * MINUTE,
        uptime_s=60.0 * minutes,
        remaining_bytes=remaining,
        queue_bytes=remaining,
        most_bytes=MOST,
        latest_response_code=code,
        points_not_queued=more.get("not_queued", 0),
        bytes_dropped=more.get("dropped", 0),
    )


def after(*samples: QueueSample) -> QueueHealth:
    health = None
    for each in samples:
        health = judge(health, each)
    assert health is not None
    return health


def test_an_empty_queue_is_well_whatever_the_last_code() -> None:
    assert after(sample(0, 0, 500), sample(60, 0, 500)).problems() == ()


def test_a_queue_that_grows_while_the_code_is_204_is_stalled() -> None:
    health = after(*(sample(minutes, 1000 + minutes) for minutes in range(0, 41, 5)))

    assert health.problems() == ("replication_stalled",)
    assert health.not_shorter_since == BEGIN


def test_a_queue_that_the_remote_refuses_is_blocked() -> None:
    assert after(*(sample(minutes, 1000, 422) for minutes in range(0, 41, 5))).problems() == (
        "replication_blocked",
    )


def test_a_queue_of_a_remote_that_is_away_is_stalled_from_the_first_sample_on() -> None:
    assert after(*(sample(minutes, 1000, None) for minutes in range(0, 41, 5))).problems() == (
        "replication_stalled",
    )


def test_influxdb_s_own_pause_of_a_quarter_of_an_hour_is_no_trouble() -> None:
    assert after(*(sample(minutes, 1000 + minutes, 503) for minutes in range(0, 31, 5))).problems() == ()


def test_a_queue_that_became_shorter_begins_anew() -> None:
    health = after(sample(0, 1000), sample(30, 2000), sample(40, 1500), sample(60, 1600))

    assert health.problems() == ()
    assert health.not_shorter_since == BEGIN + 40 * MINUTE


def test_a_nearly_full_queue_is_told_before_points_are_lost() -> None:
    assert after(sample(0, int(MOST * 0.9))).problems() == ("replication_queue_nearly_full",)


def test_points_dropped_are_told() -> None:
    assert after(sample(0, 0, not_queued=1)).problems() == ("replication_points_dropped",)
    assert after(sample(0, 0, dropped=1)).problems() == ("replication_points_dropped",)


@given(st.lists(st.integers(0, 1000), min_size=1))
def test_stalled_means_never_shorter_for_as_long_as_said(remaining: list[int]) -> None:
    samples = [sample(minutes * 7, size) for minutes, size in enumerate(remaining)]
    health = after(*samples)

    window = [each for each in samples if samples[-1].at - each.at <= STALLED_AFTER]
    is_stalled = "replication_stalled" in health.problems()
    if any(each.remaining_bytes == 0 for each in window[1:]) or remaining[-1] == 0:
        assert not is_stalled
    if is_stalled:
        sizes = [each.remaining_bytes for each in window]
        assert sizes == sorted(sizes)


def test_counters_are_those_of_this_replication_summed_over_codes() -> None:
    text = """# HELP replications_queue_points_failed_to_queue Sum of all points
# TYPE replications_queue_points_failed_to_queue counter
replications_queue_points_failed_to_queue{replicationID="0a0b0c0d0e0f0a0b"} 3
replications_queue_points_failed_to_queue{replicationID="1111111111111111"} 9
replications_queue_remote_write_errors{code="422",replicationID="0a0b0c0d0e0f0a0b"} 1
replications_queue_remote_write_errors{code="500",replicationID="0a0b0c0d0e0f0a0b"} 2
replications_queue_total_bytes_queued{replicationID="0a0b0c0d0e0f0a0b"} 1.5e+06
go_goroutines 12
"""
    assert replication_counters(text, "0a0b0c0d0e0f0a0b") == {
        "points_failed_to_queue": 3.0,
        "remote_write_errors": 3.0,
        "total_bytes_queued": 1.5e6,
    }
