"""The operator's folder.

The authority, what each home was given, and how far rollouts got. Secrets in it are 0600.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from community_hub.enrolment.authority import require_ven_id
from home_common.files import PUBLIC, write_whole

# What a release's name has besides becomes "_" in the name of a file.
_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9.+-]")


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeFolder:
    """What one home was given.

    Each file is made once; that is what makes an interrupted enrolment safe to repeat.
    """

    path: Path

    @property
    def private_key(self) -> Path:
        """The home's private key (PEM)."""
        return self.path / "private_key.pem"

    @property
    def certificate(self) -> Path:
        """The home's certificate (PEM)."""
        return self.path / "certificate.pem"

    @property
    def job_sheet(self) -> Path:
        """The sheet for the installer."""
        return self.path / "job_sheet.html"

    def read(self, name: str) -> dict[str, Any] | None:
        """Return a JSON document, None when absent: ``home``, ``code``, ``credentials`` or ``rotation``."""
        return read_json(self.path / f"{name}.json")

    def write(self, name: str, document: Mapping[str, Any]) -> None:
        """Write a JSON document of the home, readable by its owner only."""
        write_private(self.path / f"{name}.json", json.dumps(document, indent=2) + "\n")

    def forget(self, name: str) -> None:
        """Remove a document, when it is there."""
        (self.path / f"{name}.json").unlink(missing_ok=True)

    def successor(self) -> HomeFolder:
        """Return where a rotation keeps the new credentials until they are proven."""
        return HomeFolder(path=self.path / "next")


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatorFolder:
    """All of it."""

    path: Path

    @property
    def authority(self) -> Path:
        """The folder of the certificate authority."""
        return self.path / "authority"

    @property
    def revocation_list(self) -> Path:
        """The list of revoked certificates, for the central broker (``crlfile``)."""
        return self.path / "centre" / "crl.pem"

    @property
    def accepted_tokens(self) -> Path:
        """The hashes of the tokens the ingest proxy accepts, and whose they are."""
        return self.path / "centre" / "ingest_tokens.json"

    @property
    def operator_key(self) -> Path:
        """The public half of the key that signs commands which cannot be undone."""
        return self.path / "centre" / "operator_key"

    def home(self, ven_id: str) -> HomeFolder:
        """Return the folder of a home, which need not exist."""
        return HomeFolder(path=self.path / "homes" / require_ven_id(ven_id))

    def homes(self) -> list[str]:
        """Return the venIDs of all enrolled homes."""
        return sorted(path.parent.name for path in (self.path / "homes").glob("*/home.json"))

    def devices_by_home(self) -> dict[str, str]:
        """Return the device (UUID) of each enrolled home by its venID; empty for one without."""
        return {
            ven_id: str((self.home(ven_id).read("home") or {}).get("device_uuid", ""))
            for ven_id in self.homes()
        }

    def read_operator_key(self) -> str | None:
        """Return that public half, None when no key was made."""
        return self.operator_key.read_text().strip() if self.operator_key.exists() else None

    def rollout(self) -> Path:
        """Return the file of the current rollout."""
        return self.path / "rollout.json"

    def canary(self, release: str) -> Path:
        """Return the file of the canary's report on a release."""
        return self.path / "canary" / f"{_FILE_NAME.sub('_', release)}.json"

    def audit(self, line: Mapping[str, Any]) -> None:
        """Add a line to what is kept of decisions that a person has to answer for; none is ever changed."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path / "audit.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def erasure(self, ven_id: str) -> Path:
        """Return the file that proves an erasure."""
        return self.path / "erasures" / f"{require_ven_id(ven_id)}.json"

    def revoked(self) -> dict[str, str]:
        """Return when each revoked serial number (hexadecimal) was revoked (ISO 8601)."""
        return read_json(self.path / "authority" / "revoked.json") or {}

    def write_revoked(self, revoked: Mapping[str, str]) -> None:
        """Keep the revoked serial numbers."""
        write_private(self.path / "authority" / "revoked.json", json.dumps(revoked, indent=2) + "\n")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep the folder to one command at a time. Raises BlockingIOError when another one has it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (path / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BlockingIOError(f"another fleet-tool is at work in {path}") from error
        yield


def write_private(path: Path, text: str) -> None:
    """Write a file only the operator can read; a new folder too is the operator's."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, text)


def write_public(path: Path, text: str) -> None:
    """Write a file everyone may read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, text, mode=PUBLIC)


def default_folder() -> Path:
    """Return the folder used when none is named."""
    return Path(os.environ.get("FLEET_FOLDER", "fleet"))


def read_json(path: Path) -> dict[str, Any] | None:
    """Return a JSON object, None when the file is absent. Raises OSError when it is damaged."""
    try:
        document: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise OSError(f"{path} is damaged: restore it from a backup") from error
    return document


def write_json(path: Path, document: Any) -> None:
    """Write a JSON document without secrets."""
    write_public(path, json.dumps(document, indent=2) + "\n")
