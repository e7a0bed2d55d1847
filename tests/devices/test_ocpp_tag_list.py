"""The tags that may charge are kept in the charger too: sent by difference, in its measure, and read back."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from custom_components.home_flex.devices.ocpp import CentralSystem, ChargerSettings, TagRule
from custom_components.home_flex.devices.ocpp.tag_list import wanted_tags
from tests.devices.forwarding_home import eventually
from tests.devices.ocpp_201_clients import STATION, takes, variables
from tests.devices.ocpp_clients import SETTINGS, RawCharger, Reply, dial, not_implemented, serving

LISTED = replace(SETTINGS, tag_rule=TagRule.LIST, tags=("AA", "BB", "CC"))
OURS = "HOMEFLEX"


@dataclass
class Keeper:
    """A charger's local list, as OCPP 1.6 section 5.15 has it."""

    version: int = 0
    tags: set[str] = field(default_factory=set)
    most_at_once: int = 100
    tells_limits: bool = True
    most_tags: int = 100
    enabled: str = "true"
    forgets: bool = False
    sent: list[dict[str, Any]] = field(default_factory=list)

    def replies(self) -> dict[str, Reply]:
        return {
            "SendLocalList": self.take,
            "GetLocalListVersion": lambda _: {"listVersion": self.version},
            "GetConfiguration": self.configuration,
            "ChangeConfiguration": self.change,
        }

    def take(self, payload: dict[str, Any]) -> dict[str, Any]:
        self.sent.append(payload)
        entries = payload.get("localAuthorizationList", [])
        if len(entries) > self.most_at_once:
            return {"status": "Failed"}
        is_full = payload["updateType"] == "Full"
        if not is_full and payload["listVersion"] <= self.version:
            return {"status": "VersionMismatch"}
        tags = set() if is_full else set(self.tags)
        for entry in entries:
            (tags.add if "idTagInfo" in entry else tags.discard)(entry["idTag"])
        if len(tags) > self.most_tags:
            return {"status": "Failed"}
        self.tags, self.version = tags, 0 if self.forgets else payload["listVersion"]
        return {"status": "Accepted"}

    def configuration(self, payload: dict[str, Any]) -> dict[str, Any]:
        known = {
            "LocalAuthListEnabled": self.enabled,
            "LocalAuthListMaxLength": str(self.most_tags),
            "SendLocalListMaxLength": str(self.most_at_once),
        }
        told = {key: known[key] for key in payload["key"] if key in known and self.tells_limits}
        return {"configurationKey": [{"key": key, "readonly": False, "value": told[key]} for key in told]}

    def change(self, payload: dict[str, Any]) -> dict[str, Any]:
        if payload["key"] == "LocalAuthListEnabled":
            self.enabled = payload["value"]
        return {"status": "Accepted"}

    @property
    def kinds(self) -> list[str]:
        return [each["updateType"] for each in self.sent]


def state(central: CentralSystem) -> Any:
    return central.diagnostics()[0]["tag_list"]["state"]


@asynccontextmanager
async def home(
    keeper: Keeper, settings: ChargerSettings = LISTED, memory: dict[str, Mapping[str, Any]] | None = None
) -> AsyncIterator[CentralSystem]:
    """Run a home until the charger that dialled in was told its list; ``memory`` outlives it."""
    memory = {} if memory is None else memory
    async with serving(remembered=memory, on_remembered=memory.update) as (central, port, _):
        central.add(settings)
        async with dial(port, replies=keeper.replies()) as charger:
            await charger.get_ready()
            await eventually(lambda: state(central) is not None or settings.tag_rule is TagRule.FREE)
            yield central


async def test_an_empty_charger_is_told_all_and_what_it_has_is_read_back() -> None:
    keeper = Keeper(enabled="false")
    async with home(keeper) as central:
        assert state(central) == "kept"
        assert "AA" not in str(central.diagnostics())
    assert keeper.tags == {OURS, "AA", "BB", "CC"}
    assert keeper.kinds == ["Full"]
    assert keeper.enabled == "true"


async def test_a_list_that_the_charger_has_is_not_sent_again() -> None:
    keeper, memory = Keeper(), dict[str, Mapping[str, Any]]()
    for _ in range(2):
        async with home(keeper, memory=memory) as central:
            assert state(central) == "kept"
    assert keeper.kinds == ["Full"]


async def test_a_change_is_sent_as_what_differs() -> None:
    keeper, memory = Keeper(), dict[str, Mapping[str, Any]]()
    async with home(keeper, memory=memory):
        pass
    async with home(keeper, replace(LISTED, tags=("BB", "DD")), memory):
        pass
    assert keeper.kinds == ["Full", "Differential"]
    assert len(keeper.sent[1]["localAuthorizationList"]) == 3
    assert keeper.tags == {OURS, "BB", "DD"}
    assert [each["listVersion"] for each in keeper.sent] == [1, 2]


async def test_a_charger_that_has_another_version_is_told_all() -> None:
    keeper, memory = Keeper(), dict[str, Mapping[str, Any]]()
    async with home(keeper, memory=memory):
        pass
    keeper.version, keeper.tags = 40, {"STRANGER"}
    async with home(keeper, memory=memory) as central:
        assert state(central) == "kept"
    assert keeper.kinds == ["Full", "Full"]
    assert (keeper.version, keeper.tags) == (41, {OURS, "AA", "BB", "CC"})


async def test_a_charger_that_takes_no_differences_is_told_all() -> None:
    class Strict(Keeper):
        def take(self, payload: dict[str, Any]) -> dict[str, Any]:
            if payload["updateType"] == "Differential":
                self.sent.append(payload)
                return {"status": "VersionMismatch"}
            return super().take(payload)

    keeper, memory = Strict(), dict[str, Mapping[str, Any]]()
    async with home(keeper, memory=memory):
        pass
    async with home(keeper, replace(LISTED, tags=("DD",)), memory) as central:
        assert state(central) == "kept"
    assert keeper.kinds == ["Full", "Differential", "Full"]
    assert keeper.tags == {OURS, "DD"}


@pytest.mark.parametrize("tells_limits", [True, False])
@pytest.mark.parametrize("most_at_once", [1, 2, 7])
async def test_no_more_is_sent_at_once_than_the_charger_takes(most_at_once: int, tells_limits: bool) -> None:
    keeper = Keeper(most_at_once=most_at_once, tells_limits=tells_limits)
    tags = tuple(f"T{number}" for number in range(12))
    async with home(keeper, replace(LISTED, tags=tags)) as central:
        assert state(central) == "kept"
    assert keeper.tags == {OURS, *tags}
    if tells_limits:
        assert max(len(each["localAuthorizationList"]) for each in keeper.sent) == most_at_once
        assert keeper.kinds == ["Full"] + ["Differential"] * (len(keeper.sent) - 1)


async def test_a_charger_that_keeps_fewer_keeps_the_first_and_that_is_told() -> None:
    keeper = Keeper(most_tags=2)
    async with home(keeper) as central:
        assert state(central) == "cut"
    assert keeper.tags == {OURS, "AA"}


async def test_a_charger_that_keeps_nothing_it_took_is_told_as_that() -> None:
    async with home(Keeper(forgets=True)) as central:
        assert state(central) == "not_kept"


async def test_a_charger_that_refuses_everything_is_told_as_that() -> None:
    async with home(Keeper(most_at_once=0, tells_limits=False)) as central:
        assert state(central) == "refused"


@pytest.mark.parametrize("answer", [lambda _: {"listVersion": -1}, not_implemented])
async def test_a_charger_that_keeps_no_list_is_left_alone(answer: Reply) -> None:
    class Simple(Keeper):
        def replies(self) -> dict[str, Reply]:
            return super().replies() | {"GetLocalListVersion": answer}

    keeper = Simple()
    async with home(keeper) as central:
        assert state(central) == "not_supported"
    assert keeper.sent == []


async def test_where_any_tag_may_charge_only_our_own_list_is_taken_away() -> None:
    keeper, memory = Keeper(version=7, tags={"STRANGER"}), dict[str, Mapping[str, Any]]()
    async with home(keeper, SETTINGS, memory):
        await asyncio.sleep(0.05)
    assert keeper.sent == []
    async with home(keeper, memory=memory):
        pass
    async with home(keeper, SETTINGS, memory):
        await eventually(lambda: keeper.tags == set())
    assert keeper.kinds == ["Full", "Differential"]


def test_all_sockets_of_a_charger_share_its_list() -> None:
    nobody = replace(SETTINGS, tag_rule=TagRule.USER, connector_id=2)
    assert wanted_tags([LISTED]) == (OURS, "AA", "BB", "CC")
    assert wanted_tags([nobody]) == (OURS,)
    assert wanted_tags([LISTED, nobody]) == (OURS, "AA", "BB", "CC")
    assert wanted_tags([LISTED, replace(SETTINGS, connector_id=2)]) == ()


async def test_a_charger_of_201_is_told_in_its_own_words() -> None:
    sent: list[dict[str, Any]] = []
    version = 0

    def take(payload: dict[str, Any]) -> dict[str, Any]:
        nonlocal version
        sent.append(payload)
        version = payload["versionNumber"]
        return {"status": "Accepted"}

    told: dict[str, Reply] = {
        "SetVariables": takes(),
        "GetVariables": variables(ProfileStackLevel="5", ItemsPerMessage="3", Entries="90", Enabled="false"),
        "SendLocalList": take,
        "GetLocalListVersion": lambda _: {"versionNumber": version},
    }
    async with serving() as (central, port, _):
        central.add(LISTED)
        async with dial(port, protocols=("ocpp2.0.1",), replies=told) as charger:
            await charger.call("BootNotification", {"reason": "PowerUp", "chargingStation": STATION})
            await eventually(lambda: state(central) == "kept")
            assert [len(each["localAuthorizationList"]) for each in sent] == [3, 1]
            assert sent[0]["localAuthorizationList"][:2] == [
                {"idToken": {"idToken": OURS, "type": "Central"}, "idTokenInfo": {"status": "Accepted"}},
                {"idToken": {"idToken": "AA", "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}},
            ]
            assert is_switched_on(charger)


def is_switched_on(charger: RawCharger) -> bool:
    data = [each["setVariableData"][0] for each in charger.called("SetVariables")]
    return any(each["variable"]["name"] == "Enabled" and each["attributeValue"] == "true" for each in data)
