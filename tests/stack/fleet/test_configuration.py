"""``fleet.toml`` is read strictly: what nobody knows or nobody can mean is refused by name."""

from datetime import timedelta
from pathlib import Path

import pytest
from fleet.configuration import ConfigurationError, load
from fleet.rings import RINGS

BALENA = '[balena]\nfleet = "community/homes"\n'
NOT_THE_LAB = '{name = "a", share = 0, soak = "1h"}, {name = "b", share = 1, soak = "1h"}'


def written(folder: Path, text: str) -> Path:
    (folder / "fleet.toml").write_text(text)
    return folder


def test_the_name_of_the_fleet_is_enough(tmp_path: Path) -> None:
    configuration = load(written(tmp_path, BALENA))
    assert configuration.rollout.rings == RINGS
    assert configuration.code_valid == timedelta(days=14)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "fleet"),
        (BALENA + 'colour = "red"\n', "colour"),
        (BALENA + '[rollout]\nfreeze = ["christmas"]\n', "christmas|isoformat"),
        (BALENA + "[rollout]\nfailing_share = 1\n", "failing_share"),
        (BALENA + '[rollout]\npoll = "soon"\n', "soon"),
        (BALENA + '[rollout]\nrings = [{name = "all", share = 0.5, soak = "1h"}]\n', "end at 1"),
        (BALENA + f"[rollout]\nrings = [{NOT_THE_LAB}]\n", "share 0"),
        ("[balena", "fleet.toml"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        load(written(tmp_path, text))


def test_a_token_others_can_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BALENA_TOKEN", raising=False)
    configuration = load(written(tmp_path, BALENA + 'token_file = "token"\n'))
    token = tmp_path / "token"
    token.write_text("a-token\n")
    token.chmod(0o644)
    with pytest.raises(ConfigurationError, match="owner only"):
        configuration.balena_token()
    token.chmod(0o600)
    assert configuration.balena_token() == "a-token"
