"""A home that makes up series without end: the store's index is everybody's, so each home has its share."""

from collections.abc import Iterator

import pytest
from community_hub.ingest.series import FORGOTTEN_AFTER_S, MOST_SERIES, SeriesBudget
from hypothesis import given
from hypothesis import strategies as st

from .ingest_process import TOKENS, Ingest, ToldStore, running_ingest


@pytest.fixture(scope="module")
def told_store() -> Iterator[ToldStore]:
    store = ToldStore()
    store.start()
    yield store
    store.stop()


@pytest.fixture(scope="module")
def ingest(told_store: ToldStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingest]:
    with running_ingest(tmp_path_factory.mktemp("ingest"), told_store.url, kind="influxdb") as running:
        yield running


def room(budget: SeriesBudget, *lines: bytes, home: str = "home_1", now_s: float = 0.0) -> list[bytes]:
    return budget.within(home, b"\n".join(lines), now_s=now_s).lines.split(b"\n")


def test_what_is_known_is_stored_after_a_home_has_made_up_all_it_may(
    ingest: Ingest, told_store: ToldStore
) -> None:
    honest = b"power,home=home_1,device=meter power_w=1"
    assert ingest.write(honest).status == 204
    made_up = b"\n".join(b"m%d,home=home_1 f=1" % number for number in range(MOST_SERIES + 10))
    answer = ingest.write(made_up)
    assert (answer.status, answer.message) == (400, f"left out 11 points: more than {MOST_SERIES} series")
    assert told_store.requests[-1][2].count(b"\n") == MOST_SERIES - 2
    assert ingest.write(honest).status == 204
    assert ingest.write(b"power,home=home_2 power_w=1", token=TOKENS["home_2"]).status == 204


@pytest.mark.parametrize(
    "lines",
    [
        [b"m%d,home=home_1 f=1" % number for number in range(9)],
        [b"m,home=home_1,t=%d f=1" % number for number in range(9)],
        [b"m,home=home_1 f%d=1" % number for number in range(9)],
        [b'm,home=home_1 f="a, b=1",g%d=1' % number for number in range(9)],
        [b'm,home=home_1 a"b=1,c%d=2,d"e=1' % number for number in range(9)],
        [b"m,home=home_1 " + b"f" * number + b"\\,=1" for number in range(9)],
        [b"m,home=home_1 " + b"no field of any kind"[:number] for number in range(2, 11)],
        [b'm,home=home_1 f=1"%d' % number + b"x" * number for number in range(1, 10)],
    ],
    ids=["measurements", "tags", "fields", "behind a text", "marks in names", "escapes", "none", "damaged"],
)
def test_whatever_a_series_is_made_of_it_is_counted(lines: list[bytes]) -> None:
    assert len(room(SeriesBudget(most=5), *lines)) < len(lines)


def test_times_and_values_make_no_series() -> None:
    lines = [b'm,home=home_1 f=%d,g="text, %d" %d' % (number, number, number) for number in range(100)]
    assert room(SeriesBudget(most=2), *lines) == lines


def test_a_point_with_one_field_too_many_takes_nothing_from_the_others() -> None:
    budget = SeriesBudget(most=3)
    assert room(budget, b"m,home=home_1 a=1,b=1,c=1,d=1", b"m,home=home_1 a=1,b=1,c=1") == [
        b"m,home=home_1 a=1,b=1,c=1"
    ]


@pytest.mark.parametrize(
    "line", [b"m,home=home_1,t=" + b"a" * 1100 + b" f=1", b"m,home=home_1 " + b"f" * 1100 + b"=1"]
)
def test_a_name_longer_than_any_home_has_is_none(line: bytes) -> None:
    assert SeriesBudget().within("home_1", line, now_s=0.0).left_out == 1


def test_a_home_begins_anew_after_a_while() -> None:
    budget = SeriesBudget(most=1)
    first, second = b"m,home=home_1 f=1", b"m,home=home_1 g=1"
    assert room(budget, first, second) == [first]
    assert room(budget, second, now_s=FORGOTTEN_AFTER_S) == [b""]
    assert room(budget, second, now_s=FORGOTTEN_AFTER_S + 1) == [second]


@given(
    st.lists(st.sampled_from([b'"', b"\\", b" ", b",", b"=", b"a", b"b", b"m,home=home_1 f=1"]), max_size=30)
)
def test_of_any_points_no_more_pass_than_there_is_room_for(pieces: list[bytes]) -> None:
    budget = SeriesBudget(most=3)
    for number in range(6):
        budget.within("home_1", b"m,home=home_1 n%d=1," % number + b"".join(pieces), now_s=0.0)
    assert budget.within("home_1", b"m,home=home_1 never_seen=1,a=1,b=1,c=1", now_s=0.0).left_out == 1


def test_the_longest_body_of_known_fields_is_looked_through_once() -> None:
    line = b"m,home=home_1 " + b",".join(b"f%d=1" % number for number in range(4000))
    budget = SeriesBudget()
    assert budget.within("home_1", b"\n".join([line] * 200), now_s=0.0).left_out == 0
    assert budget.within("home_1", b"m,home=home_1 " + b"a" * 60_000, now_s=0.0).left_out == 1
