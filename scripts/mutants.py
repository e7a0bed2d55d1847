"""Changes one operator after the other in control and the life of events, and prints what no test notices.

The mutants are made and run by mutmut in a copy of the repository, ``.cache/mutants``, with the quick tests
of the two folders, a file alone with its own where it has some. It changes the bodies of functions, not of
properties, nor the constants of modules. The last line is JSON.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
COPY = ROOT / ".cache" / "mutants"
CORE = Path("custom_components/home_flex/core")
FOLDERS = ("control", "events")
COPIED = ("custom_components", "tests", "scripts", "addons", "docs")
# Closed loops and drawn houses are for the whole; a mutant is to fail a quick test.
SLOW_TESTS = (
    "test_closed_loop.py",
    "test_properties.py",
    "test_loads_properties.py",
    "test_chargers.py",
    "test_failsafe.py",
)
SETTINGS = """
[tool.mutmut]
source_paths = ["{core}"]
only_mutate = {files}
also_copy = {copied}
pytest_add_cli_args = [
    "-p", "no:cacheprovider", "-p", "no:randomly", "--hypothesis-seed=1", "--assert=plain", "--tb=no"
]
pytest_add_cli_args_test_selection = {tests}
"""
MUTMUT = (sys.executable, "-m", "mutmut")
SURVIVED = ("survived", "no tests")
UNTRIED = ("not checked", "skipped")


def main() -> int:
    """Return 0 when no more than ``--most`` of the mutants survive and all were tried."""
    parser = argparse.ArgumentParser(prog="scripts/bench mutants", description=__doc__)
    parser.add_argument("--only", metavar="FILE", help="one file of core/control or core/events")
    parser.add_argument("--minutes", type=float, default=90.0, help="stop after so long (90)")
    parser.add_argument("--most", type=float, default=0.05, help="share that may survive (0.05)")
    asked = parser.parse_args()
    _copy(_files(asked.only))
    is_whole = _run(60 * asked.minutes)
    tried = [(name, state) for name, state in _results() if state not in UNTRIED]
    survivors = [name for name, state in tried if state in SURVIVED]
    for name in survivors:
        print(_mutmut("show", name))
    _print_files(tried)
    share = len(survivors) / len(tried) if tried else 1.0
    print(json.dumps({"mutants": len(tried), "survived": len(survivors), "survived_share": round(share, 4)}))
    return 0 if is_whole and share <= asked.most else 1


def _files(only: str | None) -> list[str]:
    if only is None:
        return [f"{CORE / folder}/*.py" for folder in FOLDERS]
    found = [path for folder in FOLDERS for path in (ROOT / CORE / folder).rglob(Path(only).name)]
    chosen = [path for path in found if str(path).endswith(only.removeprefix("./"))]
    if not chosen:
        raise SystemExit(f"no such file in {CORE}/{{{','.join(FOLDERS)}}}: {only}")
    return [str(path.relative_to(ROOT)) for path in chosen]


def _copy(files: list[str]) -> None:
    shutil.rmtree(COPY, ignore_errors=True)
    for name in COPIED:
        shutil.copytree(
            ROOT / name, COPY / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
        )
    settings = SETTINGS.format(
        core=CORE, files=json.dumps(files), copied=json.dumps(COPIED), tests=json.dumps(_tests(files))
    )
    (COPY / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text() + settings)


def _tests(files: list[str]) -> list[str]:
    """Return the quick tests, or those alone that mirror the one file."""
    quick = [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / "tests/core" / folder).rglob("test_*.py"))
        if path.name not in SLOW_TESTS
    ]
    mirrored = {_mirrored(Path(file)) for file in files}
    own = [path for path in quick if path in mirrored or _whole(path) in mirrored]
    return [str(path.relative_to(ROOT)) for path in own or quick]


def _mirrored(file: Path) -> Path:
    """Return where a file's own tests are, if it has some."""
    return (ROOT / "tests/core" / file.relative_to(CORE)).with_name(f"test_{file.name}")


def _whole(test: Path) -> Path:
    """Return the name of a test's file without what it is about: ``test_book_changes.py`` is of ``book``."""
    return test.with_name(f"{test.stem.rpartition('_')[0]}.py")


def _run(seconds: float) -> bool:
    """Try the mutants; return whether all were within the time."""
    try:
        subprocess.run([*MUTMUT, "run"], cwd=COPY, check=True, timeout=seconds, stdout=sys.stderr)  # noqa: S603 # own words
    except subprocess.TimeoutExpired:
        return False
    return True


def _mutmut(*arguments: str) -> str:
    return subprocess.run(  # noqa: S603 # own words
        [*MUTMUT, *arguments], cwd=COPY, check=True, text=True, capture_output=True
    ).stdout


def _results() -> list[tuple[str, str]]:
    """Return what became of each mutant."""
    parted = (line.strip().partition(": ") for line in _mutmut("results", "--all", "true").splitlines())
    return [(name, state) for name, _, state in parted if state]


def _print_files(tried: list[tuple[str, str]]) -> None:
    """Print how many mutants of each file were tried and survived."""
    every = Counter(_file(name) for name, _ in tried)
    survived = Counter(_file(name) for name, state in tried if state in SURVIVED)
    for file, count in sorted(every.items()):
        print(f"{file:<28}{count:>6}{survived[file]:>6}{survived[file] / count:>8.1%}")


def _file(mutant: str) -> str:
    return ".".join(mutant.rpartition(".")[0].split(".")[-2:])


if __name__ == "__main__":
    sys.exit(main())
