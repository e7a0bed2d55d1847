"""What a Dockerfile puts into an image, without building it: files, environment, user, first command.

RUN lines are not executed: what they install is the machine's own (.venv, Debian's packages).
Source: docs.docker.com/reference/dockerfile.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from image_digests.dockerfile import instructions

from ..processes import StackError


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """An image; ``copies`` are files or folders of the context and where they stand in it."""

    copies: Sequence[tuple[Path, str]]
    environment: Mapping[str, str]
    user: str
    folder: str
    command: Sequence[str]
    health: Sequence[str]


def read(dockerfile: Path, context: Path) -> Image:
    """Read a Dockerfile's last stage. Raises StackError when it copies what is not there."""
    copies: list[tuple[Path, str]] = []
    environment: dict[str, str] = {}
    last = {"USER": "0:0", "WORKDIR": "/", "ENTRYPOINT": "[]", "CMD": "[]", "HEALTHCHECK": ""}
    for word, rest in instructions(dockerfile.read_text(encoding="utf-8")):
        match word:
            case "FROM":
                copies, environment = [], {}
            case "COPY":
                copies += _copies(context, rest, last["WORKDIR"])
            case "ENV":
                environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))
            case _ if word in last:
                last[word] = rest
    _, _, health = last["HEALTHCHECK"].partition("CMD ")
    return Image(
        copies=copies,
        environment=environment,
        user=last["USER"],
        folder=last["WORKDIR"],
        command=[*json.loads(last["ENTRYPOINT"]), *json.loads(last["CMD"])],
        health=json.loads(health) if health else (),
    )


def _copies(context: Path, rest: str, folder: str) -> list[tuple[Path, str]]:
    words = [word for word in shlex.split(rest) if not word.startswith("--")]
    if "--from=" in rest:
        return []
    *sources, target = words
    found = []
    for source in sources:
        path = context / source
        if not path.exists():
            raise StackError(f"{path} is copied into an image and does not exist")
        into = target if target.startswith("/") else f"{folder.rstrip('/')}/{target}"
        if path.is_file() and (into.endswith("/") or len(sources) > 1):
            into = f"{into.rstrip('/')}/{path.name}"
        found.append((path, into.rstrip("/")))
    return found
