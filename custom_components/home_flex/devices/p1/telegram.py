"""What one telegram says: a meter reading and the meter's identity."""

import binascii
import re
from dataclasses import dataclass
from datetime import datetime

from ...core.model import DeviceIdentity, MeterReading
from ..driver import DeviceError
from .lines import Lines
from .meter_clock import meter_clock
from .registers import registers

_PHASES = (1, 2, 3)

# OBIS reduced identifiers of the electricity values (IEC 62056-61: C = 1 import, 2 export, 16 import less
# export, 21/41/61 and 22/42/62 the same per phase, 31/51/71 current, 32/52/72 voltage; D = 7 instantaneous,
# 8 energy). They mean the same in every national dialect, so no wrong version can be chosen.
_IMPORT, _EXPORT, _CURRENT, _VOLTAGE = 1, 2, 11, 12
# Where the dialects keep the meter's serial number (0-0:96.1.1 DSMR and e-MUCS, 96.1.0 Ireland and Hungary,
# 96.1.255 Germany, 42.0.0 the COSEM logical device name).
_SERIAL_NUMBERS = ("0-0:96.1.1", "0-0:96.1.0", "0-0:96.1.255", "0-0:42.0.0")
_CLOCK = "0-0:1.0.0"
_HEADER = re.compile(r"/(?P<maker>[A-Za-z]{3}).(?P<model>[^\r\n]*)")
# Phases are told in whole watts; those of a meter that leaves some out add up to the total within this.
_ROUNDING_W = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Telegram:
    """What a telegram says; ``unread`` names the lines that could not be read."""

    identity: DeviceIdentity
    reading: MeterReading
    unread: frozenset[str]


def parse_telegram(telegram: str, *, time: datetime) -> Telegram:
    """Read a telegram with CRLF line ends, from ``/`` to ``!``, that arrived at ``time`` (aware, UTC).

    Powers are import minus export, in W, positive = import. A line that cannot be read is left out. Raises
    DeviceError ``bad_telegram`` when that leaves no power, ``no_electricity`` when there is none in it (a
    heat or gas meter).
    """
    lines = Lines(telegram)
    power_w = _power_w(lines)
    told = registers(lines, meter_clock(_first(lines, _CLOCK), arrived=time))
    reading = MeterReading(
        time=time,
        power_w=power_w,
        phase_power_w=_phase_power_w(lines, power_w),
        phase_voltage_v=_per_phase(lines, _VOLTAGE, "V"),
        phase_current_a=_per_phase(lines, _CURRENT, "A"),
        energy_import_wh=_energy_wh(lines, "1.8.0", told.import_by_tariff_wh),
        energy_export_wh=_energy_wh(lines, "2.8.0", told.export_by_tariff_wh),
        registers=told,
    )
    return Telegram(identity=_identity(telegram, lines), reading=reading, unread=frozenset(lines.unread))


def sends_every_second(identity: DeviceIdentity) -> bool:
    """Whether the meter is known to send each second (DSMR 5, e-MUCS); older ones send every 10 s."""
    version = identity.firmware or ""
    return version.startswith(("DSMR 5", "e-MUCS"))


def _power_w(lines: Lines) -> float:
    """Return import less export: by their own registers, by that of the difference, or by the phases."""
    imported = lines.number("1.7.0", "W")
    exported = lines.number("2.7.0", "W") if lines.values("2.7.0") else 0.0
    if imported is not None and exported is not None:
        return imported - exported
    if (net := lines.number("16.7.0", "W")) is not None:
        return net
    phases_imported, phases_exported = (_per_phase(lines, register, "W") for register in (_IMPORT, _EXPORT))
    if phases_imported and len(phases_imported) == len(phases_exported):
        return sum(phases_imported) - sum(phases_exported)
    if lines.values("1.7.0"):
        raise DeviceError("bad_telegram", "the power in the telegram cannot be read")
    raise DeviceError("no_electricity", "the telegrams of this meter tell no electric power")


def _first(lines: Lines, code: str) -> str | None:
    values = lines.values(code)
    return values[0] if values else None


def _energy_wh(lines: Lines, register: str, by_tariff_wh: tuple[float, ...]) -> float | None:
    """Return the total register, else the sum of the tariff registers."""
    total = lines.number(register, "Wh")
    if total is not None:
        return total
    return sum(by_tariff_wh) if by_tariff_wh else None


def _registers_of_phases(quantity: int) -> list[str]:
    return [f"{20 * phase + quantity}.7.0" for phase in _PHASES]


def _per_phase(lines: Lines, quantity: int, unit: str) -> tuple[float, ...]:
    """Return L1, or L1 to L3; empty when a phase in between is not told."""
    phases = [lines.number(register, unit) for register in _registers_of_phases(quantity)]
    told = tuple(phase for phase in phases if phase is not None)
    return told if phases[: len(told)] == list(told) else ()


def _phase_power_w(lines: Lines, power_w: float) -> tuple[float, ...]:
    """Return import less export of each phase; export that only some phases tell is none on the others.

    That has to add up to the total, else nothing is known of the phases.
    """
    imported = _per_phase(lines, _IMPORT, "W")
    exported = [lines.number(register, "W") for register in _registers_of_phases(_EXPORT)]
    net = tuple(a - (b or 0.0) for a, b in zip(imported, exported, strict=False))
    is_whole = all(export_w is not None for export_w in exported[: len(net)])
    return net if is_whole or abs(sum(net) - power_w) <= _ROUNDING_W else ()


def _identity(telegram: str, lines: Lines) -> DeviceIdentity:
    """Name the meter by its header ``/XXX5model`` (XXX: FLAG maker code) and its serial number."""
    match = _HEADER.match(telegram)
    maker, model = (match["maker"], match["model"]) if match else ("", telegram.splitlines()[0][1:])
    # After the baud rate character IEC 62056-21 section 6.3.2 lets "\\2" announce the protocol mode.
    model = "".join(character for character in model if character.isprintable()).removeprefix("\\2")
    serial = next((found for code in _SERIAL_NUMBERS if (found := _first(lines, code))), None)
    return DeviceIdentity(
        manufacturer=maker.upper() or "P1",
        model=model.strip() or "P1",
        serial_number=_decoded(serial) if serial else model.strip() or maker.upper(),
        firmware=_version(lines),
    )


def _decoded(serial: str) -> str:
    """Return the ASCII text that a serial number spells in hexadecimal, or the number itself."""
    try:
        text = binascii.unhexlify(serial).decode("ascii")
    except ValueError:
        return serial
    return text if text.isalnum() else serial


def _version(lines: Lines) -> str | None:
    """Return the version of the P1 output, the only version a telegram tells."""
    if dsmr := _first(lines, "0.2.8"):
        return f"DSMR {dsmr[0]}.{dsmr[1:]}"
    if emucs := _first(lines, "0-0:96.1.4"):
        return f"e-MUCS {emucs}"
    return None
