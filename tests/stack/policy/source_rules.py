"""Rules for everything else that reaches a home: no secrets, no open doors, no checks switched off."""

import fnmatch
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from .stack_files import Finding

_FORBIDDEN = {
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\n[A-Za-z0-9+/=\s]{64}"): "holds a private key",
    re.compile(r"allow_anonymous\s+true", re.IGNORECASE): "lets in who has no name",
    re.compile(
        r"bridge_insecure\s+true|tls_insecure|insecure_skip_verify", re.IGNORECASE
    ): "does not check who answers",
    re.compile(
        r"\bCERT_NONE\b|_create_unverified_context|check_hostname\s*=\s*False"
    ): "does not check who answers",
    re.compile(r"verify(_ssl)?\s*=\s*False|\bssl\s*=\s*False\b"): "does not check who answers",
    re.compile(r"curl\s+(-\w*k\b|.*--insecure)|wget\s.*--no-check-certificate"): "does not check who answers",
    re.compile(r"(proxy|grpc|uwsgi)_ssl_verify\s+off", re.IGNORECASE): "does not check who answers",
    re.compile(r"sleep\s+infinity"): "hides a crash",
    re.compile(r"\bchmod\s+(-R\s+)?(0?777|a\+rwx)"): "lets everybody write",
    re.compile(r"/work/|/home/[a-z]+/|/Users/"): "names a path of one machine",
}

# In files that are data: a name of a secret with its value beside it.
_LITERAL = re.compile(
    r"""^\s*-?\s*["']?[\w.-]*(password|passwd|secret|token|passphrase|psk)["']?\s*[:=]\s*["']?(?P<value>[^\s"'#]+)""",
    re.IGNORECASE | re.MULTILINE,
)
_DATA = {".yaml", ".yml", ".json", ".conf", ".ini", ".toml", ".env", ".service", ".template"}
# A value that tells of a secret and is none: a kind of option, a mapping, a variable, a path, a switch.
_NO_SECRET = re.compile(
    r"password\??|str\??|match\(.*|[{\[>|$%<!&*].*|null|true|false|on|off|/[\w/.-]+|\d+(\.\d+)?|string",
    re.IGNORECASE,
)


def findings(name: str, text: str) -> Iterator[Finding]:
    """Check one file by its text."""
    for pattern, reason in _FORBIDDEN.items():
        if pattern.search(text):
            yield Finding(name, reason)
    if PurePosixPath(name).suffix in _DATA and "translations/" not in name:
        for match in _LITERAL.finditer(text):
            if not _NO_SECRET.fullmatch(match["value"]):
                yield Finding(name, f"gives {match[1]} a value everybody can read")


def is_ignored(path: str, patterns: Sequence[str]) -> bool:
    """Whether .dockerignore keeps a file from the builder: the last line that fits decides."""
    ignored = False
    parts = PurePosixPath(path).parts
    for line in patterns:
        is_exception = line.startswith("!")
        pattern = line.removeprefix("!").strip("/")
        for count in range(1, len(parts) + 1):
            if _fits("/".join(parts[:count]), pattern):
                ignored = not is_exception
                break
    return ignored


def _fits(path: str, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return any(
            _fits("/".join(path.split("/")[start:]), pattern.removeprefix("**/"))
            for start in range(path.count("/") + 1)
        )
    return path.count("/") == pattern.count("/") and fnmatch.fnmatchcase(path, pattern)
