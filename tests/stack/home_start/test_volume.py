"""What becomes of a volume before Home Assistant starts: new, old, half-written, changed, too new."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from home_common.settings import Settings, SettingsError
from home_start import component, first_user, http_store
from home_start.defaults import DEFAULTS
from home_start.migrations import MIGRATIONS, bring_forward
from home_start.volume import Volume, VolumeError
from homeassistant.config import DEFAULT_CONFIG

PROXY = "172.28.64.250/32"


class Image:
    """The parts of a release that a volume is brought forward to."""

    def __init__(self, folder: Path) -> None:
        self.seeds = folder / "seed"
        self.component = folder / "home_flex"
        self.seeds.mkdir(parents=True)
        self.component.mkdir()
        self.write("1")

    def write(self, release: str) -> None:
        (self.seeds / "configuration.yaml").write_text(f"# of release {release}\nfrontend:\n")
        (self.seeds / "automations.yaml").write_text("[]\n")
        (self.component / "manifest.json").write_text(json.dumps({"version": release}))

    def settings(self, **changes: str) -> Settings:
        paths = {"SEED_FOLDER": str(self.seeds), "COMPONENT_FOLDER": str(self.component)}
        values = {**DEFAULTS, **paths, "TRUSTED_PROXIES": PROXY, **changes}
        return Settings.load(values, environ={}, options=Path("/nonexistent/options.json"))


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return Image(tmp_path / "image")


@pytest.fixture
def volume(tmp_path: Path) -> Volume:
    folder = tmp_path / "config"
    folder.mkdir()
    return Volume(folder)


def store(volume: Volume, key: str) -> Any:
    return json.loads(volume.store(key).read_text())["data"]


def contents(volume: Volume) -> dict[str, bytes]:
    files = (file for file in volume.folder.rglob("*") if file.is_file())
    return {str(file.relative_to(volume.folder)): file.read_bytes() for file in files}


def test_a_new_volume_gets_all_that_the_first_start_needs(volume: Volume, image: Image) -> None:
    bring_forward(volume, image.settings())
    assert sorted(contents(volume)) == [
        ".home_start/volume.state",
        ".storage/http",
        ".storage/onboarding",
        "automations.yaml",
        "configuration.yaml",
        "custom_components/home_flex/manifest.json",
    ]
    assert store(volume, "http")["stable"]["trusted_proxies"] == [PROXY]
    assert store(volume, "http")["pending"] is None
    assert volume.store("http").stat().st_mode & 0o777 == 0o600


def test_a_second_start_writes_nothing(volume: Volume, image: Image) -> None:
    bring_forward(volume, image.settings())
    before = contents(volume)
    times = {file: file.stat().st_mtime_ns for file in volume.folder.rglob("*") if file.is_file()}
    bring_forward(volume, image.settings())
    assert contents(volume) == before
    assert all(file.stat().st_mtime_ns == when for file, when in times.items())


def test_a_new_release_brings_its_files(volume: Volume, image: Image) -> None:
    bring_forward(volume, image.settings())
    image.write("2")
    bring_forward(volume, image.settings())
    assert "release 2" in (volume.folder / "configuration.yaml").read_text()
    assert "2" in (volume.folder / "custom_components" / "home_flex" / "manifest.json").read_text()


def test_what_a_person_changed_outlives_every_release(volume: Volume, image: Image) -> None:
    bring_forward(volume, image.settings())
    mine = volume.folder / "configuration.yaml"
    mine.write_text("# mine\ndefault_config:\n")
    for release in ("2", "3"):
        image.write(release)
        bring_forward(volume, image.settings())
        assert mine.read_text() == "# mine\ndefault_config:\n"


def test_what_a_person_deleted_does_not_come_back(volume: Volume, image: Image) -> None:
    bring_forward(volume, image.settings())
    (volume.folder / "automations.yaml").unlink()
    image.write("2")
    bring_forward(volume, image.settings())
    assert not (volume.folder / "automations.yaml").exists()


def test_a_file_written_just_before_a_power_cut_is_known_as_ours_afterwards(
    volume: Volume, image: Image
) -> None:
    shutil.copy(image.seeds / "configuration.yaml", volume.folder)
    bring_forward(volume, image.settings())
    image.write("2")
    bring_forward(volume, image.settings())
    assert "release 2" in (volume.folder / "configuration.yaml").read_text()


def old_volume(volume: Volume, **http: Any) -> None:
    """Make the volume one of version 0: of Home Assistant's own image, with an owner and a proxy in YAML."""
    (volume.folder / "configuration.yaml").write_text(DEFAULT_CONFIG)
    component_folder = volume.folder / "custom_components" / "home_flex"
    component_folder.mkdir(parents=True)
    (component_folder / "manifest.json").write_text('{"version": "0"}')
    (component_folder / "gone.py").write_text("")
    volume.save_store("auth", {"version": 1, "data": {"users": [{"is_owner": True, "name": "Anne"}]}})
    done = ["user", "core_config", "analytics", "integration"]
    volume.save_store("onboarding", {"version": 4, "data": {"done": done}})
    stable = {"server_port": 8123, "trusted_proxies": [], "ssl_profile": "modern", "error": None}
    data = {"stable": stable, "pending": None, "yaml_migration_done": True, **http}
    volume.save_store("http", {"version": 2, "minor_version": 2, "key": "http", "data": data})


def test_an_old_volume_upgrades_and_keeps_its_owner(volume: Volume, image: Image) -> None:
    old_volume(volume)
    bring_forward(volume, image.settings())
    with volume.state() as state:
        assert state.version == len(MIGRATIONS)
    assert "release 1" in (volume.folder / "configuration.yaml").read_text()
    assert store(volume, "http")["stable"]["trusted_proxies"] == [PROXY]
    assert store(volume, "auth")["users"][0]["name"] == "Anne"
    assert "user" in store(volume, "onboarding")["done"]
    assert not (volume.folder / "custom_components" / "home_flex" / "gone.py").exists()


def test_proxies_that_an_old_volume_holds_on_trial_are_kept_for_good(volume: Volume, image: Image) -> None:
    trial = {"server_port": 8123, "use_x_forwarded_for": True, "trusted_proxies": ["10.0.0.2/32"]}
    old_volume(volume, pending={**trial, "error": "not_promoted", "error_message": None})
    bring_forward(volume, image.settings())
    http = store(volume, "http")
    assert http["pending"] is None
    assert http["stable"]["trusted_proxies"] == [PROXY, "10.0.0.2/32"]


def test_a_trial_that_failed_for_a_reason_is_not_made_permanent(volume: Volume, image: Image) -> None:
    old_volume(volume, pending={"server_port": 80, "error": "apply_failed", "error_message": "in use"})
    bring_forward(volume, image.settings())
    assert store(volume, "http")["stable"]["server_port"] == 8123


def test_trust_follows_the_proxy_to_its_new_address_and_leaves_a_person_s_alone(
    volume: Volume, image: Image
) -> None:
    bring_forward(volume, image.settings())
    document = volume.load_store("http")
    assert document is not None
    document["data"]["stable"]["trusted_proxies"].append("10.9.9.9/32")
    volume.save_store("http", document)
    bring_forward(volume, image.settings(TRUSTED_PROXIES="172.30.0.2"))
    assert store(volume, "http")["stable"]["trusted_proxies"] == ["172.30.0.2/32", "10.9.9.9/32"]


@pytest.mark.parametrize("proxies", ["172.16.0.0/12", "0.0.0.0/0", "10.0.0.1/24", "nginx", "::/0"])
def test_trust_in_many_addresses_or_in_a_mistake_is_refused(
    volume: Volume, image: Image, proxies: str
) -> None:
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        bring_forward(volume, image.settings(TRUSTED_PROXIES=proxies))
    assert not volume.store("http").exists()


def test_a_volume_of_a_newer_release_is_refused_and_left_as_it_is(volume: Volume, image: Image) -> None:
    bring_forward(volume, image.settings())
    with volume.state() as state:
        state.version = len(MIGRATIONS) + 1
    before = contents(volume)
    image.write("0")
    with pytest.raises(VolumeError, match="newer release"):
        bring_forward(volume, image.settings())
    assert contents(volume) == before


@pytest.mark.parametrize("damage", ["", "{", "[]"])
def test_a_damaged_store_is_named_and_not_overwritten(volume: Volume, image: Image, damage: str) -> None:
    volume.store("http").parent.mkdir()
    volume.store("http").write_text(damage)
    with pytest.raises(VolumeError, match="http"):
        bring_forward(volume, image.settings())
    assert volume.store("http").read_text() == damage


def test_a_first_user_that_was_not_stored_is_created_again(volume: Volume) -> None:
    volume.save_store("onboarding", {"data": {"done": ["core_config", "user"]}})
    users = [{"username": first_user.OWNER}, {"username": "anne"}]
    volume.save_store("auth_provider.homeassistant", {"data": {"users": users}})
    first_user.forget_half_made(volume)
    assert store(volume, "onboarding")["done"] == ["core_config"]
    assert store(volume, "auth_provider.homeassistant")["users"] == [{"username": "anne"}]


@pytest.mark.parametrize("moment", ["copied half", "old moved away", "old not removed"])
def test_an_interrupted_exchange_of_the_integration_is_completed(
    volume: Volume, image: Image, moment: str
) -> None:
    bring_forward(volume, image.settings())
    place = volume.folder / "custom_components" / "home_flex"
    image.write("2")
    match moment:
        case "copied half":
            (place.parent / ".home_flex.new").mkdir()
        case "old moved away":
            place.rename(place.parent / ".home_flex.old")
        case "old not removed":
            shutil.copytree(place, place.parent / ".home_flex.old")
    component.install(volume, image.component)
    assert [file.name for file in place.parent.iterdir()] == ["home_flex"]
    assert component.tree_digest(place) == component.tree_digest(image.component)


def full_disk(_source: Path, target: Path, **_: Any) -> None:
    target.mkdir()
    (target / "manifest.json").touch()
    raise shutil.Error([("manifest.json", str(target), "[Errno 28] No space left on device")])


def test_a_disk_that_takes_no_other_release_goes_on_with_the_one_that_is_there(
    volume: Volume, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_forward(volume, image.settings())
    place = volume.folder / "custom_components" / "home_flex"
    before = component.tree_digest(place)
    image.write("2")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copytree", full_disk)
        component.install(volume, image.component)
    assert [file.name for file in place.parent.iterdir()] == ["home_flex"]
    assert component.tree_digest(place) == before
    component.install(volume, image.component)
    assert component.tree_digest(place) == component.tree_digest(image.component)


def test_a_disk_that_takes_no_first_release_is_told(
    volume: Volume, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "copytree", full_disk)
    with pytest.raises(VolumeError, match="is the disk full"):
        component.install(volume, image.component)


def test_compiled_python_beside_the_integration_makes_it_no_other(volume: Volume, image: Image) -> None:
    bring_forward(volume, image.settings())
    cache = volume.folder / "custom_components" / "home_flex" / "__pycache__"
    cache.mkdir()
    (cache / "const.pyc").write_text("x")
    component.install(volume, image.component)
    assert (cache / "const.pyc").exists()


def test_without_a_proxy_nobody_is_believed(volume: Volume, image: Image) -> None:
    assert http_store.trusted_proxies(image.settings(TRUSTED_PROXIES="")) == []
    bring_forward(volume, image.settings(TRUSTED_PROXIES=""))
    assert store(volume, "http")["stable"]["use_x_forwarded_for"] is False
