"""Asks a registry for the digest of a tag, after the OCI distribution specification 1.1."""

import hashlib
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

from .references import DEFAULT_REGISTRY, Reference

# The default registry answers under another name than images are called by.
_HOSTS = {DEFAULT_REGISTRY: "registry-1.docker.io"}
_INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_ARCHITECTURES = {"amd64", "arm64"}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_MOST_BYTES = 4 * 1024 * 1024
_PATIENCE_S = 30


class RegistryError(Exception):
    """A registry did not tell a digest that can be believed."""


def digest(image: Reference, *, addresses: Mapping[str, str]) -> str:
    """Return the digest of an image's index, counted from the bytes that the registry sent.

    ``addresses`` gives other addresses to registries by host, for tests and mirrors; else HTTPS is used.
    Raises RegistryError when it is missing, is not for both amd64 and arm64, or is not what the registry
    says it is.
    """
    host = image.registry
    base = addresses.get(host, f"https://{_HOSTS.get(host, host)}")
    url = f"{base}/v2/{image.repository}/manifests/{urllib.parse.quote(image.tag)}"
    try:
        body, told = _manifest(url, image.repository, base)
    except (OSError, ValueError) as error:
        raise RegistryError(f"{image}: {_cause(error)}") from error
    counted = f"sha256:{hashlib.sha256(body).hexdigest()}"
    if told is not None and told != counted:
        raise RegistryError(f"{image}: the registry says {told} of what counts {counted}")
    if missing := _ARCHITECTURES - _architectures(image, body):
        raise RegistryError(f"{image}: is not there for {', '.join(sorted(missing))}")
    return counted


def _manifest(url: str, repository: str, base: str) -> tuple[bytes, str | None]:
    """Return a manifest and the digest that came with it, with a token when one is asked for."""
    try:
        return _get(url, None)
    except urllib.error.HTTPError as error:
        if error.code != 401:
            raise
        challenge = error.headers.get("WWW-Authenticate", "")
        error.close()
    return _get(url, _token(challenge, repository, base))


def _token(challenge: str, repository: str, base: str) -> str:
    words = dict(_CHALLENGE.findall(challenge))
    realm = words.get("realm", "")
    if urllib.parse.urlsplit(realm).scheme != "https" and not _is_loopback(base):
        raise RegistryError("the registry asks to log in without TLS")
    query = {"service": words.get("service", ""), "scope": f"repository:{repository}:pull"}
    body, _ = _get(f"{realm}?{urllib.parse.urlencode(query)}", None)
    answer = json.loads(body)
    return str(answer.get("token") or answer["access_token"])


def _get(url: str, token: str | None) -> tuple[bytes, str | None]:
    if urllib.parse.urlsplit(url).scheme != "https" and not _is_loopback(url):
        raise RegistryError("a registry is asked over HTTPS only")
    headers = {"Accept": ", ".join(_INDEX_TYPES)}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - checked above
    with urllib.request.urlopen(request, timeout=_PATIENCE_S) as response:  # noqa: S310 - checked above
        body = response.read(_MOST_BYTES + 1)
        if len(body) > _MOST_BYTES:
            raise RegistryError("the registry sent more than a manifest")
        told = response.headers.get("Docker-Content-Digest")
    return body, told if told and _DIGEST.fullmatch(told) else None


def _architectures(image: Reference, body: bytes) -> set[str]:
    try:
        index: dict[str, Any] = json.loads(body)
        entries = index["manifests"] if index["mediaType"] in _INDEX_TYPES else []
        platforms = [entry["platform"] for entry in entries]
        return {platform["architecture"] for platform in platforms if platform["os"] == "linux"}
    except (ValueError, KeyError, TypeError) as error:
        raise RegistryError(f"{image}: what was sent describes no image") from error


def _is_loopback(url: str) -> bool:
    return urllib.parse.urlsplit(url).hostname == "127.0.0.1"


def _cause(error: Exception) -> str:
    return f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else type(error).__name__
