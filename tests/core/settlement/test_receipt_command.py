"""The command that reckons a receipt again where there is no Home Assistant."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from custom_components.home_flex.core.settlement.receipt import receipt

from .test_receipt import ACCOUNT

REPOSITORY = Path(__file__).parents[3]
# A Python that cannot import Home Assistant, as where there is none.
WITHOUT = (
    "import runpy, sys; sys.modules['homeassistant'] = None; sys.argv = sys.argv[1:];"
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)


def _verify(path: Path) -> tuple[int, str]:
    done = subprocess.run(  # noqa: S603 # our own interpreter and script
        [sys.executable, "-c", WITHOUT, str(REPOSITORY / "scripts/receipt.py"), "verify", str(path)],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
        cwd="/",
    )
    return done.returncode, done.stdout + done.stderr


def _kept(path: Path, **changed: object) -> Path:
    found = receipt(ACCOUNT)
    bundle = {"receipt": found.document, "inputs": found.inputs, "digest": found.digest, **changed}
    path.write_text(json.dumps(bundle))
    return path


def test_a_receipt_holds_without_home_assistant(tmp_path: Path) -> None:
    code, said = _verify(_kept(tmp_path / "receipt.json"))
    assert (code, said) == (0, f"The receipt holds: {receipt(ACCOUNT).digest}\n")


def test_another_digest_is_told(tmp_path: Path) -> None:
    code, said = _verify(_kept(tmp_path / "receipt.json", digest="0" * 64))
    assert code == 1
    assert "digest" in said


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"receipt": 1, "inputs": {}, "digest": ""}', "[" * 100_000],
    ids=["empty", "list", "object", "number", "deep"],
)
def test_what_is_no_receipt_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "receipt.json"
    path.write_text(text)
    code, said = _verify(path)
    assert code in {1, 2}
    assert "Traceback" not in said
