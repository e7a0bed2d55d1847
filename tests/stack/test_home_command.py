"""``scripts/home`` says in one line what keeps it from starting."""

import os
import sys
from pathlib import Path

import pytest

from scripts.home_stack.deployed.__main__ import main
from scripts.home_stack.deployed.slots import HeldFolder


@pytest.mark.parametrize("command", ["up", "down"])
def test_who_is_not_root_is_told_before_anything_is_touched(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(sys, "argv", ["home", command])
    assert main() == 1
    assert capsys.readouterr().err == "home: failed: Network namespaces need root\n"


def test_a_second_home_in_the_folder_of_the_first_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    held = HeldFolder(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(sys, "argv", ["home", "up", "--folder", str(tmp_path)])
    assert main() == 1
    assert "runs in" in capsys.readouterr().err
    held.close()
