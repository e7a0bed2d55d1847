"""How Assist says things: the panel's words, put together for the ear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .written import Written

_RESTS_W: Final = 30.0
_GROUPS: Final = frozenset({"pv", "battery", "ev_charger"})
_OF_SENSORS: Final = "entity.sensor"


@dataclass(frozen=True, kw_only=True, slots=True)
class AssistWords:
    """The texts of a language by their keys, and how days are called in all of them."""

    texts: Mapping[str, str]
    days: Mapping[str, Sequence[str]]
    written: Written

    def text(self, key: str, **values: str) -> str:
        """Return a text of ``common``."""
        return self._of(f"common.{key}").format(**values)

    def refusal(self, reason: str) -> str:
        """Return why something is refused."""
        return self._of(f"exceptions.{reason}.message") or reason

    def time(self, instant: datetime) -> str:
        """Return a moment as the clock on the wall shows it."""
        return dt_util.as_local(instant).strftime("%H:%M")

    def day(self, said: str) -> str | None:
        """Return the English name of a day (of the week, or tomorrow) said in any language; None for none."""
        # Other words may come before the name: *zum Montag*, *à segunda-feira*.
        words = said.casefold().split()
        return next(
            (day for day, names in self.days.items() if any(word.startswith(tuple(names)) for word in words)),
            None,
        )

    def device(self, told: Mapping[str, Any]) -> str:
        """Return what a device of the panel's document does, why, and what comes then."""
        sentences = [f"{told['name']}: {self._doing(told)}", self._why(told), self._ready(told["car"])]
        if (then := told["then"]) is not None:
            does = self._of(f"{_OF_SENSORS}.planned.state.{then['does']}") or str(then["does"])
            time = self.time(datetime.fromisoformat(then["start"]))
            sentences.append(self.text("panel_then", time=time, does=does))
        elif told["until"] is not None:
            sentences.append(self.text("panel_until", time=self.time(datetime.fromisoformat(told["until"]))))
        return " ".join(each if each[-1] in ".!?" else f"{each}." for each in sentences if each)

    def _doing(self, told: Mapping[str, Any]) -> str:
        power_w = told["power_w"]
        if power_w is None:
            return self.text("panel_does_unknown")
        if told["vehicle"] is False:
            return self.text("panel_does_no_car")
        group = told["kind"] if told["kind"] in _GROUPS else "load"
        way = "takes" if power_w > _RESTS_W else "gives" if power_w < -_RESTS_W else "rests"
        return self.text(f"panel_does_{group}_{way}", power=self.written.power(power_w))

    def _ready(self, car: Mapping[str, Any] | None) -> str:
        """Return when the car has what it is charged up to; empty where that is not known."""
        if car is None:
            return ""
        target = f"{car['target']:.0%}"
        if car["state_of_charge"] >= car["target"]:
            return self.text("panel_car_has", target=target)
        if car["ready_at"] is None:
            return ""
        time = self.time(datetime.fromisoformat(car["ready_at"]))
        return self.text(f"panel_car_by_{car['by']}", target=target, time=time)

    def _why(self, told: Mapping[str, Any]) -> str:
        if told["link_reason"] is not None:
            return self.text("panel_why_unreachable")
        reason = self._of(f"{_OF_SENSORS}.decided_by.state_attributes.reason.state.{told['why']}")
        return reason or self.text("panel_why_by_itself")

    def _of(self, key: str) -> str:
        return self.texts.get(f"component.{DOMAIN}.{key}", "")
