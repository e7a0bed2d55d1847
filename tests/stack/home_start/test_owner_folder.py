"""Whose token the agent has: after a restore the volume is of another home than the folder beside it."""

from pathlib import Path

import jwt
import pytest
from home_common.settings import Settings
from home_start.defaults import DEFAULTS
from home_start.owner_folder import follow_volume
from home_start.volume import Volume


def token(log_in: str) -> str:
    """Return a token as Home Assistant signs it for a log-in."""
    return jwt.encode({"iss": log_in, "iat": 1, "exp": 2}, "k" * 64, algorithm="HS256")


class Home:
    """A volume that knows some log-ins, and the folder that the agent reads."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "owner"
        self.folder.mkdir()
        self.volume = Volume(place / "config")
        self.volume.owner_token.parent.mkdir(parents=True)
        self.knows("of this home")

    def knows(self, *log_ins: str) -> None:
        data = {"refresh_tokens": [{"id": log_in} for log_in in log_ins]}
        self.volume.save_store("auth", {"version": 1, "key": "auth", "data": data})

    def has_charger(self, identity: str, password: str) -> None:
        member = {"subentry_type": "ev_charger", "data": {"identity": identity, "password": password}}
        meter = {"subentry_type": "grid_meter", "data": {"host": "192.0.2.1"}}
        entries = [{"domain": "sun"}, {"domain": "home_flex", "subentries": [meter, member]}]
        store = {"version": 1, "key": "core.config_entries", "data": {"entries": entries}}
        self.volume.save_store("core.config_entries", store)

    def handed_over(self, **files: str) -> None:
        for name, text in files.items():
            (self.folder / name).write_text(text)

    def start(self) -> dict[str, str]:
        """Prepare a start, and return what the agent finds then."""
        values = {**DEFAULTS, "OWNER_FOLDER": str(self.folder)}
        follow_volume(self.volume, Settings(values))
        return {file.name: file.read_text() for file in self.folder.iterdir()}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_after_a_restore_the_agent_gets_the_token_of_the_owner_who_came_with_the_backup(home: Home) -> None:
    home.handed_over(owner_token=token("of the home before"), owner_password="opens nothing any more")
    home.volume.owner_token.write_text(token("of this home"))
    assert home.start() == {"owner_token": token("of this home")}


def test_a_folder_that_was_lost_gets_the_token_again(home: Home) -> None:
    home.handed_over(owner_password="waits for its hand-over")
    home.volume.owner_token.write_text(token("of this home"))
    assert home.start() == {
        "owner_token": token("of this home"),
        "owner_password": "waits for its hand-over",
    }


def test_a_token_that_an_operator_put_there_stays(home: Home) -> None:
    home.knows("of this home", "by hand")
    home.handed_over(owner_token=token("by hand"), owner_password="waits for its hand-over")
    home.volume.owner_token.write_text(token("of this home"))
    assert home.start() == {"owner_token": token("by hand"), "owner_password": "waits for its hand-over"}


def test_a_token_that_the_owner_withdrew_is_not_brought_back(home: Home) -> None:
    home.knows("another")
    home.volume.owner_token.write_text(token("of this home"))
    assert home.start() == {}


@pytest.mark.parametrize("text", ["", "a.b", "no token at all", "a.bm8gSlNPTg.c", "a.W10.c"])
def test_what_is_no_token_is_nobody_s(home: Home, text: str) -> None:
    home.handed_over(owner_token=text)
    home.volume.owner_token.write_text(token("of this home"))
    assert home.start() == {"owner_token": token("of this home")}
    home.volume.owner_token.write_text(text)
    assert home.start() == {"owner_token": token("of this home")}


def test_a_volume_without_a_copy_changes_nothing(home: Home) -> None:
    home.handed_over(owner_token=token("of the home before"))
    assert home.start() == {"owner_token": token("of the home before")}


def test_the_folder_s_files_are_for_the_agent_s_group_only(home: Home) -> None:
    home.volume.owner_token.write_text(token("of this home"))
    home.start()
    assert (home.folder / "owner_token").stat().st_mode & 0o007 == 0


def test_after_a_restore_the_agent_shows_the_password_that_the_charger_has(home: Home) -> None:
    home.handed_over(charger_CP1_password="of the home before")
    home.has_charger("CP1", "what was typed into it")
    assert home.start() == {"charger_CP1_password": "what was typed into it"}


def test_a_charger_s_password_is_the_same_when_only_ocpp_s_limit_tells_them_apart(home: Home) -> None:
    home.handed_over(charger_CP1_password="p" * 43)
    home.has_charger("CP1", "p" * 40)
    assert home.start() == {"charger_CP1_password": "p" * 43}


def test_the_password_of_a_charger_that_the_resident_added_is_handed_to_nobody(home: Home) -> None:
    home.has_charger("CP2", "the resident's own")
    assert home.start() == {}
