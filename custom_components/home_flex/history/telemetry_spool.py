"""Batches of points that wait for the measurement store, on disk: append-only segments, oldest first.

A batch is on the disk (fsync) when ``append`` returns, and stays until ``done``. A process killed in the
middle of an append leaves a torn tail, which its checksum tells. After a kill, batches of the oldest segment
that were sent already are sent again, which overwrites the same points with themselves.

Lines of the next batch are handed to the system as they come (``collect``, without fsync): a killed process
does not lose them, a power cut does.
"""

import json
import os
import struct
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Big-endian: "HFT1", length of the compressed lines, their CRC-32, points, time of the oldest point in ns.
_HEADER = struct.Struct(">4sIIIQ")
_MAGIC = b"HFT1"
_MAX_BATCH_BYTES = 16 * 1024 * 1024
_SUFFIX = ".segment"
_STATE = "state.json"
_QUARANTINE = "quarantine.lp"
_COLLECTING = "collecting.lp"


@dataclass(frozen=True, kw_only=True, slots=True)
class SpoolLimits:
    """How large the spool may become, a segment of it, and the file of what the store refused, in bytes."""

    total: int = 64 * 1024 * 1024
    segment: int = 256 * 1024
    quarantine: int = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class SpoolState:
    """What waits (``oldest_ns`` None: nothing), and how many points were ever lost or set aside."""

    points: int
    size: int
    oldest_ns: int | None
    dropped: int
    quarantined: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Batch:
    """Where a batch lies, and what is in it."""

    segment: int
    offset: int
    end: int
    crc: int
    points: int
    oldest_ns: int


class Spool:
    """One folder. Not thread-safe: one call at a time. Methods raise OSError when the disk fails."""

    def __init__(self, folder: Path, limits: SpoolLimits | None = None) -> None:
        """Open the folder, or create it, and look through what waits there."""
        self._folder = folder
        self._limits = limits or SpoolLimits()
        self._batches: deque[Batch] = deque()
        self._sizes: dict[int, int] = {}
        self._active: int | None = None
        self._last = 0
        self._points = 0
        self._size = 0
        self._dropped = 0
        self._quarantined = 0
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._load()
        self._recover()

    def state(self) -> SpoolState:
        """Return what waits, in all, and what was lost."""
        return SpoolState(
            points=self._points,
            size=self._size,
            oldest_ns=self._batches[0].oldest_ns if self._batches else None,
            dropped=self._dropped,
            quarantined=self._quarantined,
        )

    def collect(self, lines: bytes) -> None:
        """Note lines (each ends with a line feed) that a later ``append`` will hold."""
        with (self._folder / _COLLECTING).open("ab") as file:
            file.write(lines)

    def append(self, lines: bytes, *, points: int, oldest_ns: int) -> None:
        """Put a batch of lines at the end; on the disk when this returns. The oldest give way to it.

        It holds all lines that were collected before.
        """
        packed = zlib.compress(lines)
        crc = zlib.crc32(packed)
        record = _HEADER.pack(_MAGIC, len(packed), crc, points, oldest_ns) + packed
        self._make_room(len(record))
        segment = self._segment_for(len(record))
        offset = self._sizes[segment]
        self._write(segment, offset, record)
        self._sizes[segment] = end = offset + len(record)
        self._add(Batch(segment=segment, offset=offset, end=end, crc=crc, points=points, oldest_ns=oldest_ns))
        with suppress(FileNotFoundError):
            # Not removed: to make a file anew for each batch wears a memory card more than its lines do.
            os.truncate(self._folder / _COLLECTING, 0)

    def head(self) -> tuple[Batch, bytes] | None:
        """Return the oldest batch and its lines; None when nothing waits. A batch gone bad is dropped."""
        while self._batches:
            batch = self._batches[0]
            if (lines := self._read(batch)) is not None:
                return batch, lines
            self._dropped += batch.points
            self._advance()
            self._save_state()
        return None

    def done(self, batch: Batch) -> None:
        """Forget a batch that was sent; one that had to give way meanwhile is forgotten already."""
        if self._batches and self._batches[0] is batch:
            self._advance()

    def set_aside(self, batch: Batch, lines: bytes, reason: str) -> None:
        """Move a batch that the store refuses to the quarantine file; one older file is kept beside it."""
        path = self._folder / _QUARANTINE
        half = self._limits.quarantine // 2
        if path.exists() and path.stat().st_size + len(lines) > half:
            path.replace(path.with_suffix(".old.lp"))
        with path.open("ab") as file:
            file.write(f"# {' '.join(reason.split())[:300]}\n".encode() + lines[:half] + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._quarantined += batch.points
        self.done(batch)
        self._save_state()

    def lose(self, points: int) -> None:
        """Count points that never reached the disk."""
        self._dropped += points
        self._save_state()

    def close(self) -> None:
        """Note how far the oldest segment has been sent."""
        self._save_state()

    def _add(self, batch: Batch) -> None:
        self._batches.append(batch)
        self._points += batch.points
        self._size += batch.end - batch.offset

    def _take(self) -> Batch:
        batch = self._batches.popleft()
        self._points -= batch.points
        self._size -= batch.end - batch.offset
        return batch

    def _advance(self) -> None:
        segment = self._take().segment
        if segment != self._active and not (self._batches and self._batches[0].segment == segment):
            self._remove(segment)
        elif not self._batches and self._sizes[segment] >= self._limits.segment // 2:
            self._active = None
            self._remove(segment)

    def _make_room(self, size: int) -> None:
        """Let the oldest segments go until ``size`` bytes fit."""
        dropped = self._dropped
        while self._sizes and sum(self._sizes.values()) + size > self._limits.total:
            oldest = min(self._sizes)
            while self._batches and self._batches[0].segment == oldest:
                self._dropped += self._take().points
            if oldest == self._active:
                self._active = None
            self._remove(oldest)
        if self._dropped != dropped:
            self._save_state()

    def _segment_for(self, size: int) -> int:
        """Return the segment that the next ``size`` bytes go to."""
        finished = self._active
        if finished is not None and self._sizes[finished] + size <= self._limits.segment:
            return finished
        segment = self._last + 1
        self._path(segment).touch(mode=0o600)
        _sync_folder(self._folder)
        self._sizes[segment] = 0
        self._active = self._last = segment
        if finished is not None and not (self._batches and self._batches[0].segment <= finished):
            self._remove(finished)
        return segment

    def _write(self, segment: int, offset: int, record: bytes) -> None:
        with self._path(segment).open("r+b") as file:
            file.seek(offset)
            file.write(record)
            # What an append that failed (a full disk) may have left behind is cut off.
            file.truncate()
            file.flush()
            os.fdatasync(file.fileno())

    def _read(self, batch: Batch) -> bytes | None:
        with self._path(batch.segment).open("rb") as file:
            file.seek(batch.offset + _HEADER.size)
            packed = file.read(batch.end - batch.offset - _HEADER.size)
        if zlib.crc32(packed) != batch.crc:
            return None
        return zlib.decompress(packed)

    def _load(self) -> None:
        state = self._load_state()
        self._dropped = _count(state, "dropped")
        self._quarantined = _count(state, "quarantined")
        sent_segment, sent_offset = _count(state, "segment"), _count(state, "offset")
        self._last = sent_segment
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            if not path.stem.isdecimal():
                continue
            segment = self._last = int(path.stem)
            batches = [
                batch
                for batch in _scan(path, segment)
                if segment > sent_segment or (segment == sent_segment and batch.offset >= sent_offset)
            ]
            self._sizes[segment] = path.stat().st_size
            for batch in batches:
                self._add(batch)
            if not batches:
                self._remove(segment)

    def _recover(self) -> None:
        """Make a batch of what a killed process had collected; its last line may be torn."""
        try:
            *lines, _torn = (self._folder / _COLLECTING).read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        times = [int(time) for line in lines if (time := line.rpartition(b" ")[2]).isdigit()]
        if times:
            self.append(b"\n".join(lines), points=len(lines), oldest_ns=min(times))

    def _load_state(self) -> dict[str, object]:
        try:
            state = json.loads((self._folder / _STATE).read_text(encoding="utf-8"))
        except FileNotFoundError, ValueError:
            return {}
        return state if isinstance(state, dict) else {}

    def _save_state(self) -> None:
        """Write the counters and the place up to which all was sent."""
        first = self._batches[0] if self._batches else None
        if first is not None:
            segment, offset = first.segment, first.offset
        else:
            segment, offset = self._last, self._sizes.get(self._last, 0)
        state = {
            "segment": segment,
            "offset": offset,
            "dropped": self._dropped,
            "quarantined": self._quarantined,
        }
        path = self._folder / _STATE
        new = path.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)

    def _remove(self, segment: int) -> None:
        self._path(segment).unlink(missing_ok=True)
        self._sizes.pop(segment, None)

    def _path(self, segment: int) -> Path:
        return self._folder / f"{segment:012d}{_SUFFIX}"


def _scan(path: Path, segment: int) -> Iterator[Batch]:
    """Return the whole batches of a segment, up to the first that is torn."""
    with path.open("rb") as file:
        offset = 0
        while len(header := file.read(_HEADER.size)) == _HEADER.size:
            magic, length, crc, points, oldest_ns = _HEADER.unpack(header)
            if magic != _MAGIC or length > _MAX_BATCH_BYTES:
                return
            packed = file.read(length)
            if len(packed) != length or zlib.crc32(packed) != crc:
                return
            end = offset + _HEADER.size + length
            yield Batch(segment=segment, offset=offset, end=end, crc=crc, points=points, oldest_ns=oldest_ns)
            offset = end


def _count(state: dict[str, object], name: str) -> int:
    value = state.get(name)
    return value if isinstance(value, int) and value >= 0 else 0


def _sync_folder(folder: Path) -> None:
    """Make a new file's name durable too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
