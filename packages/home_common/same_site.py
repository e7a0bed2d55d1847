"""Whether a browser sent a request from a page of ours, or another site made it send one.

A browser adds a person's credentials by itself, whoever made the request. It tells where the request comes
from in ``Sec-Fetch-Site``, though over TLS and to its own machine only (W3C Fetch Metadata, section 2), and
in ``Origin`` with everything that is not a plain GET (Fetch, section 3.2).
"""

from typing import Final, Protocol
from urllib.parse import urlsplit

_OURS: Final = frozenset({"same-origin", "none"})


class Headers(Protocol):
    """The headers of a request, found in whatever case their names are written."""

    def get(self, name: str, /) -> str | None:
        """Return a header, None when there is none."""


def is_from_another_site(headers: Headers) -> bool:
    """Whether the headers say that another site made this request.

    Who names no site at all is no browser of today: a command line, which adds no credentials by itself.
    """
    site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
    if site is not None and site.strip().lower() not in _OURS:
        return True
    return origin is not None and not _is_host(origin, headers.get("Host") or "")


def _is_host(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin.strip())
    except ValueError:
        return False
    # "null" hides an origin: a page in a sandbox, or one that was redirected.
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.strip().lower() != ""
