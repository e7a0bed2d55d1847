"""Command line: build every image, try it, and print one line for each and one of JSON for all."""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from image_digests.references import used

from ..deployed import compose
from ..deployed.home import MACHINE
from ..processes import ROOT, StackError
from . import bases, trial
from .buildah import Buildah

FOLDER: Final = ROOT / ".cache/images"
DOCKERFILES: Final = ("addons/*/Dockerfile", "hass-config/Dockerfile", "nginx/Dockerfile")
# Built in its own folder; all others in the root of the repository.
_ALONE: Final = frozenset({"home_simulator"})
# What a stand-in cannot start, and why.
_NEEDS_ITS_BASE: Final = {
    "influxdb": "the stand-in has no InfluxDB",
}
# What a stand-in has elsewhere, or not at all.
_OF_STAND_INS: Final = {"hass-config": MACHINE["home_assistant"]}


def main() -> int:
    """Run; exit code 1 when an image was not built, not healthy, or holds a secret."""
    parser = argparse.ArgumentParser(prog="scripts/images", description="Build every image and try it.")
    parser.add_argument("--only", help="the folder's name of one image, such as nginx")
    parser.add_argument("--stand-ins", action="store_true", help="do not ask a registry for bases")
    parser.add_argument("--keep", action="store_true", help="leave the images in .cache/images")
    arguments = parser.parse_args()
    if os.geteuid():
        sys.stderr.write("images: needs root\n")
        return 1
    dockerfiles = {path.parent.name: path for pattern in DOCKERFILES for path in sorted(ROOT.glob(pattern))}
    if arguments.only:
        dockerfiles = {name: path for name, path in dockerfiles.items() if name == arguments.only}
    FOLDER.mkdir(parents=True, exist_ok=True)
    buildah = Buildah(FOLDER)
    begun = time.monotonic()
    try:
        # What an earlier run left that was ended from outside.
        _clear(buildah)
        needed = {str(image) for path in dockerfiles.values() for image in used(path.read_text())}
        are_stand_ins = bases.provide(buildah, needed, FOLDER, stand_ins=arguments.stand_ins)
        mounted: dict[str, Path] = {}
        found = {
            name: _try(buildah, name, path, mounted=mounted, are_stand_ins=are_stand_ins)
            for name, path in dockerfiles.items()
        }
    except StackError as error:
        sys.stderr.write(f"images: {error}\n")
        return 1
    finally:
        if not arguments.keep:
            _clear(buildah)
    bad = [name for name, result in found.items() if result.get("fault") or result.get("secrets")]
    summary = {"stand_ins": are_stand_ins, "seconds": round(time.monotonic() - begun), "images": found}
    print(json.dumps(summary))
    return 1 if bad or not found else 0


def _try(
    buildah: Buildah, name: str, dockerfile: Path, *, mounted: dict[str, Path], are_stand_ins: bool
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    try:
        begun = time.monotonic()
        buildah.build(name, dockerfile, dockerfile.parent if name in _ALONE else ROOT)
        result["build_s"] = round(time.monotonic() - begun, 1)
        base = str([*used(dockerfile.read_text())][-1])
        if base not in mounted:
            mounted[base] = _mounted(buildah, base)[1]
        service = _service(dockerfile)
        container, root = _mounted(buildah, name, service.hosts if service else ())
        configuration = buildah.configuration(name)
        result["mb"], result["added_mb"] = (
            round(size / 1e6, 1) for size in (_bytes(root), _bytes(root) - _bytes(mounted[base]))
        )
        result["secrets"] = sorted(trial.secrets(root, mounted[base], configuration))
        if are_stand_ins and (reason := _NEEDS_ITS_BASE.get(name)):
            result["not_started"] = reason
        else:
            environment = _OF_STAND_INS.get(name, {}) if are_stand_ins else {}
            prepared = trial.prepared(container, root, configuration, service, environment)
            result["healthy_s"] = round(trial.start(buildah, prepared, FOLDER / f"{name}.log"), 1)
        buildah.do("rm", container)
    except StackError as error:
        result["fault"] = str(error)
    print(f"{name}: {json.dumps(result)}", flush=True)
    return result


def _service(dockerfile: Path) -> compose.Service | None:
    """Return what Compose says of a service; the simulator is the demo's, and starts as it is."""
    services = compose.load(compose.DEPLOYED).services.values()
    return next((service for service in services if service.dockerfile == dockerfile), None)


def _mounted(buildah: Buildah, image: str, hosts: Sequence[str] = ()) -> tuple[str, Path]:
    """Return a new container of an image that knows some hosts, and where its files are."""
    known = [word for host in hosts for word in ("--add-host", host)]
    container = buildah.do("from", "--pull-never", *known, image)
    return container, Path(buildah.do("mount", container))


def _bytes(root: Path) -> int:
    return sum(Path(folder, name).lstat().st_size for folder, _, names in os.walk(root) for name in names)


def _clear(buildah: Buildah) -> None:
    """Give the disk back; the stand-in's files stay."""
    buildah.do("rm", "--all")
    buildah.do("rmi", "--all", "--force")
    for rest in ("store", "run"):
        shutil.rmtree(FOLDER / rest, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
