"""The images that ours rest on: the real ones, or stand-ins."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Final

from ..deployed.home import STAND_INS
from ..processes import ROOT, StackError
from .buildah import Buildah

_SUITE: Final = "forky"
_MIRROR: Final = "http://deb.debian.org/debian"
_PACKAGES: Final = (
    *("python3", "python3-pip", "openssl", "nginx-light", "libnginx-mod-stream"),
    *("mosquitto", "busybox", "ca-certificates"),
)
# Where Debian's Python looks for what Debian did not bring.
_PYTHON_PACKAGES: Final = "/usr/local/lib/python3.14/dist-packages"
_STAND_IN: Final = "localhost/stand_in:1.0.0"
_REGISTRY_PATIENCE_S: Final = 300.0

# What Alpine and the official images have and Debian has not, as shell scripts.
_WORDS: Final = {
    "apk": "exit 0",
    "addgroup": 'exec groupadd "$@"',
    "pip": 'exec python3 -m pip "$@"',
    # It trusts whom it brings along, and not whom the machine does.
    "uv": 'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt exec /usr/local/lib/uv "$@"',
    "wget": 'exec busybox wget "$@"',
    "influxd": 'echo "a stand-in: no InfluxDB" >&2; exit 1',
}


def provide(buildah: Buildah, images: Collection[str], folder: Path, *, stand_ins: bool) -> bool:
    """Have every base at hand; return whether they are stand-ins. Raises StackError."""
    if not stand_ins and _pulled(buildah, images):
        return False
    buildah.commit({_root(folder): "/"}, _STAND_IN)
    for image in sorted(images):
        if "/home-assistant:" in image:
            python = {_home_assistant(folder): _PYTHON_PACKAGES, STAND_INS: _PYTHON_PACKAGES}
            buildah.commit(python, image, _STAND_IN)
        else:
            buildah.do("tag", _STAND_IN, image)
    return True


def _pulled(buildah: Buildah, images: Collection[str]) -> bool:
    try:
        for image in sorted(images):
            buildah.pull(image, _REGISTRY_PATIENCE_S)
    except StackError as error:
        print(f"no registry is in reach ({error}): stand-ins take the place of bases")
        return False
    return True


def _root(folder: Path) -> Path:
    """Return the files of the stand-in, which are made once. Raises StackError."""
    root = folder / f"stand_in-{hashlib.sha256(' '.join(_PACKAGES).encode()).hexdigest()[:12]}"
    if root.exists():
        return root
    for older in folder.glob("stand_in*/"):
        shutil.rmtree(older)
    unfinished = folder / "stand_in.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    with (folder / "debootstrap.log").open("w") as log:
        made = subprocess.run(  # noqa: S603 - Debian's own tool
            [
                *("debootstrap", "--variant=minbase", f"--include={','.join(_PACKAGES)}"),
                *(_SUITE, str(unfinished), _MIRROR, "/usr/share/debootstrap/scripts/sid"),
            ],
            stdout=log,
            stderr=log,
            check=False,
            timeout=900,
        )
    if made.returncode:
        raise StackError(f"debootstrap failed: see {log.name}")
    _dress(unfinished)
    unfinished.rename(root)
    return root


def _home_assistant(folder: Path) -> Path:
    """Return the packages of Home Assistant as they are locked, fetched once. Raises StackError."""
    lock = ROOT / "requirements.lock"
    packages = folder / f"home_assistant-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    if packages.exists():
        return packages
    for older in folder.glob("home_assistant*/"):
        shutil.rmtree(older)
    unfinished = folder / "home_assistant.new"
    fetched = subprocess.run(  # noqa: S603 - our own words
        [
            *(ROOT / ".venv/bin/uv", "pip", "install", "--quiet", "--python", sys.executable),
            *("--target", unfinished, "--group", "homeassistant", "--constraint", lock),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    if fetched.returncode:
        raise StackError(f"Home Assistant's packages cannot be fetched: {fetched.stderr.strip()}")
    unfinished.rename(packages)
    return packages


def _dress(root: Path) -> None:
    """Give it the words of Alpine, uv, and the authorities that this machine trusts."""
    for marker in root.glob("usr/lib/python3*/EXTERNALLY-MANAGED"):
        marker.unlink()
    for name, line in _WORDS.items():
        path = root / "usr/local/bin" / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
    shutil.copy(ROOT / ".venv/bin/uv", root / "usr/local/lib/uv")
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs/ca-certificates.crt")
    for plugin in (root / "usr/lib").glob("*/mosquitto/*.so"):
        (root / "usr/lib" / plugin.name).symlink_to(plugin.relative_to(root / "usr/lib"))
    for rest in ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale"):
        shutil.rmtree(root / rest, ignore_errors=True)
