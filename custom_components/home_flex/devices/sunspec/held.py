"""What was written to a device and what stood there before, so that nothing else is ever taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .controls import Control
from .discovery import SunSpecDevice
from .models import MODELS
from .snapshot import Snapshot

_VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """An order in a device: the points of one model as coded numbers, ``told`` by us and ``before`` us.

    ``device`` is who it was told, ``before_w`` the limit that was in force before, None when there was none.
    ``until_s`` is when the device's own timer ends it (monotonic), None when there is no timer that runs.
    As long as the device has not shown it (``is_shown``), what was told ``earlier`` may stand there as well.
    Some count their ``timer`` down where it was set.
    """

    device: str
    model: int
    enable: str
    timer: str
    told: Mapping[str, int]
    before: Mapping[str, int]
    before_w: float | None = None
    until_s: float | None = None
    earlier: Mapping[str, int] = field(default_factory=dict)
    is_shown: bool = False

    def is_kept(self, snapshot: Snapshot) -> bool:
        """Whether the device still says what it was told."""
        return snapshot.has(self.model) and any(
            all(
                snapshot.number((self.model, point)) == number
                for point, number in told.items()
                if point != self.timer
            )
            for told in (self.told, self.earlier)
            if told
        )

    def still_ours(self, snapshot: Snapshot) -> frozenset[str]:
        """Return the points that stand as we wrote them."""
        return frozenset(
            point
            for point, number in self.told.items()
            if point in self.before
            and snapshot.number((self.model, point)) in {number, self.earlier.get(point, number)}
        )


def before_us(control: Control, fresh: Snapshot) -> Held:
    """Return the points of a control as they stand, nothing told yet."""
    before = {
        point: int(number)
        for point in control.points
        if (number := fresh.number((control.model, point))) is not None
    }
    return Held(
        device=name_of(fresh.device),
        model=control.model,
        enable=control.enable,
        timer=control.timer,
        told={},
        before=before,
        before_w=control.value_w(fresh) if control.is_limit else None,
    )


def name_of(device: SunSpecDevice) -> str:
    """Return what tells one device from another."""
    identity = device.identity
    return f"{identity.manufacturer} {identity.model} {identity.serial_number}"


def encode_held(held: Held | None) -> dict[str, Any]:
    """Return what is kept of an order over a restart, as a JSON object."""
    if held is None:
        return {"version": _VERSION}
    return {
        "version": _VERSION,
        "device": held.device,
        "model": held.model,
        "enable": held.enable,
        "timer": held.timer,
        "told": dict(held.told),
        "before": dict(held.before),
        "before_w": held.before_w,
        "earlier": dict(held.earlier),
    }


def decode_held(document: Mapping[str, Any] | None) -> Held | None:
    """Return the order that was kept; None for none, and for what makes no sense."""
    try:
        if document is None or "model" not in document:
            return None
        model, before_w = int(document["model"]), document.get("before_w")
        told, before, earlier = (_numbers(model, document[key]) for key in ("told", "before", "earlier"))
        enable = str(document["enable"])
        if enable not in told or enable not in before:
            return None
        return Held(
            device=str(document["device"]),
            model=model,
            enable=enable,
            timer=str(document["timer"]),
            told=told,
            before=before,
            before_w=None if before_w is None else float(before_w),
            earlier=earlier,
        )
    except AttributeError, LookupError, TypeError, ValueError:
        return None


def _numbers(model: int, document: Mapping[str, Any]) -> dict[str, int]:
    return {str(point): int(number) for point, number in document.items() if point in MODELS[model]}
