"""Home Assistant's memory comes from jemalloc, as in its own image, where that runs at all."""

import shutil
import subprocess
from pathlib import Path

import pytest
from home_start import supervisor

needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler to make a library with")


def library(folder: Path, source: str) -> Path:
    """Compile a library that stands in for jemalloc."""
    (folder / "library.c").write_text(source)
    made = folder / "libjemalloc.so.2"
    subprocess.run(  # noqa: S603 # what it compiles stands above
        [shutil.which("cc") or "cc", "-shared", "-fPIC", "-o", made, folder / "library.c"],
        check=True,
        timeout=60,
    )
    return made


@needs_compiler
@pytest.mark.parametrize(
    ("source", "is_used"),
    [
        ("int nothing;", True),
        # "<jemalloc>: Unsupported system page size": built for smaller pages than the kernel's, it aborts so.
        ("#include <stdlib.h>\n__attribute__((constructor)) static void begin(void) { abort(); }", False),
    ],
    ids=["runs", "aborts"],
)
def test_an_allocator_that_ends_every_program_does_not_keep_the_home_down(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    source: str,
    is_used: bool,
) -> None:
    made = library(tmp_path, source)
    monkeypatch.setattr(supervisor, "_JEMALLOC", made)
    environment = supervisor._environment_of_home_assistant({"PATH": "/usr/bin"})
    assert environment.get("LD_PRELOAD") == (str(made) if is_used else None)
    assert ("without jemalloc" in caplog.text) is not is_used


def test_it_can_be_switched_off_as_in_home_assistants_own_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "libjemalloc.so.2").touch()
    monkeypatch.setattr(supervisor, "_JEMALLOC", tmp_path / "libjemalloc.so.2")
    assert "LD_PRELOAD" not in supervisor._environment_of_home_assistant({"DISABLE_JEMALLOC": "true"})
