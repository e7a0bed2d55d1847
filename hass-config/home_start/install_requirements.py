"""Installs what an integration's manifest asks for while the image is built; its argument is the manifest."""

import json
import subprocess
import sys
from pathlib import Path


def command(manifest: Path, constraints: Path) -> list[str]:
    """Return how Home Assistant would install the requirements at run time, into the system's Python."""
    requirements = json.loads(manifest.read_text())["requirements"]
    tool = ["uv", "pip", "install", "--system", "--no-cache", "--index-strategy", "unsafe-first-match"]
    return [*tool, "--constraint", str(constraints), *requirements]


def main() -> int:
    """Install; the status is that of the installer."""
    import homeassistant  # noqa: PLC0415 - only the image has it

    constraints = Path(homeassistant.__file__).with_name("package_constraints.txt")
    return subprocess.run(command(Path(sys.argv[1]), constraints), check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
