"""DSMR 5 telegrams: Netbeheer Nederland, Dutch Smart Meter Requirements, P1 Companion Standard 5.0.2."""

from datetime import datetime

from .house import LOW_TARIFF, NORMAL_TARIFF, GridReading

HEADER = r"/HFS5\2HOMESIMULATOR"
EQUIPMENT_ID = "E0051000000000042"
_CRC_POLYNOMIAL = 0xA001
_PHASE_CODES = (("21", "22", "31", "32"), ("41", "42", "51", "52"), ("61", "62", "71", "72"))


def crc16_arc(data: bytes) -> int:
    """CRC-16/ARC: polynomial x16 + x15 + x2 + 1 reflected, initial value 0, no final XOR (section 6.2)."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ _CRC_POLYNOMIAL if crc & 1 else crc >> 1
    return crc


def seal(body: str) -> bytes:
    """Close a telegram: ``body`` runs from ``/`` to ``!`` inclusive, with CRLF; its CRC follows."""
    data = body.encode("ascii")
    return data + f"{crc16_arc(data):04X}\r\n".encode("ascii")


def telegram(reading: GridReading) -> bytes:
    """Tell a reading as a DSMR 5 telegram; whole watts per phase, and their exact sum as the total."""
    phases_w = [round(power) for power in reading.phase_powers_w]
    lines = [
        HEADER,
        "",
        "1-3:0.2.8(50)",
        f"0-0:1.0.0({_timestamp(reading.time)})",
        f"0-0:96.1.1({EQUIPMENT_ID.encode('ascii').hex().upper()})",
        *_energy_lines(reading),
        f"0-0:96.14.0({reading.tariff:04d})",
        *_power_lines("1", "2", sum(phases_w)),
        "0-0:96.7.21(00004)",
        "0-0:96.7.9(00002)",
        "1-0:99.97.0(1)(0-0:96.7.19)(180417201458S)(0000000236*s)",
        *(f"1-0:{code}.32.0(00002)" for code in ("32", "52", "72")),
        *(f"1-0:{code}.36.0(00000)" for code in ("32", "52", "72")),
        "0-0:96.13.0()",
        *_phase_lines(reading, phases_w),
        "!",
    ]
    return seal("\r\n".join(lines))


def _timestamp(local_time: datetime) -> str:
    """YYMMDDhhmmssX, X = S in summer time, W in winter time (section 6.4)."""
    return local_time.strftime("%y%m%d%H%M%S") + ("S" if local_time.dst() else "W")


def _energy_lines(reading: GridReading) -> list[str]:
    return [
        f"1-0:{direction}.8.{tariff}({energies[tariff] / 1000:010.3f}*kWh)"
        for direction, energies in (("1", reading.energy_import_wh), ("2", reading.energy_export_wh))
        for tariff in (LOW_TARIFF, NORMAL_TARIFF)
    ]


def _power_lines(import_code: str, export_code: str, power_w: int) -> list[str]:
    return [
        f"1-0:{import_code}.7.0({max(0, power_w) / 1000:06.3f}*kW)",
        f"1-0:{export_code}.7.0({max(0, -power_w) / 1000:06.3f}*kW)",
    ]


def _phase_lines(reading: GridReading, phases_w: list[int]) -> list[str]:
    voltages = [
        f"1-0:{codes[3]}.7.0({voltage:05.1f}*V)"
        for codes, voltage in zip(_PHASE_CODES, reading.phase_voltages_v, strict=True)
    ]
    currents = [
        f"1-0:{codes[2]}.7.0({round(current):03d}*A)"
        for codes, current in zip(_PHASE_CODES, reading.phase_currents_a, strict=True)
    ]
    powers = [
        _power_lines(codes[0], codes[1], power) for codes, power in zip(_PHASE_CODES, phases_w, strict=True)
    ]
    return [*voltages, *currents, *(line[0] for line in powers), *(line[1] for line in powers)]
