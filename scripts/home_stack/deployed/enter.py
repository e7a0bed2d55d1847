"""Becomes a service: enters its network, builds its root, gives up every right, and runs its first command.

Run as root: ``python enter.py SPECIFICATION.json``. The root is the machine's own programs, read-only, with
the image's files, the service's volumes and temporary folders at their places; nothing of it is seen outside.
With ``joined``, the process number of a service, it goes where that one is.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SYSTEM = (
    "bin",
    "sbin",
    "lib",
    "lib32",
    "lib64",
    "usr/bin",
    "usr/sbin",
    "usr/lib",
    "usr/lib32",
    "usr/lib64",
    "usr/share",
    "etc",
)
LIVE = ("dev", "proc", "sys")


def main() -> None:
    """Do as the specification says; does not return."""
    specification: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if joined := specification["joined"]:
        os.setns(os.pidfd_open(joined), os.CLONE_NEWNET | os.CLONE_NEWNS)
    else:
        _part(specification)
    os.chroot(specification["root"])
    os.chdir(specification["folder"])
    os.execve("/usr/bin/setpriv", _with_no_rights(specification), specification["environment"])  # noqa: S606 # it replaces this process


def _part(specification: dict[str, Any]) -> None:
    """Leave the machine's network and files for those of the service."""
    if network := specification["network"]:
        with Path("/run/netns", network).open("rb") as namespace:
            os.setns(namespace.fileno(), os.CLONE_NEWNET)
        for name, value in specification["sysctls"].items():
            Path("/proc/sys", *name.split(".")).write_text(value, encoding="utf-8")
    else:
        os.unshare(os.CLONE_NEWNET)
    os.unshare(os.CLONE_NEWNS)
    _mount("--make-rprivate", "/")
    _build(Path(specification["root"]), specification)


def _build(root: Path, specification: dict[str, Any]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(root))
    for name in SYSTEM:
        source = Path("/", name)
        target = root / name
        if source.is_symlink():
            target.symlink_to(source.readlink())
        elif source.is_dir():
            _bind(source, target, read_only=True)
    for name in LIVE:
        (root / name).mkdir()
        _mount("--rbind", f"/{name}", str(root / name))
    for place in specification["tmpfs"]:
        (root / place.lstrip("/")).mkdir(parents=True, exist_ok=True)
        _mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", str(root / place.lstrip("/")))
    for source, place, read_only in specification["binds"]:
        _bind(Path(source), root / place.lstrip("/"), read_only=read_only)
    _bind(Path(specification["hosts"]), root / "etc/hosts", read_only=True)
    (root / specification["folder"].lstrip("/")).mkdir(parents=True, exist_ok=True)
    _mount("-o", "remount,ro", str(root))


def _bind(source: Path, target: Path, *, read_only: bool) -> None:
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _mount("--bind", str(source), str(target))
    if read_only:
        _mount("-o", "remount,bind,ro", str(target))


def _with_no_rights(specification: dict[str, Any]) -> list[str]:
    user, _, group = specification["user"].partition(":")
    kept = ",".join(["-all", *(f"+{capability}" for capability in specification["capabilities"])])
    groups = ",".join(str(each) for each in specification["groups"])
    return [
        "setpriv",
        f"--reuid={user}",
        f"--regid={group or user}",
        f"--groups={groups}" if groups else "--clear-groups",
        f"--bounding-set={kept}",
        "--inh-caps=-all",
        "--ambient-caps=-all",
        "--no-new-privs",
        "--pdeathsig=KILL",
        *specification["command"],
    ]


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)  # noqa: S603, S607 # our own words; root's own path


main()
