"""The workflows of a public forge: pinned, with few rights, and complete."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .stack_files import ROOT, apps, context, dockerfiles, load

FOLDER = Path(".github/workflows")
WORKFLOWS = sorted(path.relative_to(ROOT) for path in (ROOT / FOLDER).glob("*.yml"))
CHECKS, RELEASE = FOLDER / "checks.yml", FOLDER / "release.yml"

# Who may write what, and why.
WRITERS = {
    ("release.yml", "images"): {"packages", "id-token", "attestations"},  # pushes, signs and attests
    ("release.yml", "publish"): {"contents"},  # makes the release
}
ACTIONLINT = ROOT / ".cache/actionlint/actionlint"


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = load(path)["jobs"]
    return found


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in jobs(path).values():
        yield from job.get("steps", ())


def built(path: Path) -> dict[str, tuple[str, str]]:
    """Return the Dockerfile and context of each image that a workflow builds."""
    images = jobs(path)["images"]["strategy"]["matrix"]["include"]
    return {image["name"]: (f"{image['folder']}/Dockerfile", image["context"]) for image in images}


@pytest.mark.parametrize("path", WORKFLOWS, ids=str)
def test_what_others_wrote_is_pinned_by_commit_and_says_its_version(path: Path) -> None:
    text = (ROOT / path).read_text()
    uses = re.findall(r"uses: (\S+)(.*)", text)
    foreign = [(name, comment) for name, comment in uses if not name.startswith("./")]
    assert [
        name
        for name, comment in foreign
        if not re.search(r"@[0-9a-f]{40}$", name) or not re.match(r" # \S", comment)
    ] == []


def test_one_action_is_one_commit_everywhere() -> None:
    used = {step["uses"] for path in WORKFLOWS for step in steps(path) if "uses" in step}
    names = [use.split("@")[0] for use in used]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", WORKFLOWS, ids=str)
def test_only_who_must_may_write(path: Path) -> None:
    assert load(path)["permissions"] in ({}, {"contents": "read"})
    for name, job in jobs(path).items():
        rights = job.get("permissions", {})
        assert {right for right, what in rights.items() if what != "read"} == WRITERS.get(
            (path.name, name), set()
        )


@pytest.mark.parametrize("path", WORKFLOWS, ids=str)
def test_every_job_ends(path: Path) -> None:
    assert [
        name for name, job in jobs(path).items() if "uses" not in job and "timeout-minutes" not in job
    ] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=str)
def test_no_checkout_leaves_its_token_behind(path: Path) -> None:
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("path", WORKFLOWS, ids=str)
def test_nothing_of_an_event_is_put_into_a_script(path: Path) -> None:
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("path", [CHECKS, RELEASE], ids=str)
def test_every_image_is_built_for_both_machines(path: Path) -> None:
    assert built(path) == {
        dockerfile.parent.name: (str(dockerfile), str(context(dockerfile).relative_to(ROOT)))
        for dockerfile in dockerfiles()
    }
    builds = [step["with"] for step in steps(path) if "build-push-action" in step.get("uses", "")]
    assert [build["platforms"] for build in builds] == ["linux/amd64,linux/arm64"]


def test_every_app_is_linted() -> None:
    assert {f"addons/{app}" for app in jobs(CHECKS)["apps"]["strategy"]["matrix"]["app"]} == set(
        map(str, apps())
    )


def test_the_tests_are_those_of_here_and_home_assistants_own_checks_run() -> None:
    words = " ".join(str(step.get("run", step.get("uses"))) for step in steps(CHECKS))
    assert all(word in words for word in ("bash .ci/run", "actions/hassfest@", "hacs/action@"))


def test_a_release_waits_for_the_checks_and_is_signed_with_its_bill() -> None:
    assert jobs(RELEASE)["checks"]["uses"] == f"./{CHECKS}"
    assert set(jobs(RELEASE)["images"]["needs"]) == {"checks", "bills"}
    words = [str(step) for step in jobs(RELEASE)["images"]["steps"]]
    assert any("cosign sign --yes" in word for word in words)
    assert any("sbom-path" in word for word in words)


def test_an_image_is_called_as_its_app_calls_it() -> None:
    called = {load(app / "config.yaml").get("image", f"ghcr.io/home-flex/{app.name}") for app in apps()}
    owner = "ghcr.io/home-flex"
    assert load(RELEASE)["jobs"]["images"]["env"]["IMAGE"].endswith("/${{ matrix.name }}")
    assert called <= {f"{owner}/{name}" for name in built(RELEASE)}


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", [str(path) for path in WORKFLOWS]),
        ("vendor.dependabot", [".github/dependabot.yml"]),
    ],
)
def test_it_is_what_the_forge_reads(schema: str, files: list[str]) -> None:
    checked = subprocess.run(  # noqa: S603 - a tool of the environment
        [Path(sys.executable).parent / "check-jsonschema", "--builtin-schema", schema, *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=40,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.skipif(
    not ACTIONLINT.exists(), reason="actionlint is not at hand: scripts/setup builds it with Go"
)
def test_actionlint_has_nothing_against_them() -> None:
    checked = subprocess.run(  # noqa: S603 - a tool of the environment
        [ACTIONLINT, "-shellcheck", Path(sys.executable).parent / "shellcheck", "-pyflakes="],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=40,
    )
    assert checked.returncode == 0, checked.stdout
