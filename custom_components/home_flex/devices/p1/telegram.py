"""What one telegram says: a meter reading and the meter's identity."""

import binascii
import math
import re
from datetime import datetime
from decimal import Decimal

from dsmr_parser.exceptions import ParseError  # type: ignore[import-untyped] # ships no types
from dsmr_parser.objects import CosemObject, Telegram  # type: ignore[import-untyped] # ships no types
from dsmr_parser.parsers import CosemParser, TelegramParser, ValueParser  # type: ignore[import-untyped] # no types

from ...core.model import DeviceIdentity, MeterReading
from ..driver import DeviceError

_TARIFFS = (1, 2, 3, 4)
_PHASES = (1, 2, 3)

# OBIS reduced identifiers of the electricity values (IEC 62056-61: C = 1 import, 2 export, 21/41/61 and
# 22/42/62 the same per phase, 31/51/71 current, 32/52/72 voltage; D = 7 instantaneous, 8 energy). They mean
# the same in every national dialect, so one table serves all, and no wrong version can be chosen.
_NUMBERS = {
    "import_power": "1.7.0",
    "export_power": "2.7.0",
    "import_energy": "1.8.0",
    "export_energy": "2.8.0",
    **{f"import_energy_tariff_{tariff}": f"1.8.{tariff}" for tariff in _TARIFFS},
    **{f"export_energy_tariff_{tariff}": f"2.8.{tariff}" for tariff in _TARIFFS},
    **{f"import_power_l{phase}": f"{20 * phase + 1}.7.0" for phase in _PHASES},
    **{f"export_power_l{phase}": f"{20 * phase + 2}.7.0" for phase in _PHASES},
    **{f"current_l{phase}": f"{20 * phase + 11}.7.0" for phase in _PHASES},
    **{f"voltage_l{phase}": f"{20 * phase + 12}.7.0" for phase in _PHASES},
}
# Where the dialects keep the meter's serial number (0-0:96.1.1 DSMR and e-MUCS, 96.1.0 Ireland and Hungary,
# 96.1.255 Germany, 42.0.0 the COSEM logical device name), and the version of the P1 output.
_TEXTS = {
    "equipment_identifier": r"0-0:96\.1\.1",
    "serial_number": r"0-0:96\.1\.0",
    "serial_number_d0": r"0-0:96\.1\.255",
    "logical_device_name": r"0-0:42\.0\.0",
    "dsmr_version": r"1-3:0\.2\.8",
    "emucs_version": r"0-0:96\.1\.4",
}
_UNITS = {"W": 1, "kW": 1000, "Wh": 1, "kWh": 1000, "A": 1, "V": 1}
_HEADER = re.compile(r"/(?P<maker>[A-Za-z]{3}).(?P<model>[^\r\n]*)")


def _objects(patterns: dict[str, str], value_type: type) -> list[dict[str, object]]:
    # After the identifier only a D0 storage number ("*255") may stand before the value.
    return [
        {
            "obis_reference": rf"^{pattern}(?:\*255)?\(.*?\r\n",
            "value_parser": CosemParser(ValueParser(value_type)),
            "value_name": name,
        }
        for name, pattern in patterns.items()
    ]


_PARSER = TelegramParser(
    {
        "checksum_support": False,  # the framer has checked it
        "objects": [
            *_objects({name: rf"1-\d:{re.escape(obis)}" for name, obis in _NUMBERS.items()}, Decimal),
            *_objects(_TEXTS, str),
        ],
    }
)


def parse_telegram(telegram: str, *, time: datetime) -> tuple[DeviceIdentity, MeterReading]:
    """Read a telegram with CRLF line ends, from ``/`` to ``!``.

    Powers are import minus export, in W, positive = import. Raises DeviceError ``bad_telegram`` when a
    value cannot be read, ``no_electricity`` when there is no power in it (a heat or gas meter).
    """
    try:
        values = _PARSER.parse(telegram, throw_ex=True)
    except (ParseError, ArithmeticError, ValueError, IndexError, TypeError) as err:
        raise DeviceError("bad_telegram", f"a value in the telegram cannot be read: {err}") from err
    import_power_w = _number(values, "import_power")
    if import_power_w is None:
        raise DeviceError("no_electricity", "the telegrams of this meter tell no electric power")
    reading = MeterReading(
        time=time,
        power_w=import_power_w - (_number(values, "export_power") or 0.0),
        phase_power_w=_phase_power_w(values),
        phase_voltage_v=_per_phase(values, "voltage"),
        phase_current_a=_per_phase(values, "current"),
        energy_import_wh=_energy_wh(values, "import_energy"),
        energy_export_wh=_energy_wh(values, "export_energy"),
    )
    return _identity(telegram, values), reading


def sends_every_second(identity: DeviceIdentity) -> bool:
    """Whether the meter is known to send each second (DSMR 5, e-MUCS); older ones send every 10 s."""
    version = identity.firmware or ""
    return version.startswith(("DSMR 5", "e-MUCS"))


def _cosem(values: Telegram, name: str) -> CosemObject | None:
    return getattr(values, name, None)


def _number(values: Telegram, name: str) -> float | None:
    """Return a value in W, Wh, A or V, or None when the telegram does not hold it."""
    cosem = _cosem(values, name)
    if cosem is None or cosem.value is None:
        return None
    scale = _UNITS.get(cosem.unit)
    try:
        number = float(cosem.value * scale) if scale else math.nan
    except ArithmeticError:  # a signalling NaN, or beyond all exponents
        number = math.nan
    if not math.isfinite(number):
        raise DeviceError("bad_telegram", f"{name} has no usable number and unit")
    return number


def _text(values: Telegram, name: str) -> str | None:
    cosem = _cosem(values, name)
    return cosem.value if cosem is not None else None


def _energy_wh(values: Telegram, direction: str) -> float | None:
    """Return the total register, else the sum of the tariff registers."""
    total = _number(values, direction)
    if total is not None:
        return total
    tariffs = [_number(values, f"{direction}_tariff_{tariff}") for tariff in _TARIFFS]
    known = [tariff for tariff in tariffs if tariff is not None]
    return sum(known) if known else None


def _per_phase(values: Telegram, quantity: str) -> tuple[float, ...]:
    """Return L1, or L1 to L3; empty when a phase in between is not told."""
    phases = [_number(values, f"{quantity}_l{phase}") for phase in _PHASES]
    told = [phase for phase in phases if phase is not None]
    return tuple(told) if phases[: len(told)] == told else ()


def _phase_power_w(values: Telegram) -> tuple[float, ...]:
    imported = _per_phase(values, "import_power")
    exported = _per_phase(values, "export_power") or (0.0,) * len(imported)
    return tuple(a - b for a, b in zip(imported, exported, strict=False))


def _identity(telegram: str, values: Telegram) -> DeviceIdentity:
    """Name the meter by its header ``/XXX5model`` (XXX: FLAG maker code) and its serial number."""
    match = _HEADER.match(telegram)
    maker, model = (match["maker"], match["model"]) if match else ("", telegram.splitlines()[0][1:])
    # After the baud rate character IEC 62056-21 section 6.3.2 lets "\\2" announce the protocol mode.
    model = "".join(character for character in model if character.isprintable()).removeprefix("\\2")
    names = ("equipment_identifier", "serial_number", "serial_number_d0", "logical_device_name")
    serial = next((found for name in names if (found := _text(values, name))), None)
    return DeviceIdentity(
        manufacturer=maker.upper() or "P1",
        model=model.strip() or "P1",
        serial_number=_decoded(serial) if serial else model.strip(),
        firmware=_version(values),
    )


def _decoded(serial: str) -> str:
    """Return the ASCII text that a serial number spells in hexadecimal, or the number itself."""
    try:
        text = binascii.unhexlify(serial).decode("ascii")
    except ValueError:
        return serial
    return text if text.isalnum() else serial


def _version(values: Telegram) -> str | None:
    """Return the version of the P1 output, the only version a telegram tells."""
    if dsmr := _text(values, "dsmr_version"):
        return f"DSMR {dsmr[0]}.{dsmr[1:]}"
    if emucs := _text(values, "emucs_version"):
        return f"e-MUCS {emucs}"
    return None
