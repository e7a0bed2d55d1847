"""What the community's broker reads, from its reference: certificates, passwords and rules, all made anew."""

import getpass
import secrets
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

import trustme
from community_hub.enrolment.authority import (
    FleetAuthority,
    new_private_key,
    private_key_pem,
    signing_request,
)
from home_broker import password_file

from .processes import ROOT, StackError

HOME_PORT: Final = 8883
HUB_PORT: Final = 8884
LISTENER: Final = "hub.ingest"
DISPATCHER: Final = "hub.dispatch"
REFERENCE: Final = ROOT / "addons" / "community_hub" / "broker"
MOSQUITTO: Final = ROOT / ".cache" / "mosquitto-2.1"


def plugins() -> Path:
    """Return where Mosquitto 2.1's plugins lie on this machine. Raises StackError."""
    for found in MOSQUITTO.rglob("mosquitto_persist_sqlite.so"):
        return found.parent
    raise StackError("Mosquitto 2.1 is missing: run scripts/setup as root on Debian")


class CentralFiles:
    """An authority for homes, a certificate for the broker, and the hub's passwords, below ``folder``.

    ``names`` are what the broker is dialled by. ``doors`` are what takes the place of the reference's two
    listeners, for homes and for the hub: port and, where it is not every address, the address.
    """

    def __init__(
        self, folder: Path, *names: str, doors: tuple[str, str] = (str(HOME_PORT), str(HUB_PORT))
    ) -> None:
        """Write them."""
        self.folder = folder
        self.authority = FleetAuthority.create("Test fleet", now=datetime.now(UTC))
        self.public = trustme.CA()
        self.passwords = {name: secrets.token_urlsafe(32) for name in (LISTENER, DISPATCHER)}
        self._write(names, doors)

    @property
    def command(self) -> list[str]:
        """What runs the broker."""
        return [str(MOSQUITTO / "mosquitto"), "-c", str(self.folder / "config" / "mosquitto.conf")]

    @property
    def public_authority(self) -> Path:
        """Who signed the broker's certificate."""
        return self.folder / "config" / "public.pem"

    def enrolled(self, ven_id: str) -> tuple[str, str]:
        """Return a certificate and its key for a home, as PEM."""
        key = new_private_key()
        request = signing_request(ven_id, key)
        return self.authority.sign(request, ven_id, now=datetime.now(UTC)), private_key_pem(key)

    def home_context(self, ven_id: str) -> ssl.SSLContext:
        """Return how a home connects: with a certificate of its own, to this broker alone."""
        context = ssl.create_default_context(cafile=str(self.public_authority))
        certificate, key = self.enrolled(ven_id)
        with _as_file(certificate + key) as path:
            context.load_cert_chain(path)
        return context

    def _write(self, names: tuple[str, ...], doors: tuple[str, str]) -> None:
        folder, config = self.folder, self.folder / "config"
        config.mkdir(parents=True, exist_ok=True)
        (folder / "data").mkdir(exist_ok=True)
        server = self.public.issue_cert(*names)
        text = (REFERENCE / "mosquitto.conf").read_text(encoding="utf-8")
        text = text.replace("/mosquitto/", f"{folder}/").replace("/usr/lib/", f"{plugins()}/")
        for port, door in zip((HOME_PORT, HUB_PORT), doors, strict=True):
            text = text.replace(f"listener {port}\n", f"listener {door}\n")
        files = {
            "server_certificate.pem": b"".join(each.bytes() for each in server.cert_chain_pems).decode(),
            "server_key.pem": server.private_key_pem.bytes().decode(),
            "public.pem": self.public.cert_pem.bytes().decode(),
            "home_authority.pem": self.authority.certificate_pem,
            "revoked_homes.pem": self.authority.revocation_list({}, number=1, now=datetime.now(UTC)),
            "passwords": password_file.render(self.passwords),
            "access_rules": (REFERENCE / "access_rules").read_text(encoding="utf-8"),
            "mosquitto.conf": f"{text}user {getpass.getuser()}\n",
        }
        for name, content in files.items():
            (config / name).touch(mode=0o600)
            (config / name).write_text(content)


@contextmanager
def _as_file(text: str) -> Iterator[str]:
    """Give a file that only we read: Python's ssl takes certificates from files alone."""
    with NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(text)
        file.flush()
        yield file.name
