"""Looks anew for ends of support and for exploited holes, and writes what it found into ``bases.json``.

Ends of support: endoflife.date (API v1), for images with a ``lifecycle``. Holes: CISA's catalogue of known
exploited vulnerabilities, by the words in ``exploited_as``. The catalogue knows no versions: what is new
to the file is told, and until somebody has written its versions down, nobody has looked.
"""

import json
import re
import urllib.error
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from . import https

LIFECYCLES: Final = "https://endoflife.date/api/v1/products"
EXPLOITED: Final = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
_MOST_BYTES: Final = 32 * 1024 * 1024


class RefreshError(Exception):
    """A source did not answer what can be believed; the message names it."""


def refresh(
    path: Path, today: date, *, lifecycles: str = LIFECYCLES, exploited: str = EXPLOITED
) -> list[str]:
    """Bring the file up to date and return what a person has to look at, in words.

    The day is written only when every source has answered and nothing is left to a person. Raises
    RefreshError, and then nothing is written, OSError, and ValueError when the file cannot be read.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    catalogue = _catalogue(exploited)
    left = []
    for name, image in document["images"].items():
        if slug := image.get("lifecycle"):
            ends = _ends(f"{lifecycles}/{slug}")
            left += [
                f"{name} {branch} is not known to {slug}"
                for branch in image["branches"]
                if branch not in ends
            ]
            told = {branch: ends[branch] for branch in image["branches"] if ends.get(branch)}
            image["branches"] |= told
        left += _unjudged(name, image, catalogue)
    if not left:
        document["checked_on"] = today.isoformat()
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return left


def _unjudged(name: str, image: Mapping[str, Any], catalogue: Mapping[str, str]) -> Iterator[str]:
    judged = {hole["id"] for hole in image["holes"]}
    for cve, product in sorted(catalogue.items()):
        words = (rf"\b{re.escape(word)}\b" for word in image["exploited_as"])
        if cve not in judged and any(re.search(word, product, re.IGNORECASE) for word in words):
            yield f"{name}: {cve} ({product}) is exploited; write down since when and what mends it"


def _ends(address: str) -> dict[str, str | None]:
    """Return the day on which the support of each branch ends, None when it is not decided."""
    try:
        releases = _get(address)["result"]["releases"]
        ends = {str(release["name"]): release["eolFrom"] for release in releases}
        return {name: end and date.fromisoformat(end).isoformat() for name, end in ends.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise RefreshError(f"{address}: what was sent tells no ends of support") from error


def _catalogue(address: str) -> dict[str, str]:
    """Return the vendor and product of each exploited vulnerability by its name."""
    try:
        listed = _get(address)["vulnerabilities"]
        found = {str(entry["cveID"]): f"{entry['vendorProject']} {entry['product']}" for entry in listed}
    except (KeyError, TypeError, ValueError) as error:
        raise RefreshError(f"{address}: what was sent is no catalogue") from error
    if not found:
        raise RefreshError(f"{address}: the catalogue is empty")
    return found


def _get(address: str) -> Any:
    try:
        body, _ = https.get(address, headers={"Accept": "application/json"}, most_bytes=_MOST_BYTES)
    except https.UnsafeError as error:
        raise RefreshError(f"{address} {error}") from error
    except urllib.error.HTTPError as error:
        error.close()
        raise RefreshError(f"{address} answers with HTTP {error.code}") from error
    except OSError as error:
        raise RefreshError(f"{address} does not answer ({type(error).__name__})") from error
    return json.loads(body)
