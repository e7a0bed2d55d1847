"""What docs/fleet.md has an operator type before a ring gets a release."""

import os
import re
import shlex
import subprocess
from pathlib import Path

from community_hub.canary.report import Report

from .wheels import ROOT, wheel

PAGE = (ROOT / "docs" / "fleet.md").read_text()


def test_the_pages_command_makes_the_report_that_a_rollout_wants(tmp_path: Path) -> None:
    [line] = re.findall(r"^ *(scripts/flexctl canary .*)$", PAGE, re.MULTILINE)
    [built] = re.findall(r"^ *scripts/core_wheel (.*)$", PAGE, re.MULTILINE)
    words = shlex.split(line.replace("$FLEET_FOLDER", str(tmp_path)))
    [new] = shlex.split(built.replace("$FLEET_FOLDER", str(tmp_path)))
    wheel(tmp_path / "core" / "1.0.0")
    wheel(Path(new))

    done = subprocess.run(  # noqa: S603 # the page's own command
        words,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "140"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr + done.stdout
    assert Report.load(tmp_path / "canary" / "1.1.0.json").passed
