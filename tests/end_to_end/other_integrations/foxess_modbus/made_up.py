"""A house that is made up, and the entities that integrations have of it, by the names of their makers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.number import NumberEntity
from homeassistant.components.select import SelectEntity
from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.components.switch import SwitchEntity
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity

VOLTAGE_V, PHASES, BATTERY_W = 230.0, 3, 5000.0
IDLE, CHARGE, DISCHARGE = "Disable", "Force Charge", "Force Discharge"


@dataclass(kw_only=True, slots=True)
class House:
    """A house of 700 W with 2 kW of sun, a battery, and a car that takes what it may."""

    house_w: float = 700.0
    sun_w: float = 2000.0
    mode: str = IDLE
    charge_kw: float = 0.0
    discharge_kw: float = 0.0
    current_a: float = 10.0
    may_charge: bool = True

    @property
    def car_w(self) -> float:
        """What the car draws."""
        return self.current_a * VOLTAGE_V * PHASES if self.may_charge else 0.0

    @property
    def battery_w(self) -> float:
        """What the battery takes: what it is told, else what covers the house."""
        told = {CHARGE: self.charge_kw * 1000.0, DISCHARGE: -self.discharge_kw * 1000.0}
        return told.get(self.mode, max(-BATTERY_W, min(BATTERY_W, self.sun_w - self.house_w - self.car_w)))

    @property
    def grid_w(self) -> float:
        """What the meter shows."""
        return self.house_w - self.sun_w + self.car_w + self.battery_w


HOUSE = House()


class Told(Entity):
    """An entity that is polled, and writes its state at each poll."""

    _attr_force_update = True

    def __init__(self, maker: str, unique_id: str, name: str) -> None:
        self._attr_unique_id, self._attr_name = unique_id, name
        self._attr_device_info = DeviceInfo(
            identifiers={(maker, maker)}, name=maker.partition("_")[0].title()
        )


class Measured(Told, SensorEntity):
    """A number of the house."""

    def __init__(
        self, maker: str, unique_id: str, name: str, unit: str | None, value: Callable[[House], Any]
    ) -> None:
        super().__init__(maker, unique_id, name)
        self._attr_native_unit_of_measurement = unit
        classes = {
            "kW": SensorDeviceClass.POWER,
            "W": SensorDeviceClass.POWER,
            "%": SensorDeviceClass.BATTERY,
        }
        self._attr_device_class = classes.get(unit or "")
        self._value = value

    @property
    @override
    def native_value(self) -> Any:  # a number or a text
        return self._value(HOUSE)


class SetNumber(Told, NumberEntity):
    """A number of the house that can be set."""

    def __init__(
        self, maker: str, unique_id: str, name: str, unit: str, bounds: tuple[float, float, float], field: str
    ) -> None:
        super().__init__(maker, unique_id, name)
        self._attr_native_unit_of_measurement = unit
        self._attr_native_min_value, self._attr_native_max_value, self._attr_native_step = bounds
        self._field = field

    @property
    @override
    def native_value(self) -> float:
        return float(getattr(HOUSE, self._field))

    @override
    async def async_set_native_value(self, value: float) -> None:
        setattr(HOUSE, self._field, value)


class Mode(Told, SelectEntity):
    """What the battery does."""

    @property
    @override
    def options(self) -> list[str]:
        return [IDLE, CHARGE, DISCHARGE]

    @property
    @override
    def current_option(self) -> str:
        return HOUSE.mode

    @override
    async def async_select_option(self, option: str) -> None:
        HOUSE.mode = option


class MayCharge(Told, SwitchEntity):
    """Whether the car may charge."""

    @property
    @override
    def is_on(self) -> bool:
        return HOUSE.may_charge

    @override
    async def async_turn_on(self, **_: Any) -> None:
        HOUSE.may_charge = True

    @override
    async def async_turn_off(self, **_: Any) -> None:
        HOUSE.may_charge = False


FOXESS: Mapping[str, list[Entity]] = {
    "sensor": [
        Measured(
            "foxess_modbus", "grid_consumption", "Grid consumption", "kW", lambda h: max(0, h.grid_w) / 1000
        ),
        Measured("foxess_modbus", "feed_in", "Feed-in", "kW", lambda h: max(0, -h.grid_w) / 1000),
        Measured("foxess_modbus", "pv_power_now", "PV power", "kW", lambda h: h.sun_w / 1000),
        Measured(
            "foxess_modbus", "battery_charge", "Battery charge", "kW", lambda h: max(0, h.battery_w) / 1000
        ),
        Measured(
            "foxess_modbus",
            "battery_discharge",
            "Battery discharge",
            "kW",
            lambda h: max(0, -h.battery_w) / 1000,
        ),
        Measured("foxess_modbus", "battery_soc", "Battery state of charge", "%", lambda _: 55),
    ],
    "select": [Mode("foxess_modbus", "force_charge_mode", "Force charge mode")],
    "number": [
        SetNumber(
            "foxess_modbus", "force_charge_power", "Force charge power", "kW", (0, 5, 0.001), "charge_kw"
        ),
        SetNumber(
            "foxess_modbus",
            "force_discharge_power",
            "Force discharge power",
            "kW",
            (0, 5, 0.001),
            "discharge_kw",
        ),
    ],
}
PEBLAR: Mapping[str, list[Entity]] = {
    "sensor": [
        Measured("peblar", "PBL-1_power_total", "Power", "W", lambda h: h.car_w),
        Measured("peblar", "PBL-1_cp_state", "State", None, lambda h: "charging" if h.car_w else "suspended"),
    ],
    "number": [
        SetNumber("peblar", "PBL-1_charge_current_limit", "Charge limit", "A", (6, 16, 1), "current_a")
    ],
    "switch": [MayCharge("peblar", "PBL-1_charge", "Charge")],
}
