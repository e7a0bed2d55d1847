"""A wall clock that can be set for one process: libfaketime. Monotonic clocks are left as they are."""

from pathlib import Path

from .processes import ROOT, StackError

_UNPACKED = ROOT / ".cache" / "faketime" / "root"


class FakeClock:
    """Starts with the process in ``environment`` at the right time; ``set`` is felt within a second."""

    def __init__(self, folder: Path) -> None:
        """Prepare. Raises StackError when libfaketime is not installed."""
        library = next(_UNPACKED.glob("usr/lib/*/faketime/libfaketimeMT.so.1"), None)
        if library is None:
            raise StackError("libfaketime is missing: run scripts/setup as root")
        self._file = folder / "offset"
        self.set(0)
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Its correction for an old glibc would make Python's threads wait for each other.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "NO_FAKE_STAT": "1",
        }

    def set(self, offset_s: int) -> None:
        """Set the clock ``offset_s`` seconds ahead of the right time."""
        newer = self._file.with_suffix(".new")
        newer.write_text(f"{offset_s:+d}\n")
        newer.rename(self._file)
