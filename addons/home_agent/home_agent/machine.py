"""How the gateway itself is: read from the kernel's files, which every container sees."""

import ctypes
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_STA_UNSYNC = 0x0040
_TIME_ERROR = 5
_TIMEX_BYTES = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """One look at the gateway; None is what it does not tell. ``disk_used`` is a share, 0 to 1."""

    boot_id: str | None
    uptime_s: float
    temperature_c: float | None
    under_voltage: bool | None
    disk_used: float | None
    disk_free_bytes: int | None
    memory_total_bytes: int | None
    memory_available_bytes: int | None
    clock_synchronized: bool | None


def look(*, proc: Path, sys: Path, disk: Path) -> Machine:
    """Read everything; blocks for a moment, so call it in a thread."""
    memory = _memory(_text(proc / "meminfo"))
    used, free = _disk(disk)
    return Machine(
        boot_id=_text(proc / "sys" / "kernel" / "random" / "boot_id"),
        uptime_s=float((_text(proc / "uptime") or "0").split()[0]),
        temperature_c=_temperature(sys),
        under_voltage=_under_voltage(sys),
        disk_used=used,
        disk_free_bytes=free,
        memory_total_bytes=memory.get("MemTotal"),
        memory_available_bytes=memory.get("MemAvailable"),
        clock_synchronized=_clock_synchronized(),
    )


def _text(path: Path) -> str | None:
    try:
        return path.read_text().strip() or None
    except OSError, UnicodeDecodeError:
        return None


def _memory(text: str | None) -> dict[str, int]:
    found = {}
    for line in (text or "").splitlines():
        name, _, value = line.partition(":")
        with suppress(ValueError, IndexError):
            found[name] = int(value.split()[0]) * 1024
    return found


def _disk(path: Path) -> tuple[float | None, int | None]:
    try:
        told = os.statvfs(path)
    except OSError:
        return None, None
    usable = told.f_blocks - told.f_bfree + told.f_bavail
    return (1 - told.f_bavail / usable if usable else None), told.f_bavail * told.f_frsize


def _temperature(sys: Path) -> float | None:
    """Return the hottest zone in degrees Celsius (Linux: sysfs-class-thermal, millidegrees)."""
    zones = []
    for zone in sys.glob("class/thermal/thermal_zone*/temp"):
        with suppress(TypeError, ValueError):
            zones.append(float(_text(zone) or "") / 1000)
    return max(zones, default=None)


def _under_voltage(sys: Path) -> bool | None:
    """Return whether a Raspberry Pi had too little voltage since the last look (driver raspberrypi-hwmon)."""
    for name in sys.glob("class/hwmon/hwmon*/name"):
        if _text(name) == "rpi_volt":
            return _text(name.with_name("in0_lcrit_alarm")) == "1"
    return None


def _clock_synchronized() -> bool | None:
    """Return what adjtimex(2) tells without changing anything."""
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        state = ctypes.CDLL(None).adjtimex(buffer)
    except AttributeError, OSError:
        return None
    if state < 0:
        return None
    # struct timex: modes (int, padded), then four longs, then status (int).
    long = ctypes.sizeof(ctypes.c_long)
    status = int.from_bytes(buffer.raw[5 * long : 5 * long + 4], "little")
    return state != _TIME_ERROR and not status & _STA_UNSYNC
