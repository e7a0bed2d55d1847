"""Digests for a release, asked of a registry on loopback that follows the distribution specification."""

import hashlib
import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from image_digests.__main__ import complaints
from image_digests.references import ImageNameError, Reference, parse, used, with_digests
from image_digests.registry import RegistryError, digest
from image_digests.support import OURS, Bases, version_of

from .stack_files import ROOT

INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
DOCKERFILE = """FROM python:3.14.7-alpine3.24 AS build
COPY --from=build /a /a
COPY --from=ghcr.io/home-flex/tools:1.2.3 /b /b
FROM build
"""


def index(*architectures: str, media_type: str = INDEX_TYPE) -> bytes:
    manifests = [{"platform": {"os": "linux", "architecture": name}} for name in architectures]
    return json.dumps({"schemaVersion": 2, "mediaType": media_type, "manifests": manifests}).encode()


TODAY = datetime.now(UTC).date()
BASES: dict[str, Any] = {
    "checked_on": TODAY.isoformat(),
    "images": {
        "docker.io/library/python": {"branches": {"3.14": "2999-01-01"}, "holes": []},
        "ghcr.io/home-flex/tools": {
            "branches": {"1": "2999-01-01"},
            "holes": [{"id": "CVE-1", "since": "1.0", "mended_in": "1.2.3"}],
        },
    },
}


class Registry(http.server.ThreadingHTTPServer):
    """Gives out manifests to who fetched a token of the right scope."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.manifests: dict[str, bytes] = {}
        self.says: str | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        repository = path.path.removeprefix("/v2/").split("/manifests/")[0]
        if path.path == "/token":
            (scope,) = parse_qs(path.query)["scope"]
            self._answer(200, json.dumps({"token": f"may {scope}"}).encode())
        elif self.headers["Authorization"] != f"Bearer may repository:{repository}:pull":
            challenge = f'Bearer realm="{self.server.address}/token",service="registry"'
            self._answer(401, b"", **{"WWW-Authenticate": challenge})
        elif path.path not in self.server.manifests or INDEX_TYPE not in self.headers["Accept"]:
            self._answer(404, b"")
        else:
            body = self.server.manifests[path.path]
            told = self.server.says or f"sha256:{hashlib.sha256(body).hexdigest()}"
            self._answer(200, body, **{"Docker-Content-Digest": told})

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives
        """Say nothing."""


@pytest.fixture(name="registry")
def registry_fixture() -> Iterator[Registry]:
    with Registry() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        server.manifests = {
            "/v2/library/python/manifests/3.14.7-alpine3.24": index("amd64", "arm64", "s390x"),
            "/v2/home-flex/tools/manifests/1.2.3": index("arm64", "amd64"),
        }
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(name="folder")
def folder_fixture(tmp_path: Path) -> Path:
    (tmp_path / "addons" / "app").mkdir(parents=True)
    (tmp_path / "addons" / "app" / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "docker-compose.yml").write_text("services:\n  app:\n    image: python:3.14.7-alpine3.24\n")
    return tmp_path


def run(root: Path, registry: Registry, *words: str) -> subprocess.CompletedProcess[str]:
    bases = root / "bases.json"
    if not bases.exists():
        bases.write_text(json.dumps(BASES))
    command = [sys.executable, "-m", "image_digests", "--root", str(root), "--bases", str(bases), *words]
    for host in ("docker.io", "ghcr.io"):
        command += ["--registry", f"{host}={registry.address}"]
    return subprocess.run(  # noqa: S603 - our own command line
        command,
        env={"PYTHONPATH": str(ROOT / "balena")},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def with_tools(**known: Any) -> dict[str, Any]:
    """Return the images, with something else known of one of them."""
    images = BASES["images"]
    return {"images": {**images, "ghcr.io/home-flex/tools": {**images["ghcr.io/home-flex/tools"], **known}}}


def counted(registry: Registry, path: str) -> str:
    return f"sha256:{hashlib.sha256(registry.manifests[path]).hexdigest()}"


def test_every_image_gets_the_digest_the_registry_proves(folder: Path, registry: Registry) -> None:
    done = run(folder, registry)
    python = counted(registry, "/v2/library/python/manifests/3.14.7-alpine3.24")
    tools = counted(registry, "/v2/home-flex/tools/manifests/1.2.3")
    assert done.returncode == 0, done.stderr
    assert (folder / "addons/app/Dockerfile").read_text() == (
        f"FROM python:3.14.7-alpine3.24@{python} AS build\n"
        "COPY --from=build /a /a\n"
        f"COPY --from=ghcr.io/home-flex/tools:1.2.3@{tools} /b /b\n"
        "FROM build\n"
    )
    assert f"image: python:3.14.7-alpine3.24@{python}\n" in (folder / "docker-compose.yml").read_text()


def test_a_second_run_changes_nothing_and_a_moved_tag_is_followed(folder: Path, registry: Registry) -> None:
    run(folder, registry)
    before = (folder / "addons/app/Dockerfile").read_text()
    assert "is at" in run(folder, registry).stdout
    assert (folder / "addons/app/Dockerfile").read_text() == before
    registry.manifests["/v2/home-flex/tools/manifests/1.2.3"] = index("amd64", "arm64", "riscv64")
    run(folder, registry)
    after = (folder / "addons/app/Dockerfile").read_text()
    assert after != before
    assert counted(registry, "/v2/home-flex/tools/manifests/1.2.3") in after


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"checked_on": (TODAY - timedelta(days=46)).isoformat()}, "nobody has looked"),
        ({"images": {}}, "watched by nobody"),
        (with_tools(branches={"1.1": "2999-01-01"}), "no branch that is looked after"),
        (with_tools(branches={"1.2": "2026-01-01"}), "out of support since 2026-01-01"),
        (with_tools(holes=[{"id": "CVE-2", "since": "1.2", "mended_in": "1.2.10"}]), "has CVE-2"),
    ],
)
def test_a_release_does_not_rest_on_what_nobody_looks_after(
    folder: Path, registry: Registry, change: dict[str, Any], complaint: str
) -> None:
    (folder / "bases.json").write_text(json.dumps({**BASES, **change}))
    done = run(folder, registry)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert (folder / "addons/app/Dockerfile").read_text() == DOCKERFILE


def test_our_own_images_were_looked_after_when_somebody_looked() -> None:
    bases = Bases.read(OURS)
    assert complaints(ROOT, bases, bases.checked_on) == []


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("1.30.7-alpine", (1, 30, 7)),
        ("3.14.7-alpine3.24", (3, 14, 7)),
        ("2026.11.0", (2026, 11, 0)),
        ("x", ()),
    ],
)
def test_a_tag_begins_with_its_version(tag: str, version: tuple[int, ...]) -> None:
    assert version_of(tag) == version


def test_a_dry_run_tells_and_writes_nothing(folder: Path, registry: Registry) -> None:
    done = run(folder, registry, "--dry-run")
    assert done.returncode == 0
    assert "would get sha256:" in done.stdout
    assert (folder / "addons/app/Dockerfile").read_text() == DOCKERFILE


def test_one_missing_image_leaves_every_file_as_it_was(folder: Path, registry: Registry) -> None:
    del registry.manifests["/v2/home-flex/tools/manifests/1.2.3"]
    done = run(folder, registry)
    assert done.returncode == 1
    assert "ghcr.io/home-flex/tools:1.2.3: HTTP 404; nothing is changed" in done.stderr
    assert (folder / "addons/app/Dockerfile").read_text() == DOCKERFILE
    assert "@" not in (folder / "docker-compose.yml").read_text()


PYTHON = Reference(name="python", tag="3.14.7-alpine3.24")


def test_a_digest_that_is_not_of_what_was_sent_is_refused(registry: Registry) -> None:
    registry.says = f"sha256:{'0' * 64}"
    with pytest.raises(RegistryError, match="of what counts"):
        digest(PYTHON, addresses={"docker.io": registry.address})


@pytest.mark.parametrize(
    "body",
    [
        index("amd64"),
        index("amd64", "arm64", media_type="application/vnd.oci.image.manifest.v1+json"),
        b"<html>",
        b"[]",
    ],
)
def test_an_image_that_no_raspberry_pi_runs_is_refused(registry: Registry, body: bytes) -> None:
    registry.manifests["/v2/library/python/manifests/3.14.7-alpine3.24"] = body
    with pytest.raises(RegistryError, match=r"arm64|no image"):
        digest(PYTHON, addresses={"docker.io": registry.address})


def test_a_registry_is_asked_over_tls_only() -> None:
    with pytest.raises(RegistryError, match="HTTPS only"):
        digest(PYTHON, addresses={"docker.io": "http://registry.example"})


@pytest.mark.parametrize("text", ["python", "python:latest", "python@sha256:" + "0" * 64, "Python:1", ""])
def test_an_image_without_an_exact_tag_is_refused(text: str) -> None:
    with pytest.raises(ImageNameError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "registry_host", "repository"),
    [
        ("python:3.14.7", "docker.io", "library/python"),
        ("eclipse/mosquitto:2.1.2", "docker.io", "eclipse/mosquitto"),
        ("ghcr.io/home-assistant/home-assistant:2026.11.0", "ghcr.io", "home-assistant/home-assistant"),
        ("localhost:5000/a:1.0.0", "localhost:5000", "a"),
    ],
)
def test_names_lead_to_their_registries(text: str, registry_host: str, repository: str) -> None:
    assert (parse(text).registry, parse(text).repository) == (registry_host, repository)


def test_every_image_of_this_repository_can_be_written_with_its_digest() -> None:
    for path in [*ROOT.glob("addons/*/Dockerfile"), ROOT / "hass-config" / "Dockerfile"]:
        text = path.read_text()
        images = list(used(text))
        assert images
        written = with_digests(text, dict.fromkeys(images, f"sha256:{'a' * 64}"))
        assert written.count(f"@sha256:{'a' * 64}") == len(images)
