"""How Home Assistant is started: what a resident's integration needs is installed onto the volume."""

import asyncio
import os
import sys
import zipfile
from pathlib import Path

import homeassistant
import pytest
import uv
from home_start.home_assistant import with_packages

from scripts.home_stack.processes import python_path

# Home Assistant, as far as it installs what integrations ask for; the rest of the package is the real one.
_EXTENDS = "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n"
_INSTALLS = """
import sys
from homeassistant.util.package import install_package
constraints = sys.argv[sys.argv.index("--constraints") + 1]
for needed in ("made_up==1.0", "brought>=2"):
    print(needed, install_package(needed, constraints=constraints))
import brought, made_up
print("brought", brought.VERSION, "made_up", made_up.__file__)
"""


def wheel(folder: Path, name: str, version: str) -> Path:
    """Write a package of one module as an index serves it."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)
    return path


@pytest.fixture
async def said(tmp_path: Path) -> str:
    """Return what a start says in an image that lacks one package and brings version 1 of another."""
    index, image, config = (tmp_path / name for name in ("index", "image", "config"))
    wheel(index, "made_up", "1.0")
    wheel(index, "brought", "2.0")
    with zipfile.ZipFile(wheel(tmp_path / "other_index", "brought", "1.0")) as archive:
        archive.extractall(image)
    stand_in = image / "homeassistant"
    stand_in.mkdir()
    (stand_in / "__init__.py").write_text(_EXTENDS)
    (stand_in / "__main__.py").write_text(_INSTALLS)
    (tmp_path / "constraints.txt").touch()
    # The plain interpreter, as in the image; it finds uv where its user keeps programs.
    programs = config / ".cache" / "packages" / "bin"
    programs.mkdir(parents=True)
    (programs / "uv").symlink_to(uv.find_uv_bin())
    installed = Path(homeassistant.__file__).parent.parent
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | {
        "PYTHONPATH": os.pathsep.join((str(image), python_path("hass-config"), str(installed))),
        "UV_NO_INDEX": "true",
        "UV_FIND_LINKS": str(index),
    }
    process = await asyncio.create_subprocess_exec(
        sys._base_executable,  # type: ignore[attr-defined] # outside of a virtual environment
        "-m",
        "home_start.home_assistant",
        "--constraints",
        str(tmp_path / "constraints.txt"),
        env=with_packages(environment, config),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    return output.decode()


async def test_what_an_integration_needs_is_installed_onto_the_volume_and_found_at_once(
    said: str, tmp_path: Path
) -> None:
    assert "made_up==1.0 True" in said
    assert f"made_up {tmp_path}/config/.cache/packages/" in said
    assert (tmp_path / "config" / ".cache" / "uv").is_dir()


async def test_what_the_image_brings_is_not_replaced_by_what_an_integration_asks_for(said: str) -> None:
    assert "brought>=2 True" in said
    assert "brought 1.0" in said


@pytest.mark.parametrize("name", ["UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_NO_CACHE"])
def test_nothing_tells_it_to_install_into_the_image_or_to_unpack_in_memory(name: str) -> None:
    assert name not in with_packages({name: "true"}, Path("/config"))


def test_a_backup_leaves_those_packages_out() -> None:
    from homeassistant.components.backup.const import EXCLUDE_FROM_BACKUP  # noqa: PLC0415 # heavy

    told = with_packages({}, Path("/config"))
    for folder in (Path(place).relative_to("/config") for place in told.values()):
        assert any(folder.full_match(pattern) for pattern in EXCLUDE_FROM_BACKUP)
