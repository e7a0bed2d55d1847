"""The home's own certificate for the LAN: made at first start, renewed before it ends, kept in the home."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from home_common.secret_files import write_secret
from home_common.settings import SettingsError

# Certificate and key in one file, replaced at once: a power cut leaves no two halves that do not fit.
FILE = "certificate.pem"
# Browsers take no certificate of more days.
VALID_DAYS = 397
RENEW_BEFORE_S = 30 * 24 * 3600
TIMEOUT_S = 60


def ensure(data: Path, names: Sequence[str]) -> bool:
    """Make the certificate unless it is good for a month and for these names; return whether it was made.

    One that cannot be made, as on a full disk, leaves the older one in its place: a browser may warn of it,
    but the home opens. Raises SettingsError, OSError when there is none to go on with.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data / FILE
    if path.exists() and _is_good(path, names):
        return False
    try:
        _make(data, names)
    except (OSError, SettingsError) as error:
        if not _is_usable(path):
            raise
        print(f"home_nginx: the certificate cannot be made anew, the older one goes on: {error}", flush=True)
        return False
    return True


def _make(data: Path, names: Sequence[str]) -> None:
    """Put a new one in place, whole. Raises SettingsError, OSError."""
    with tempfile.TemporaryDirectory(dir=data) as folder:
        key, certificate = Path(folder, "key"), Path(folder, "certificate")
        key.touch(mode=0o600)
        _openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"),
            *("-days", str(VALID_DAYS), "-subj", "/CN=Home Flex"),
            *("-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)),
            *("-keyout", str(key), "-out", str(certificate)),
        )
        write_secret(Path(folder, FILE), certificate.read_text() + key.read_text())
        # OpenSSL ends well when the disk took nothing of what it wrote.
        if not _is_usable(Path(folder, FILE)):
            raise SettingsError("The home's certificate cannot be made")
        Path(folder, FILE).replace(data / FILE)


def _is_usable(path: Path) -> bool:
    try:
        _openssl("pkey", "-in", str(path), "-noout")
        _openssl("x509", "-in", str(path), "-noout")
    except SettingsError:
        return False
    return True


def _is_good(path: Path, names: Sequence[str]) -> bool:
    try:
        _openssl("pkey", "-in", str(path), "-noout")
        told = _openssl(
            *("x509", "-in", str(path), "-noout", "-ext", "subjectAltName"),
            *("-startdate", "-dateopt", "iso_8601", "-checkend", str(RENEW_BEFORE_S)),
        )
    except SettingsError:
        return False
    # A gateway without a clock of its own may have made it in a year to come.
    begins = re.search(r"notBefore=(\S+ \S+Z)", told)
    if begins is None or datetime.fromisoformat(begins[1]) > datetime.now(UTC):
        return False
    return set(re.findall(r"DNS:([^,\s]+)", told)) == set(names)


def _openssl(*words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 # our own words
            ["openssl", *words],  # noqa: S607 # the image's own
            check=True,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SettingsError("The home's certificate cannot be made") from error
    return done.stdout
