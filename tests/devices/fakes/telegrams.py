"""P1 telegrams made for tests, with a CRC computed bit by bit and not by the code under test."""


def crc(data: bytes) -> int:
    """CRC-16/ARC, one bit at a time."""
    remainder = 0
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = (remainder >> 1) ^ (0xA001 if remainder & 1 else 0)
    return remainder


def telegram(*lines: str, header: str = r"/TST5\2Meter-1", version: str | None = "50") -> bytes:
    """Return a telegram with CRLF line ends and its CRC."""
    head = [header, "", *([f"1-3:0.2.8({version})"] if version else [])]
    body = "\r\n".join([*head, *lines, "!"]).encode()
    return body + b"%04X\r\n" % crc(body)


def simple(import_kw: float = 0.5, export_kw: float = 0.0) -> bytes:
    return telegram(
        "0-0:96.1.1(4530303031)", f"1-0:1.7.0({import_kw:06.3f}*kW)", f"1-0:2.7.0({export_kw:06.3f}*kW)"
    )
