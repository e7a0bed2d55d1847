"""The bundle: one ZIP archive of redacted documents and logs, bounded in size."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .redaction import redact, redact_text

# So much of each log, its end.
MOST_LOG_BYTES: Final = 256 * 1024
MOST_DOCUMENT_BYTES: Final = 1024 * 1024


def bundle(documents: Mapping[str, Any], logs: Mapping[str, str], secrets: Iterable[str]) -> bytes:
    """Return the archive: each document as ``<name>.json``, each log as ``<name>.log``. Takes a moment."""
    known = frozenset(secrets)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, document in documents.items():
            text = json.dumps(redact(document, known), indent=2, default=str)
            archive.writestr(f"{name}.json", text[:MOST_DOCUMENT_BYTES])
        for name, log in logs.items():
            # The whole is redacted before its end is taken: a secret must not be cut in two.
            archive.writestr(f"{name}.log", redact_text(log, known)[-MOST_LOG_BYTES:])
    return target.getvalue()
