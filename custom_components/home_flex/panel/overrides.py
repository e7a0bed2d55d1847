"""What a resident decides with one tap, each with its end, and how it is taken back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ..core.control.charging import ChargeMode
from ..core.model import BatteryReading, ChargerReading, DeviceKind, Quantity
from ..core.wishes import WishError, Wishes, set_charge_mode, set_reserve, with_battery, with_charger
from ..runtime.view import DeviceView
from .shown import told

LASTS: Final = timedelta(hours=2)
CHARGE_NOW: Final = "charge_now"
NOT_NOW: Final = "not_now"
KEEP: Final = "keep"
AS_BEFORE: Final = "as_before"


def override_of(wishes: Wishes, device: DeviceView) -> Mapping[str, Any] | None:
    """Return what the resident decided for a device and until when; None as an end: until the car leaves."""
    if device.kind is DeviceKind.EV_CHARGER:
        charger = wishes.charger(device.device_id)
        if charger.charge_now:
            return {"does": CHARGE_NOW, "until": None}
        if charger.mode is ChargeMode.OFF and charger.mode_until is not None:
            return {"does": NOT_NOW, "until": told(charger.mode_until)}
    if device.kind is DeviceKind.BATTERY:
        battery = wishes.battery(device.device_id)
        if battery.reserve_until is not None:
            return {"does": KEEP, "until": told(battery.reserve_until)}
    return None


def offered(device: DeviceView, settable: frozenset[Quantity]) -> Iterator[str]:
    """Yield what can be decided for a device as it is now."""
    match device.reading:
        case ChargerReading(vehicle_connected=True) if Quantity.CURRENT_LIMIT_A in settable:
            yield CHARGE_NOW
            yield NOT_NOW
        case BatteryReading() if Quantity.POWER_W in settable:
            yield KEEP


@dataclass(frozen=True, kw_only=True, slots=True)
class Deciding:
    """What a change of wishes is made of: the device and the moment."""

    device: DeviceView
    now: datetime


def changed(wishes: Wishes, does: str, deciding: Deciding) -> Wishes:
    """Return the wishes with what was decided. Raises WishError for what that device cannot."""
    if (change := _CHANGES.get((deciding.device.kind, does))) is None:
        raise WishError("other_device", f"{does} is nothing for a {deciding.device.kind}")
    return change(wishes, deciding)


def _charge_now(wishes: Wishes, deciding: Deciding) -> Wishes:
    return with_charger(_mode_back(wishes, deciding), deciding.device.device_id, charge_now=True)


def _not_now(wishes: Wishes, deciding: Deciding) -> Wishes:
    device_id = deciding.device.device_id
    not_held = with_charger(wishes, device_id, charge_now=False)
    return set_charge_mode(not_held, device_id, ChargeMode.OFF, until=deciding.now + LASTS)


def _charger_as_before(wishes: Wishes, deciding: Deciding) -> Wishes:
    return with_charger(_mode_back(wishes, deciding), deciding.device.device_id, charge_now=False)


def _mode_back(wishes: Wishes, deciding: Deciding) -> Wishes:
    """Return the wishes with the charge mode that lasts."""
    device_id = deciding.device.device_id
    charger = wishes.charger(device_id)
    if charger.mode_until is None:
        return wishes
    return with_charger(wishes, device_id, mode=charger.mode_after, mode_until=None, mode_after=None)


def _keep(wishes: Wishes, deciding: Deciding) -> Wishes:
    """Return the wishes with what the battery holds now as its reserve, for a while."""
    reading, device_id = deciding.device.reading, deciding.device.device_id
    if not isinstance(reading, BatteryReading):
        raise WishError("device_silent", "What a battery that is silent holds cannot be kept")
    held = max(reading.state_of_charge, wishes.battery(device_id).reserve)
    return set_reserve(wishes, device_id, min(1.0, round(held, 2)), until=deciding.now + LASTS)


def _battery_as_before(wishes: Wishes, deciding: Deciding) -> Wishes:
    device_id = deciding.device.device_id
    battery = wishes.battery(device_id)
    if battery.reserve_until is None or battery.reserve_after is None:
        return wishes
    return with_battery(
        wishes, device_id, reserve=battery.reserve_after, reserve_until=None, reserve_after=None
    )


_CHANGES: Final[Mapping[tuple[DeviceKind, str], Callable[[Wishes, Deciding], Wishes]]] = {
    (DeviceKind.EV_CHARGER, CHARGE_NOW): _charge_now,
    (DeviceKind.EV_CHARGER, NOT_NOW): _not_now,
    (DeviceKind.EV_CHARGER, AS_BEFORE): _charger_as_before,
    (DeviceKind.BATTERY, KEEP): _keep,
    (DeviceKind.BATTERY, AS_BEFORE): _battery_as_before,
}
