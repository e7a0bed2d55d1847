"""The home's own certificate for the LAN: made at first start, renewed before it ends, kept in the home."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from .settings import SettingsError

# Browsers take no certificate of more days.
VALID_DAYS = 397
RENEW_BEFORE_S = 30 * 24 * 3600
TIMEOUT_S = 60


def ensure(data: Path, names: Sequence[str]) -> None:
    """Make ``certificate.pem`` and ``key.pem`` unless they are good for a month. Raises SettingsError."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    certificate, key = data / "certificate.pem", data / "key.pem"
    if key.exists() and certificate.exists() and _is_good(certificate):
        return
    new_key, new_certificate = data / "key.new", data / "certificate.new"
    new_key.unlink(missing_ok=True)
    new_key.touch(mode=0o600)
    _openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"),
        *("-days", str(VALID_DAYS), "-subj", "/CN=Home Flex"),
        *("-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)),
        *("-keyout", str(new_key), "-out", str(new_certificate)),
    )
    new_key.replace(key)
    new_certificate.replace(certificate)


def _is_good(certificate: Path) -> bool:
    try:
        _openssl("x509", "-in", str(certificate), "-noout", "-checkend", str(RENEW_BEFORE_S))
    except SettingsError:
        return False
    return True


def _openssl(*words: str) -> None:
    try:
        subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=TIMEOUT_S)  # noqa: S603, S607 # the image's own
    except (OSError, subprocess.SubprocessError) as error:
        raise SettingsError("The home's certificate cannot be made") from error
