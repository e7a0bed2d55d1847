"""Reckons a receipt again with nothing but Python: neither Home Assistant nor the home is needed."""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

_MOST_BYTES = 16 * 1024 * 1024


def main() -> int:
    """Say whether a receipt holds, and else which figures do not."""
    parser = argparse.ArgumentParser(prog="scripts/receipt", description=__doc__)
    parser.add_argument("command", choices=["verify"])
    parser.add_argument("file", type=Path)
    options = parser.parse_args()
    core = _receipts()
    try:
        with options.file.open("rb") as file:
            bundle = json.loads(file.read(_MOST_BYTES))
        found = core.receipt_from(bundle)
        differences = core.verify(found, bundle["digest"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        print(f"This is no receipt: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    if differences:
        print("The receipt does not hold:", *differences, sep="\n  ")
        return 1
    print(f"The receipt holds: {found.digest}")
    return 0


def _receipts() -> ModuleType:
    """Return the room of receipts without the package around the core, which needs Home Assistant."""
    package = ModuleType("home_flex")
    package.__path__ = [str(Path(__file__).parents[1] / "custom_components/home_flex")]
    sys.modules["home_flex"] = package
    return import_module("home_flex.core.settlement.verify")


if __name__ == "__main__":
    sys.exit(main())
