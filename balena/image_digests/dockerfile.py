"""A Dockerfile's instructions. Source: docs.docker.com/reference/dockerfile."""

from collections.abc import Iterator


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Return each instruction's word, in capitals, and the rest of it, its lines joined.

    Comments are left out, also between the lines of one instruction; so are empty lines. Here-documents and
    the directive ``escape`` are not understood.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        word, _, rest = line.strip().partition(" ")
        yield word.upper(), " ".join(rest.split())
