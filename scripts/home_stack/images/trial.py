"""Tries an image: what it holds that it should not, and whether its first command becomes healthy."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..deployed.compose import Service
from ..processes import StackError
from .buildah import Buildah

_ANSWER_S: Final = 60.0
_ENVIRONMENT: Final = {"HOME_ID": "home-1"}
# A user may open its output anew as /dev/stdout; chroot isolation leaves that to the administrator.
_OUTPUT: Final = "/tmp/output"  # noqa: S108 - the container's own
_TOLD: Final = ("sh", "-c", f'exec "$@" >{_OUTPUT} 2>&1', "sh")
# Where Compose mounts volumes and temporary folders: there for whom the image runs as.
_PLACES: Final = ("data", "run", "config", "credentials", "credentials_owner", "access_point")

_KEY: Final = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{64}")
_NAME: Final = re.compile(r"\.(env|netrc|pypirc|git|git-credentials)$|^id_(rsa|ed25519|ecdsa)$|\.(pem|key)$")
_VARIABLE: Final = re.compile(r"(PASSWORD|SECRET|TOKEN|PRIVATE|API_KEY)", re.IGNORECASE)
_LARGEST_BYTES: Final = 1024 * 1024


def secrets(root: Path, base: Path, configuration: dict[str, Any]) -> Iterator[str]:
    """Return what looks like a secret in an image but not in its base, and in its environment, in words."""
    for pair in configuration["Env"] or ():
        if _VARIABLE.search(pair.partition("=")[0]):
            yield f"variable {pair.partition('=')[0]}"
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if path.is_symlink() or not path.is_file() or (base / path.relative_to(root)).exists():
                continue
            if _is_secret(path):
                yield f"/{path.relative_to(root)}"


def _is_secret(path: Path) -> bool:
    # Packages bring lists of authorities, which are for everybody.
    if _NAME.search(path.name) and path.name != "cacert.pem":
        return True
    return path.stat().st_size <= _LARGEST_BYTES and _KEY.search(path.read_bytes()) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """A container, mounted at ``root``, and how it is started: as its image and Compose say."""

    container: str
    root: Path
    command: Sequence[str]
    health: Sequence[str]
    user: str
    environment: Mapping[str, str]
    patience_s: float


def prepared(
    container: str,
    root: Path,
    configuration: Mapping[str, Any],
    service: Service | None,
    environment: Mapping[str, str],
) -> Trial:
    """Return how a container is started; its group is that of the home when Compose adds it.

    ``environment`` goes before Compose's; the patience is what the image says that its start may take.
    """
    user, _, group = ((service and service.user) or configuration["User"] or "0:0").partition(":")
    if service and service.groups:
        group = str(service.groups[0])
    check = configuration["Healthcheck"]
    _, *health = check["Test"]
    return Trial(
        container=container,
        root=root,
        command=configuration["Entrypoint"],
        health=health,
        user=f"{user}:{group or user}",
        environment={**_ENVIRONMENT, **(service.environment if service else {}), **environment},
        patience_s=check["StartPeriod"] / 1e9,
    )


def start(buildah: Buildah, trial: Trial, log: Path) -> float:
    """Start a container alone in a network of its own.

    Returns after how many seconds it is healthy. Raises StackError when it ends, or is not in time.
    """
    _make_places(trial)
    words = buildah.run_words(trial.container, trial.user, trial.environment, [*_TOLD, *trial.command])
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - our own words
            ["unshare", "--net", "sh", "-c", _ALONE, "sh", *words],  # noqa: S607 - found on root's own path
            env=buildah.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        return _healthy(buildah, trial, process)
    finally:
        _end(process)
        if (said := trial.root / _OUTPUT.lstrip("/")).exists():
            log.write_bytes(said.read_bytes() + log.read_bytes())


_ALONE: Final = 'ip link set lo up && echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start && exec "$@"'


def _make_places(trial: Trial) -> None:
    # An engine's own mark: by it Home Assistant knows that it is in a container.
    (trial.root / ".dockerenv").touch()
    user, group = map(int, trial.user.split(":"))
    for name in _PLACES:
        if not (path := trial.root / name).exists():
            path.mkdir()
            os.chown(path, user, group)


def _healthy(buildah: Buildah, trial: Trial, process: subprocess.Popen[bytes]) -> float:
    begun = time.monotonic()
    words = buildah.run_words(trial.container, trial.user, trial.environment, trial.health)
    while time.monotonic() - begun < trial.patience_s:
        if process.poll() is not None:
            raise StackError(f"it ended by itself ({process.returncode})")
        asked = subprocess.run(  # noqa: S603 - our own words
            ["nsenter", f"--net=/proc/{process.pid}/ns/net", *words],  # noqa: S607 - found on root's own path
            env=buildah.environment,
            capture_output=True,
            check=False,
            timeout=_ANSWER_S,
        )
        if asked.returncode == 0:
            return time.monotonic() - begun
        time.sleep(1.0)
    raise StackError(f"it is not healthy after {trial.patience_s:g} s")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End everything that was started for it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(10)
        except ProcessLookupError, subprocess.TimeoutExpired:
            continue
