"""Asks a registry for the digest of a tag, after the OCI distribution specification 1.1."""

import hashlib
import json
import re
import urllib.error
import urllib.parse
from collections.abc import Mapping
from typing import Any

from . import https
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
        body, told = _manifest(url, image.repository)
    except https.UnsafeError as error:
        raise RegistryError(f"{image}: the registry {error}") from error
    except (OSError, ValueError) as error:
        raise RegistryError(f"{image}: {_cause(error)}") from error
    counted = f"sha256:{hashlib.sha256(body).hexdigest()}"
    if told is not None and told != counted:
        raise RegistryError(f"{image}: the registry says {told} of what counts {counted}")
    if missing := _ARCHITECTURES - _architectures(image, body):
        raise RegistryError(f"{image}: is not there for {', '.join(sorted(missing))}")
    return counted


def _manifest(url: str, repository: str) -> tuple[bytes, str | None]:
    """Return a manifest and the digest that came with it, with a token when one is asked for."""
    try:
        return _get(url, None)
    except urllib.error.HTTPError as error:
        if error.code != 401:
            raise
        challenge = error.headers.get("WWW-Authenticate", "")
        error.close()
    return _get(url, _token(challenge, repository))


def _token(challenge: str, repository: str) -> str:
    words = dict(_CHALLENGE.findall(challenge))
    realm = words.get("realm", "")
    if not https.is_safe(realm):
        raise RegistryError("the registry asks to log in without TLS")
    query = {"service": words.get("service", ""), "scope": f"repository:{repository}:pull"}
    body, _ = _get(f"{realm}?{urllib.parse.urlencode(query)}", None)
    answer = json.loads(body)
    return str(answer.get("token") or answer["access_token"])


def _get(url: str, token: str | None) -> tuple[bytes, str | None]:
    headers = {"Accept": ", ".join(_INDEX_TYPES)}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body, answered = https.get(url, headers=headers, most_bytes=_MOST_BYTES)
    told = answered.get("Docker-Content-Digest")
    return body, told if told and _DIGEST.fullmatch(told) else None


def _architectures(image: Reference, body: bytes) -> set[str]:
    try:
        index: dict[str, Any] = json.loads(body)
        entries = index["manifests"] if index["mediaType"] in _INDEX_TYPES else []
        platforms = [entry["platform"] for entry in entries]
        return {platform["architecture"] for platform in platforms if platform["os"] == "linux"}
    except (ValueError, KeyError, TypeError) as error:
        raise RegistryError(f"{image}: what was sent describes no image") from error


def _cause(error: Exception) -> str:
    return f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else type(error).__name__
