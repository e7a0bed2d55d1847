"""What is known of images is looked up anew, from stand-ins of its two sources on loopback."""

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from image_digests.refresh import RefreshError, refresh
from image_digests.support import OURS, Bases

from .stack_files import ROOT

TODAY = date(2027, 3, 1)
KNOWN = {
    "checked_on": "2026-11-28",
    "images": {
        "docker.io/library/nginx": {
            "branches": {"1.30": "2027-04-30"},
            "source": "nginx.org",
            "lifecycle": "nginx",
            "exploited_as": ["nginx"],
            "holes": [{"id": "CVE-2026-42533", "since": "0.9.6", "mended_in": "1.30.4"}],
        }
    },
}


class Sources:
    """Both sources, and what each answers; None is a fault of the server."""

    def __init__(self) -> None:
        """Begin with a branch whose end is known, and a catalogue that holds nothing new."""
        self.lifecycle: Any = {
            "result": {"releases": [{"name": "1.30", "isEol": False, "eolFrom": "2027-05-15"}]}
        }
        self.catalogue: Any = {
            "vulnerabilities": [hole("CVE-2026-42533", "F5", "NGINX Plus and Open Source")]
        }
        self.address = ""

    def look(self, path: Path) -> list[str]:
        return refresh(
            path, TODAY, lifecycles=f"{self.address}/products", exploited=f"{self.address}/kev.json"
        )


def hole(cve: str, vendor: str, product: str) -> dict[str, str]:
    return {"cveID": cve, "vendorProject": vendor, "product": product}


@pytest.fixture
def sources() -> Iterator[Sources]:
    told = Sources()

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers = {"/products/nginx": told.lifecycle, "/kev.json": told.catalogue}
            answer = answers.get(self.path)
            self.send_response(200 if answer is not None else 500)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        told.address = f"http://127.0.0.1:{server.server_address[1]}"
        yield told
        server.shutdown()
        thread.join()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "bases.json"
    path.write_text(json.dumps(KNOWN))
    return path


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_it_writes_the_day_and_the_ends_of_support(sources: Sources, kept: Path) -> None:
    assert sources.look(kept) == []
    known = read(kept)
    assert known["checked_on"] == "2027-03-01"
    assert known["images"]["docker.io/library/nginx"]["branches"] == {"1.30": "2027-05-15"}
    assert Bases.read(kept).checked_on == TODAY


def test_an_end_that_is_not_decided_leaves_ours(sources: Sources, kept: Path) -> None:
    sources.lifecycle["result"]["releases"][0]["eolFrom"] = None
    assert sources.look(kept) == []
    assert read(kept)["images"]["docker.io/library/nginx"]["branches"] == {"1.30": "2027-04-30"}


def test_a_hole_that_nobody_has_judged_leaves_the_day_as_it_was(sources: Sources, kept: Path) -> None:
    sources.catalogue["vulnerabilities"] += [
        hole("CVE-2027-1", "F5", "NGINX"),
        hole("CVE-2027-2", "X", "Nginxen"),
    ]
    assert [line.split(" (")[0] for line in sources.look(kept)] == ["docker.io/library/nginx: CVE-2027-1"]
    assert read(kept)["checked_on"] == "2026-11-28"


def test_a_branch_that_the_source_does_not_know_is_told(sources: Sources, kept: Path) -> None:
    sources.lifecycle["result"]["releases"][0]["name"] = "1.32"
    assert sources.look(kept) == ["docker.io/library/nginx 1.30 is not known to nginx"]
    assert read(kept)["checked_on"] == "2026-11-28"


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("lifecycle", None),
        ("lifecycle", {}),
        ("lifecycle", {"result": {"releases": [{"name": "1.30", "eolFrom": "soon"}]}}),
        ("lifecycle", {"result": {"releases": [{"name": "1.30", "eolFrom": True}]}}),
        ("catalogue", None),
        ("catalogue", []),
        ("catalogue", {"vulnerabilities": []}),
        ("catalogue", {"vulnerabilities": [{"cveID": "CVE-2027-1"}]}),
    ],
)
def test_a_source_that_cannot_be_believed_changes_nothing(
    sources: Sources, kept: Path, source: str, answer: object
) -> None:
    setattr(sources, source, answer)
    before = kept.read_text()
    with pytest.raises(RefreshError, match=sources.address):
        sources.look(kept)
    assert kept.read_text() == before


def test_nothing_is_asked_without_tls(kept: Path) -> None:
    with pytest.raises(RefreshError, match="HTTPS only"):
        refresh(kept, TODAY, exploited="http://example.org/kev.json")


def test_the_command_says_what_is_left(sources: Sources, kept: Path) -> None:
    sources.catalogue["vulnerabilities"].append(hole("CVE-2027-1", "F5", "NGINX"))
    done = subprocess.run(  # noqa: S603 - our own program
        [
            *(sys.executable, "-m", "image_digests", "--refresh", "--bases", str(kept)),
            *("--lifecycles", f"{sources.address}/products", "--exploited", f"{sources.address}/kev.json"),
        ],
        cwd=ROOT / "balena",
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 1
    assert "CVE-2027-1 (F5 NGINX) is exploited" in done.stderr


def test_every_image_of_ours_says_how_its_holes_are_called() -> None:
    assert all(image["exploited_as"] for image in read(OURS)["images"].values())
