"""Writes docs/devices.md: what works with what and how each was tried, from the profiles themselves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.devices.entities.profile import DeviceProfile, FreshBy, HowTested, Profile
from custom_components.home_flex.devices.entities.profile_loader import load_profiles
from custom_components.home_flex.devices.entities.recipe import Control, EndsBy, Operation

_ROOT = Path(__file__).parents[1]
PAGE = _ROOT / "docs" / "devices.md"
_HEAD = """# What works with what

Home Flex itself speaks with P1 meters, SunSpec and Fronius inverters, Shelly devices and OCPP chargers:
see [for the householder](householder.md). Everything on this page it reaches through another integration of
Home Assistant, with a *profile*: a file that says which entities are the meter, the PV, the battery or the
charger, and how they are told something. What is not here can still be added, entity by entity: choose *By
hand* in the form, or [write a profile of your own](profiles.md).

How each was tried: **read** in the integration's source; **entities**: also on all entities that the
integration makes after its source, among which it must find exactly the right ones; **integration**: also
with the integration itself, set up in tests with a made-up device behind it, read and told something;
**device**: on the device. Nothing here was tried on a device yet unless this page says so: look at signs and
figures on your first evening.
"""
_FOOT = """
---

`.venv/bin/python -m scripts.devices_page` writes this page from the profiles, and a test keeps it true.
"""
_NONE: Final = "-"
_KINDS: Final = {
    DeviceKind.GRID_METER: "meter",
    DeviceKind.PV: "PV",
    DeviceKind.BATTERY: "battery",
    DeviceKind.EV_CHARGER: "charger",
    DeviceKind.SWITCHED_LOAD: "switch",
    DeviceKind.APPLIANCE: "appliance",
    DeviceKind.HEAT_PUMP: "heat pump",
    DeviceKind.WATER_HEATER: "hot water",
}
_TRIED: Final = {
    HowTested.READ: "read",
    HowTested.RECORDED: "entities",
    HowTested.INTEGRATION: "integration",
    HowTested.DEVICE: "device",
}


def page() -> str:
    """Return the page for the profiles as they are."""
    profiles = sorted(load_profiles().profiles.values(), key=lambda each: each.name.lower())
    rows = "".join(_row(each) for each in profiles)
    head = "| with | integration | reads | is told | values every | an order ends | tried |\n"
    table = head + "| --- | --- | --- | --- | --- | --- | --- |\n" + rows
    return f"{_HEAD}\n{table}" + "".join("".join(_section(each)) for each in profiles) + _FOOT


def _row(profile: Profile) -> str:
    anchor = "".join(letter for letter in profile.name.lower() if letter.isalnum() or letter in " -_")
    told = [(each.kind, each.control) for each in profile.devices if each.control is not None]
    cells = (
        f"[{profile.name}](#{anchor.replace(' ', '-')})",
        f"`{profile.integration}`" if profile.platforms else "any",
        ", ".join(dict.fromkeys(_KINDS[each.kind] for each in profile.devices)),
        "; ".join(_told(kind, control) for kind, control in told) or "only read",
        ", ".join(dict.fromkeys(_pace(each) for each in profile.devices)),
        ", ".join(dict.fromkeys(_end(control) for _, control in told)) or _NONE,
        _TRIED[profile.tested],
    )
    return f"| {' | '.join(cells)} |\n"


def _told(kind: DeviceKind, control: Control) -> str:
    operations = sorted(set(control.recipes) - {Operation.RELEASE})
    return f"{_KINDS[kind]}: {', '.join(each.replace('_', ' ') for each in operations)}"


def _pace(device: DeviceProfile) -> str:
    if device.fresh.interval_s is None:
        return _NONE
    seconds = f"{device.fresh.interval_s:g} s"
    return f"{seconds}, if changed" if device.fresh.by is FreshBy.CHANGES else seconds


def _end(control: Control) -> str:
    ends = control.ends
    if ends.seconds is None:
        return "when Home Flex takes it back"
    if ends.by is EndsBy.INTEGRATION:
        return f"{_time(ends.seconds)} after Home Assistant is gone"
    if ends.is_settable:
        return f"by itself, when Home Flex set it to ({_time(ends.seconds)} at most)"
    return f"by itself after {_time(ends.seconds)}"


def _time(seconds: float) -> str:
    for length, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds >= length:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"


def _section(profile: Profile) -> Iterator[str]:
    yield f"\n## {profile.name}\n"
    for title, lines in (
        ("To switch on", profile.setup),
        ("To know", profile.notes),
        ("Not certain", profile.doubts),
    ):
        if lines:
            yield f"\n{title}:\n\n" + "".join(f"* {line}\n" for line in lines)
    for device in profile.devices:
        if device.control is not None:
            control = device.control
            pause, answer = _time(control.least_seconds), _time(control.effect_s)
            yield (
                f"\nThe {_KINDS[device.kind]} is told something once in {pause} or less often, and at most "
                f"{control.writes_per_day} times a day. It answers within {answer}.\n"
            )
    yield f"\nRead in {profile.source}, on {profile.date}.\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
