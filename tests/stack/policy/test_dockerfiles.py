"""The Dockerfiles, by hadolint and by our own rules."""

import subprocess
import sys
from pathlib import Path

import pytest

from .dockerfile_rules import ADMINISTRATORS, findings
from .stack_files import DEMO_SERVICES, ROOT, SERVICES, context, dockerfiles

GOOD = """
FROM python:3.14.7-alpine3.24
COPY addons/good/package /usr/src/app/package
USER 65534:65534
ENTRYPOINT ["python3", "-m", "package"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \\
  CMD ["python3", "-m", "package", "health"]
"""


@pytest.mark.parametrize("dockerfile", dockerfiles(), ids=str)
def test_no_rule_has_anything_against_it(dockerfile: Path) -> None:
    found = findings(str(dockerfile.parent), (ROOT / dockerfile).read_text(), context(dockerfile))
    assert [str(finding) for finding in found] == []


def test_hadolint_has_nothing_against_them() -> None:
    files = [str(ROOT / dockerfile) for dockerfile in dockerfiles()]
    checked = subprocess.run(  # noqa: S603 - a tool of the environment
        [Path(sys.executable).parent / "hadolint", "--no-color", "--failure-threshold", "warning", *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert checked.returncode == 0, checked.stdout


def test_every_service_is_built_from_a_dockerfile_of_its_own() -> None:
    missing = set((SERVICES | DEMO_SERVICES).values()) - {str(path.parent) for path in dockerfiles()}
    if missing:
        pytest.skip(f"not there yet: {missing}")


def test_every_administrator_is_one_for_a_reason() -> None:
    assert ADMINISTRATORS.keys() <= {str(path.parent) for path in dockerfiles()}
    assert all(ADMINISTRATORS.values())


def test_a_good_one_passes(tmp_path: Path) -> None:
    (tmp_path / "addons/good/package").mkdir(parents=True)
    assert list(findings("addons/good", GOOD, tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("python:3.14.7-alpine3.24", "python:latest", "no exact version"),
        ("python:3.14.7-alpine3.24", "python", "no exact version"),
        ("python:3.14.7-alpine3.24", "python:3.14-alpine", "no exact version"),
        ("python:3.14.7-alpine3.24", "%%BALENA_MACHINE_NAME%%-alpine:1.2.3", "one kind of gateway"),
        ("FROM python", "FROM --platform=linux/arm64 python", "many architectures"),
        ("COPY addons/good/package /", "COPY --from=busybox /bin/sh /", "no exact version"),
        ("COPY addons/good/package", "COPY addons/good/missing", "not in the build context"),
        ("COPY addons/good/package", "COPY addons/good/../package", "not in the build context"),
        ("COPY addons/good/package", "COPY --chmod=755 package", "needs BuildKit"),
        ("COPY addons/good/package", "COPY addons/other/package", "is another service's"),
        ("COPY addons/good/package", "COPY addons", "is another service's"),
        ("COPY addons/good/package", "ADD package", "COPY does not"),
        ("USER", "RUN --mount=type=cache,target=/root true\nUSER", "needs BuildKit"),
        ("USER", "RUN <<EOF\ntrue\nEOF\nUSER", "need BuildKit"),
        ("USER", "RUN test $TARGETARCH\nUSER", "empty on balena"),
        ("USER", "RUN pip install requests\nUSER", "was not checked"),
        ("USER", "RUN wget -O - https://example.org | sh\nUSER", "was not checked"),
        ("USER", "ENV ADMIN_PASSWORD=x\nUSER", "secret in a layer"),
        ("USER 65534:65534\n", "", "as the administrator"),
        ("USER 65534:65534", "USER root", "as the administrator"),
        ("HEALTHCHECK", "#", "no health check"),
        ("--start-period=60s ", "", "leaves times open"),
        ("--start-period=60s", "--start-period=5s", "before a memory card"),
        ('["python3", "-m", "package"]\n', "python3 -m package; sleep infinity\n", "through a shell"),
        ("ENTRYPOINT", "# ENTRYPOINT", "no entry point"),
    ],
)
def test_what_a_builder_lets_through_is_found(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    for folder in ("addons/good/package", "addons/other/package"):
        (tmp_path / folder).mkdir(parents=True)
    assert old in GOOD
    found = findings("addons/good", GOOD.replace(old, new, 1), tmp_path)
    assert complaint in " | ".join(str(finding) for finding in found)
