"""Names of images, and where they stand in Dockerfiles and Compose files."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

DEFAULT_REGISTRY = "docker.io"

_DIGEST = r"sha256:[0-9a-f]{64}"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
_REFERENCE = re.compile(rf"(?P<name>[a-z0-9][a-z0-9./_:-]*?):(?P<tag>{_TAG})(?:@(?P<digest>{_DIGEST}))?")

# The images a file rests on: FROM and COPY --from in a Dockerfile, image in a Compose file.
_USES = re.compile(
    r"^(?P<before>\s*FROM\s+|\s*COPY\s+--from=|\s+image:\s+[\"']?)(?P<image>[^\s\"']+)",
    re.MULTILINE | re.IGNORECASE,
)
_STAGE = re.compile(r"^\s*FROM\s+\S+\s+AS\s+(\S+)", re.MULTILINE | re.IGNORECASE)


class ImageNameError(Exception):
    """An image is not named with an exact tag."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """An image as a file names it (distribution/reference)."""

    name: str
    tag: str
    digest: str | None = None

    def __str__(self) -> str:
        return f"{self.name}:{self.tag}" + (f"@{self.digest}" if self.digest else "")

    @property
    def registry(self) -> str:
        """Return the registry's host; a first part with a dot or a port is one, else it is the default."""
        first, slash, _ = self.name.partition("/")
        return first if slash and ("." in first or ":" in first) else DEFAULT_REGISTRY

    @property
    def repository(self) -> str:
        """Return the path within the registry; official images of the default one live under ``library``."""
        path = self.name.removeprefix(f"{self.registry}/")
        return path if "/" in path or self.registry != DEFAULT_REGISTRY else f"library/{path}"


def parse(text: str) -> Reference:
    """Return an image's parts. Raises ImageNameError without a tag, or with a tag that moves by its name."""
    found = _REFERENCE.fullmatch(text)
    if found is None or found["tag"] == "latest":
        raise ImageNameError(f"{text} has no exact tag")
    return Reference(name=found["name"], tag=found["tag"], digest=found["digest"])


def used(text: str) -> Iterator[Reference]:
    """Return the images a Dockerfile or Compose file rests on. Raises ImageNameError."""
    stages = set(_STAGE.findall(text)) | {"scratch"}
    for use in _USES.finditer(text):
        if use["image"] not in stages:
            yield parse(use["image"])


def with_digests(text: str, digests: Mapping[Reference, str]) -> str:
    """Return the file with each image's digest beside its tag; an older digest gives way."""

    def written(use: re.Match[str]) -> str:
        if use["image"] in stages:
            return use[0]
        image = parse(use["image"])
        return f"{use['before']}{image.name}:{image.tag}@{digests[image]}"

    stages = set(_STAGE.findall(text)) | {"scratch"}
    return _USES.sub(written, text)
