"""Checks what the home shows to the centre, before the broker would fail on it again and again."""

import ssl
from pathlib import Path

from home_common.settings import SettingsError

_COMMON_NAME = bytes.fromhex("0603550403")  # the object identifier 2.5.4.3
_VERSION = 0xA0
_BEGIN = "-----BEGIN CERTIFICATE-----"
_END = "-----END CERTIFICATE-----"


def check(*, authority: Path, certificate: Path, private_key: Path, home_id: str) -> None:
    """Raise SettingsError when the centre could not be verified, or would not know the home by this."""
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(authority)
    except ssl.SSLError:
        raise SettingsError("CENTRAL_CA holds no certificate") from None
    try:
        # An encrypted key would ask for its password on a terminal.
        context.load_cert_chain(certificate, private_key, password=lambda: "")
    except ssl.SSLError:
        raise SettingsError("HOME_CERTIFICATE and HOME_PRIVATE_KEY do not belong together") from None
    if common_name(certificate.read_text(encoding="utf-8")) != home_id:
        raise SettingsError("HOME_CERTIFICATE is another home's: its common name is not HOME_ID")


def common_name(pem: str) -> str | None:
    """Return the subject's common name of the first certificate of a PEM text (RFC 5280 section 4.1)."""
    text, end, _ = pem[max(0, pem.find(_BEGIN)) :].partition(_END)
    if not text.startswith(_BEGIN):
        return None
    certificate = ssl.PEM_cert_to_DER_cert(text + end)
    to_be_signed = _parts(_content(_content(certificate)))
    # Version (only when not 1), serial number, signature algorithm, issuer, validity, subject.
    subject = to_be_signed[5 if to_be_signed[0][0] == _VERSION else 4]
    for attribute_set in _parts(_content(subject)):
        for attribute in _parts(_content(attribute_set)):
            kind, value = _parts(_content(attribute))
            if kind == _COMMON_NAME:
                return _content(value).decode("utf-8", "replace")
    return None


def _parts(content: bytes) -> list[bytes]:
    """Split what stands in a row (ITU-T X.690 section 8.1)."""
    parts = []
    while content:
        start, length = _header(content)
        parts.append(content[: start + length])
        content = content[start + length :]
    return parts


def _content(part: bytes) -> bytes:
    start, length = _header(part)
    return part[start : start + length]


def _header(part: bytes) -> tuple[int, int]:
    """Return where the content starts and how long it is."""
    if part[1] < 0x80:
        return 2, part[1]
    size = part[1] & 0x7F
    return 2 + size, int.from_bytes(part[2 : 2 + size])
