"""Rules for Dockerfiles: what balena's builder cannot do, and what a home must not rest on."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dockerfile_parse import DockerfileParser  # type: ignore[import-untyped] # it has no types

from .compose_rules import is_pinned
from .stack_files import SHARED, Finding

# Images that begin as the container's administrator, and why; Compose takes every capability away.
ADMINISTRATORS = {
    "hass-config": "Home Assistant's image and every home's /config belong to it",
    "addons/community_hub": "only it may read an app's options and a certificate's key",
    "addons/config_editor": "it changes Home Assistant's files, which belong to it",
    "addons/home_agent": "balena's folder of update locks belongs to it",
    "addons/home_simulator": "only it may read an app's options; Compose starts the service as nobody",
    "addons/influxdb": "an app's folders belong to it; Compose starts the service as a user of its own",
    "addons/wifi_ap": "NetworkManager obeys it only",
}

# What else an image takes in.
BESIDES = {
    "addons/community_hub": ("custom_components/home_flex/core",),
    "hass-config": ("custom_components/home_flex",),
}

_NOT_FOR_BALENA = {
    re.compile(r"^\s*RUN\s+--", re.IGNORECASE): "RUN with options needs BuildKit",
    re.compile(r"^\s*(RUN|COPY|ADD)\b[^#\n]*<<", re.IGNORECASE): "here-documents need BuildKit",
    re.compile(
        r"^\s*(COPY|ADD)\b[^\n]*--(chmod|link|parents|exclude)", re.IGNORECASE
    ): "this option needs BuildKit",
    re.compile(r"\b(TARGET|BUILD)(ARCH|PLATFORM|OS|VARIANT)\b"): "BuildKit's variables are empty on balena",
    re.compile(r"%%"): "a template builds for one kind of gateway",
    re.compile(r"^\s*#\s*syntax=", re.IGNORECASE): "a frontend needs BuildKit",
    re.compile(r"^\s*FROM\s+--platform", re.IGNORECASE): "an image is built for many architectures",
}
_UNPINNED_INSTALL = re.compile(r"\bpip3? install\b(?!.*--require-hashes)")
_DOWNLOAD_AND_RUN = re.compile(r"\b(curl|wget)\b[^\n]*\|\s*(ba)?sh\b")
_SECRET = re.compile(r"(PASSWORD|SECRET|TOKEN|PRIVATE_KEY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a Dockerfile."""

    name: str
    value: str


def instructions(text: str) -> list[Instruction]:
    """Return the instructions without comments, lines joined."""
    parser = DockerfileParser(fileobj=io.BytesIO(text.encode()))
    return [
        Instruction(entry["instruction"], entry["value"])
        for entry in parser.structure
        if entry["instruction"] != "COMMENT"
    ]


def findings(folder: str, text: str, context: Path) -> Iterator[Finding]:
    """Check the Dockerfile of ``folder`` that is built in ``context``."""
    for pattern, reason in _NOT_FOR_BALENA.items():
        if any(pattern.search(line) for line in text.splitlines()):
            yield Finding(folder, reason)
    steps = instructions(text)
    yield from _images(folder, steps)
    yield from _copies(folder, steps, context)
    yield from _health(folder, steps)
    yield from _process(folder, steps)
    for step in steps:
        if step.name == "RUN" and (
            _UNPINNED_INSTALL.search(step.value) or _DOWNLOAD_AND_RUN.search(step.value)
        ):
            yield Finding(folder, "installs something that was not checked")
        if step.name in {"ENV", "ARG"} and _SECRET.search(step.value.split("=")[0]):
            yield Finding(folder, "has a secret in a layer")


def _images(folder: str, steps: list[Instruction]) -> Iterator[Finding]:
    stages: set[str] = set()
    for step in steps:
        if step.name == "FROM":
            image, *alias = re.split(r"\s+as\s+", step.value.strip(), flags=re.IGNORECASE)
            if image not in stages and not is_pinned(image):
                yield Finding(folder, f"{image} has no exact version")
            stages |= set(alias)
        copied_from = re.match(r"--from=(\S+)", step.value) if step.name == "COPY" else None
        if copied_from and copied_from[1] not in stages and not is_pinned(copied_from[1]):
            yield Finding(folder, f"{copied_from[1]} has no exact version")


def _copies(folder: str, steps: list[Instruction], context: Path) -> Iterator[Finding]:
    for step in steps:
        if step.name == "ADD":
            yield Finding(folder, "ADD may unpack or download: COPY does not")
        if step.name != "COPY" or "--from=" in step.value:
            continue
        words = json.loads(step.value) if step.value.startswith("[") else step.value.split()
        for source in [word for word in words if not word.startswith("--")][:-1]:
            if not _may_have(folder, source, context):
                yield Finding(folder, f"{source} is another service's")
            if ".." in Path(source).parts or not any(context.glob(source.strip("/"))):
                yield Finding(folder, f"{source} is not in the build context")


def _may_have(folder: str, source: str, context: Path) -> bool:
    """Whether an image may hold what another folder than its own brings."""
    if context.name == Path(folder).name:
        return True
    return any(Path(source).is_relative_to(own) for own in (folder, SHARED, *BESIDES.get(folder, ())))


def _health(folder: str, steps: list[Instruction]) -> Iterator[Finding]:
    checks = [step.value for step in steps if step.name == "HEALTHCHECK"]
    if len(checks) != 1 or checks[0].strip().upper() == "NONE":
        yield Finding(folder, "has no health check")
        return
    options = dict(re.findall(r"--([a-z-]+)=(\S+)", checks[0]))
    if not {"interval", "timeout", "start-period", "retries"} <= options.keys():
        yield Finding(folder, "its health check leaves times open")
    elif _seconds(options["start-period"]) < 30:
        yield Finding(folder, "balena would restart it before a memory card has let it start")
    if "start-interval" in options:
        yield Finding(folder, "start-interval asks more of a gateway than balena has")


def _process(folder: str, steps: list[Instruction]) -> Iterator[Finding]:
    users = [step.value.split(":")[0] for step in steps if step.name == "USER"]
    if (not users or users[-1] in {"0", "root"}) and folder not in ADMINISTRATORS:
        yield Finding(folder, "runs as the administrator")
    starts = [step for step in steps if step.name in {"ENTRYPOINT", "CMD"}]
    if not any(step.name == "ENTRYPOINT" for step in starts):
        yield Finding(folder, "has no entry point of its own")
    if any(not step.value.startswith("[") for step in starts):
        yield Finding(folder, "starts through a shell, which hides a crash and swallows the signal to stop")


def _seconds(text: str) -> int:
    number = re.fullmatch(r"(\d+)(s|m)", text)
    return 0 if number is None else int(number[1]) * {"s": 1, "m": 60}[number[2]]
