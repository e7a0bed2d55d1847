"""A copy of the repository whose functions in control and events hold all their mutants, made by mutmut."""

import ast
import difflib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
WORK = ROOT / ".cache" / "mutants"
COPY = WORK / "copy"
CORE = Path("custom_components/home_flex/core")
FOLDERS = ("control", "events")
_COPIED = ("custom_components", "tests", "scripts", "addons", "docs", "packages")
_ORIGINAL = "orig"
_SETTINGS = '\n[tool.mutmut]\nsource_paths = ["custom_components"]\n'


def made(files: Sequence[Path]) -> Mapping[str, Sequence[str]]:
    """Write the mutants of ``files``, paths in the repository, into a new copy of it.

    Returns the mutants of each module by its dotted name. The process stands in the copy afterwards: mutmut
    reads its settings from where it is imported.
    """
    shutil.rmtree(COPY, ignore_errors=True)
    for name in _COPIED:
        shutil.copytree(
            ROOT / name,
            COPY / name,
            ignore=shutil.ignore_patterns("__pycache__", "node_modules"),
            symlinks=True,
        )
    (COPY / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text() + _SETTINGS)
    os.chdir(COPY)
    from mutmut.mutation.file_mutation import mutate_file_contents  # noqa: PLC0415 # once it stands in the copy

    mutants = {}
    for file in files:
        mutated = mutate_file_contents(str(file), (ROOT / file).read_text())
        (COPY / file).write_text(mutated.code)
        mutants[module_of(file)] = mutated.mutant_names
    return mutants


def module_of(file: Path) -> str:
    """Return the dotted name of a file of the repository."""
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def shown(module: str, mutants: Sequence[str]) -> Iterator[str]:
    """Yield of each mutant its name and the lines that it changes."""
    file = COPY / Path(*module.split("."))
    source = (file / "__init__.py" if file.is_dir() else file.with_suffix(".py")).read_text()
    lines = source.splitlines()
    # Their names apart, so that what is left is what was changed, also in what a function takes.
    functions = {
        node.name: [
            line.replace(node.name, node.name.rpartition("__mutmut_")[0])
            for line in lines[node.lineno - 1 : node.end_lineno]
        ]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    for mutant in mutants:
        original = functions[f"{mutant.rpartition('_')[0]}_{_ORIGINAL}"]
        changed = difflib.unified_diff(original, functions[mutant], n=1, lineterm="")
        yield "\n".join((f"# {module}.{mutant}", *list(changed)[2:]))
