"""The spool: nothing lost within its bound, the oldest first, whatever is killed in between."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from custom_components.home_flex.history.telemetry_spool import Spool, SpoolLimits

# Appends batches that name themselves, and says when each is promised to be on the disk.
WRITER = """
import sys
from pathlib import Path
from custom_components.home_flex.history.telemetry_spool import Spool, SpoolLimits

spool = Spool(Path(sys.argv[1]), SpoolLimits(segment=4000))
number = int(sys.argv[2])
while True:
    spool.append(f"batch {number} ".encode() * 200, points=1, oldest_ns=number)
    print(number, flush=True)
    number += 1
"""


def batch(number: int, size: int = 1) -> bytes:
    return f"batch {number} ".encode() * size


def drain(spool: Spool) -> list[bytes]:
    """Take everything out, as the sender does."""
    found = []
    while (head := spool.head()) is not None:
        found.append(head[1])
        spool.done(head[0])
    return found


def test_batches_come_out_as_they_went_in_oldest_first(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for number in range(5):
        spool.append(batch(number), points=number, oldest_ns=1000 + number)
    state = spool.state()
    assert (state.points, state.oldest_ns, state.dropped) == (10, 1000, 0)
    assert drain(spool) == [batch(number) for number in range(5)]
    assert spool.state().oldest_ns is None
    assert spool.state().size == 0


def test_what_waits_is_there_again_after_a_restart_and_what_was_sent_is_not(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for number in range(5):
        spool.append(batch(number), points=1, oldest_ns=number)
    for _ in range(2):
        head = spool.head()
        assert head is not None
        spool.done(head[0])
    spool.close()
    again = Spool(tmp_path)
    assert again.state().points == 3
    again.append(batch(5), points=1, oldest_ns=5)
    assert drain(again) == [batch(number) for number in range(2, 6)]


def test_beyond_the_bound_the_oldest_segment_goes_and_is_counted(tmp_path: Path) -> None:
    limits = SpoolLimits(total=4000, segment=1000)
    spool = Spool(tmp_path, limits)
    for number in range(200):
        spool.append(batch(number), points=1, oldest_ns=number)
        on_disk = sum(file.stat().st_size for file in tmp_path.glob("*.segment"))
        assert on_disk <= limits.total
    state = spool.state()
    assert state.dropped > 0
    assert state.points + state.dropped == 200
    assert drain(spool) == [batch(number) for number in range(state.dropped, 200)]
    assert Spool(tmp_path, limits).state().dropped == state.dropped, "the counter survives a restart"


def test_a_batch_that_gave_way_while_it_was_being_sent_is_not_mistaken_for_another(tmp_path: Path) -> None:
    spool = Spool(tmp_path, SpoolLimits(total=300, segment=100))
    spool.append(batch(0), points=1, oldest_ns=0)
    head = spool.head()
    assert head is not None
    number = 1
    while spool.state().dropped == 0:
        spool.append(batch(number), points=1, oldest_ns=number)
        number += 1
    waiting = spool.state().points
    spool.done(head[0])
    assert spool.state().points == waiting


def test_a_sent_spool_leaves_little_on_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path, SpoolLimits(segment=1000))
    for number in range(200):
        spool.append(batch(number), points=1, oldest_ns=number)
        assert drain(spool) == [batch(number)]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 2000


def test_a_batch_set_aside_is_kept_for_people_and_counted(tmp_path: Path) -> None:
    limits = SpoolLimits(quarantine=2000)
    spool = Spool(tmp_path, limits)
    for number in range(100):
        spool.append(batch(number, 10), points=2, oldest_ns=number)
        head = spool.head()
        assert head is not None
        spool.set_aside(*head, f"field type\nconflict {number}")
    again = Spool(tmp_path, limits)
    assert (again.state().points, again.state().quarantined) == (0, 200)
    kept = (tmp_path / "quarantine.lp").read_text()
    assert kept.endswith(f"# field type conflict 99\n{batch(99, 10).decode()}\n")
    assert sum(file.stat().st_size for file in tmp_path.glob("quarantine*")) <= limits.quarantine + 1000


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:-1], lambda raw: raw[:-1] + b"?", lambda raw: raw + b"HFT1\0\0"]
)
def test_a_torn_tail_costs_only_what_was_never_promised(tmp_path: Path, damage: object) -> None:
    spool = Spool(tmp_path)
    for number in range(3):
        spool.append(batch(number), points=1, oldest_ns=number)
    (segment,) = tmp_path.glob("*.segment")
    raw = segment.read_bytes()
    segment.write_bytes(damage(raw))  # type: ignore[operator] # one of the functions above
    whole = 3 if segment.stat().st_size > len(raw) else 2
    again = Spool(tmp_path)
    again.append(batch(9), points=1, oldest_ns=9)
    assert drain(again) == [batch(number) for number in (*range(whole), 9)]


def test_a_batch_gone_bad_on_the_disk_is_dropped_and_the_others_go_on(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for number in range(3):
        spool.append(batch(number), points=7, oldest_ns=number)
    (segment,) = tmp_path.glob("*.segment")
    raw = bytearray(segment.read_bytes())
    raw[30] ^= 0xFF
    segment.write_bytes(raw)
    assert drain(spool) == [batch(1), batch(2)]
    assert spool.state().dropped == 7


@pytest.mark.parametrize("state", ["", "[]", '{"segment": -1, "offset": "x"}', "{"])
def test_an_unreadable_note_of_what_was_sent_costs_a_repeat_and_no_more(tmp_path: Path, state: str) -> None:
    spool = Spool(tmp_path)
    spool.append(batch(0), points=1, oldest_ns=0)
    (tmp_path / "state.json").write_text(state)
    assert drain(Spool(tmp_path)) == [batch(0)]


def test_a_killed_writer_loses_nothing_it_promised(tmp_path: Path) -> None:
    next_number = 0
    for promises in (1, 9, 40):
        with subprocess.Popen(  # noqa: S603 # our own script
            [sys.executable, "-c", WRITER, str(tmp_path), str(next_number)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            text=True,
        ) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline() for _ in range(promises)]
            time.sleep(0.002)
            writer.kill()
            lines += writer.stdout.readlines()
        promised = int(next(line for line in reversed(lines) if line.endswith("\n")))
        spool = Spool(tmp_path)
        points = spool.state().points
        assert promised < points <= promised + 2, "one more may have reached the disk before it was promised"
        next_number = points
    assert drain(spool) == [batch(number, 200) for number in range(next_number)]


class SpoolLife(RuleBasedStateMachine):
    """Appends, sends, restarts and kills in any order, against a plain list."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._spool = Spool(Path(self._folder.name), SpoolLimits(segment=150))
        self._waiting: list[bytes] = []
        self._sent: list[bytes] = []
        self._next = 0

    @rule(size=st.integers(1, 50))
    def append(self, size: int) -> None:
        self._spool.append(batch(self._next, size), points=1, oldest_ns=self._next)
        self._waiting.append(batch(self._next, size))
        self._next += 1

    @precondition(lambda self: self._waiting)
    @rule()
    def send(self) -> None:
        head = self._spool.head()
        assert head is not None
        assert head[1] == self._waiting[0]
        self._spool.done(head[0])
        self._sent.append(self._waiting.pop(0))

    @rule()
    def restart(self) -> None:
        self._spool.close()
        self._spool = Spool(Path(self._folder.name), SpoolLimits(segment=150))

    @rule()
    def kill(self) -> None:
        self._spool = Spool(Path(self._folder.name), SpoolLimits(segment=150))
        repeated = self._spool.state().points - len(self._waiting)
        assert repeated >= 0
        self._waiting = self._sent[len(self._sent) - repeated :] + self._waiting
        del self._sent[len(self._sent) - repeated :]

    @invariant()
    def counts_what_waits(self) -> None:
        state = self._spool.state()
        assert (state.points, state.dropped) == (len(self._waiting), 0)

    def teardown(self) -> None:
        assert drain(self._spool) == self._waiting
        self._folder.cleanup()


TestSpoolLife = SpoolLife.TestCase
TestSpoolLife.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)


@given(lines=st.binary(max_size=3000))
@settings(max_examples=20, deadline=None)
def test_any_bytes_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, lines: bytes) -> None:
    folder = tmp_path_factory.mktemp("spool")
    Spool(folder).append(lines, points=1, oldest_ns=0)
    assert drain(Spool(folder)) == [lines]


def test_what_was_collected_is_a_batch_after_a_kill_but_for_a_torn_line(tmp_path: Path) -> None:
    Spool(tmp_path).collect(b"power,home=h power_w=1 200\npower,home=h power_w=2 100\npower,home=h pow")
    head = Spool(tmp_path).head()
    assert head is not None
    batch, lines = head
    assert lines == b"power,home=h power_w=1 200\npower,home=h power_w=2 100"
    assert (batch.points, batch.oldest_ns) == (2, 100)


def test_what_was_collected_is_not_kept_twice_once_its_batch_is_on_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.collect(b"power power_w=1 200\n")
    spool.append(b"power power_w=1 200", points=1, oldest_ns=200)
    assert Spool(tmp_path).state().points == 1


def test_the_file_that_collects_is_not_made_anew_for_each_batch(tmp_path: Path) -> None:
    spool, line = Spool(tmp_path), b"power power_w=1 200\n"
    spool.collect(line)
    (file,) = tmp_path.glob("collecting*")
    made = file.stat().st_ino
    for _ in range(2):
        spool.append(line, points=1, oldest_ns=200)
        assert (file.stat().st_ino, file.stat().st_size) == (made, 0)
        spool.collect(line)
    assert file.read_bytes() == line
