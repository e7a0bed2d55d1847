"""Takes secrets and personal data out of texts and documents. Pure.

Three nets, because each has holes: values known to be secret, names that hold secrets, and shapes of secrets.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

REMOVED: Final = "**removed**"

_LEAST_CHARACTERS = 6
_NAMES = re.compile(
    r"passw|secret|token|passphrase|\bpsk\b|api_?key|private_?key|backup_?key|authorization|cookie|credential"
    r"|latitude|longitude|elevation|\bname\b|title|e_?mail|phone|address|ssid|serial|identity|\bhost\b|\bip\b",
    re.IGNORECASE,
)
# A name that tells of a secret with its value, as settings, JSON, YAML and addresses write it.
_ASSIGNMENT: Final = (
    r"(?i)((?:^|[?&;,{\s])[\"']?[\w.-]*"
    r"(?:passw\w*|secret|token|psk|api_?key|private_?key|latitude|longitude)[\"']?\s*[=:]\s*)"
    r"(\"[^\"]*\"|'[^']*'|[^\s,;&}]+)"
)
_SHAPES: Final = tuple(
    (re.compile(pattern, re.MULTILINE), replacement)
    for pattern, replacement in (
        (r"-----BEGIN [A-Z ]+-----[\s\S]*?(-----END [A-Z ]+-----|\Z)", REMOVED),
        # A JSON Web Token: Home Assistant's access tokens.
        (r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*", REMOVED),
        (r"(?i)\b(bearer|basic|token)\s+[\w.~+/=-]{8,}", rf"\1 {REMOVED}"),
        (_ASSIGNMENT, rf"\1{REMOVED}"),
        # User and password in an address, e-mail, hardware and network addresses.
        (r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@:]+(:[^\s/@]*)?@", rf"\1{REMOVED}@"),
        (r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b", REMOVED),
        (r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b", REMOVED),
        (r"\b(?!127\.)(?:\d{1,3}\.){3}\d{1,3}\b", REMOVED),
    )
)


def redact_text(text: str, secrets: Iterable[str]) -> str:
    """Return ``text`` without any of ``secrets`` and without anything that looks like one."""
    for secret in sorted({secret for secret in secrets if len(secret) >= _LEAST_CHARACTERS}, key=len)[::-1]:
        text = text.replace(secret, REMOVED)
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return text


def redact(value: Any, secrets: Iterable[str]) -> Any:
    """Return a document (JSON types) the same way; what stands under a telling name is removed as a whole."""
    known = frozenset(secrets)
    if isinstance(value, Mapping):
        return {
            redact_text(str(name), known): REMOVED
            if inner not in (None, "", [], {}) and _NAMES.search(str(name)) and not isinstance(inner, bool)
            else redact(inner, known)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact(inner, known) for inner in value]
    if isinstance(value, str):
        return redact_text(value, known)
    return value
