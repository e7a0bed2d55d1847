"""buildah without a daemon: chroot isolation and the driver vfs ask nothing of the machine but root."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..processes import StackError

_PATIENCE_S: Final = 600.0
_POLICY: Final = {"default": [{"type": "insecureAcceptAnything"}]}


class Buildah:
    """The images and containers in one folder."""

    def __init__(self, folder: Path) -> None:
        """Write the configuration; ``folder`` is there."""
        self._folder = folder
        (folder / "policy.json").write_text(json.dumps(_POLICY))
        (folder / "registries.conf").write_text('unqualified-search-registries = ["docker.io"]\n')
        (folder / "storage.conf").write_text(
            f'[storage]\ndriver = "vfs"\nrunroot = "{folder}/run"\ngraphroot = "{folder}/store"\n'
        )

    @property
    def environment(self) -> dict[str, str]:
        """Return what tells buildah where its configuration is."""
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self._folder),
            "CONTAINERS_STORAGE_CONF": str(self._folder / "storage.conf"),
            "CONTAINERS_REGISTRIES_CONF": str(self._folder / "registries.conf"),
        }

    def do(self, *words: str, timeout_s: float = _PATIENCE_S) -> str:
        """Run one command and return what it says. Raises StackError with its last line."""
        try:
            done = subprocess.run(  # noqa: S603 - Debian's buildah with words of ours
                ["buildah", *words],  # noqa: S607 - found on root's own path
                env=self.environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=timeout_s,
            )
        except subprocess.TimeoutExpired:
            raise StackError(f"buildah {words[0]} took more than {timeout_s:g} s") from None
        if done.returncode:
            raise StackError(f"buildah {words[0]}: {_told(done.stderr)}")
        return done.stdout.strip()

    def build(self, name: str, dockerfile: Path, context: Path) -> None:
        """Build an image from bases that are here. Raises StackError."""
        self.do(
            "bud", "--quiet", "--pull-never", *self._safe, "-t", name, "-f", str(dockerfile), str(context)
        )

    def pull(self, image: str, timeout_s: float) -> None:
        """Fetch an image from its registry. Raises StackError."""
        self.do("pull", "--quiet", "--signature-policy", self._policy, image, timeout_s=timeout_s)

    def commit(self, contents: Mapping[Path, str], image: str, base: str = "scratch") -> None:
        """Make an image of what folders hold, each at its place in a base. Raises StackError."""
        container = self.do("from", "--pull-never", base)
        for folder, place in contents.items():
            self.do("copy", "--quiet", container, str(folder), place)
        self.do("commit", "--quiet", "--rm", "--signature-policy", self._policy, container, image)

    def configuration(self, image: str) -> dict[str, Any]:
        """Return what an image says of its user, first command and health check."""
        found: dict[str, Any] = json.loads(self.do("inspect", "--type", "image", image))["Docker"]["config"]
        return found

    def run_words(
        self, container: str, user: str, environment: Mapping[str, str], command: Sequence[str]
    ) -> list[str]:
        """Return the command line that runs something in a container, in the network of who runs it."""
        given = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
        given += ["--user", user]
        return [
            "buildah",
            "run",
            "--isolation",
            "chroot",
            "--network",
            "host",
            *given,
            container,
            "--",
            *command,
        ]

    @property
    def _policy(self) -> str:
        return str(self._folder / "policy.json")

    @property
    def _safe(self) -> list[str]:
        return [
            *("--isolation", "chroot", "--network", "host", "--format", "docker"),
            *("--signature-policy", self._policy),
        ]


def _told(errors: str) -> str:
    """Return the line that says what went wrong, of many."""
    lines = [line for line in errors.splitlines() if line.strip()]
    wrong = [line for line in lines if line.lower().startswith("error")]
    return (wrong or lines or ["it says nothing"])[-1]
