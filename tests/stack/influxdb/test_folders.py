"""As root the service hands its folders over and becomes an ordinary user; nothing is left open to others."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE_ROOT = ROOT / "addons" / "influxdb"
USER, GROUP = 1000, 2000
SCRIPT = """
import os, sys
from pathlib import Path
from influxdb_edge.folders import prepare
folder = Path(sys.argv[1])
prepare(folder / "data", [folder / "credentials" / "home_agent"], user=1000, group=2000)
(folder / "data" / "new").write_text("x")
(folder / "credentials" / "home_agent" / "token").write_text("x")
print(os.getuid(), os.getgid(), os.getgroups())
"""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give it up")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder others may pass through, which those of pytest are not."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    # The package too must be where an ordinary user may read it.
    shutil.copytree(PACKAGE_ROOT / "influxdb_edge", path / "influxdb_edge")
    shutil.copytree(ROOT / "packages" / "home_common", path / "home_common")
    yield path
    shutil.rmtree(path)


def run(folder: Path, *before: str) -> str:
    done = subprocess.run(  # noqa: S603 # our own arguments
        [*before, getattr(sys, "_base_executable", sys.executable), "-c", SCRIPT, str(folder)],
        env={"PYTHONPATH": str(folder), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    return done.stdout.strip()


def test_root_hands_over_what_an_older_start_left_and_becomes_an_ordinary_user(folder: Path) -> None:
    old = folder / "data" / "engine" / "shard"
    old.parent.mkdir(parents=True)
    old.write_text("x")

    assert run(folder) == f"{USER} {GROUP} [{GROUP}]"

    assert {(path.stat().st_uid, path.stat().st_gid) for path in (old, old.parent, folder / "data")} == {
        (USER, GROUP)
    }
    credentials = (folder / "credentials" / "home_agent").stat()
    assert (credentials.st_uid, credentials.st_gid) == (0, GROUP)
    assert stat.S_IMODE(credentials.st_mode) == 0o2770


def test_root_without_capabilities_goes_on_as_it_is(folder: Path) -> None:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("setpriv is not installed")
    (folder / "data").mkdir(mode=0o770)
    (folder / "credentials" / "home_agent").mkdir(parents=True)

    said = run(folder, setpriv, "--bounding-set=-all", "--inh-caps=-all", f"--groups={GROUP}")

    assert said == f"0 0 [{GROUP}]"
