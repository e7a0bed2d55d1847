"""Who the product is measured against: nobody, and one who knows what no controller can know."""

from collections.abc import Mapping, Sequence

from .charger import SMALLEST_A
from .exchange import VOLTAGE_V, Asked, DeviceFacts, Order, Report, SiteFacts, Telegram
from .house import House


class Nobody:
    """The same home without control."""

    meter_lost = False

    def __init__(self, site: SiteFacts, devices: Sequence[DeviceFacts]) -> None:
        """Nothing is needed."""

    def tick(
        self, now_s: float, telegram: Telegram | None, reports: Mapping[str, Report], asked: Asked
    ) -> Sequence[Order]:
        """Order nothing."""
        del now_s, telegram, reports, asked
        return ()


def unavoidable_ws(house: House, *, limit_w: float, length_s: float, from_s: float) -> float:
    """Return the W·s over an import limit in a house whose first device, a battery, is ordered perfectly.

    Perfectly: with each telegram, at once, to what it would have had to be when the telegram was measured,
    as if the meter told the house's load by itself. What is left is age, period, dead time and ramp.
    """
    device_id = next(iter(house.devices))
    over_ws, told_w = 0.0, 0.0
    while house.now_s < length_s:
        if house.step() and house.heard is not None:
            wanted_w = min(0.0, limit_w - house.heard.rest_w)
            if wanted_w != told_w:
                told_w = wanted_w
                house.order(Order(device_id=device_id, value=wanted_w))
        if house.now_s > from_s:
            over_ws += max(0.0, house.grid_w - limit_w) * house.spec.step_s
    return over_ws


def perfect_charge_w(surplus_w: float, phases: int, max_a: float) -> float:
    """Return what a car draws that follows the surplus at once, and stops below its smallest current."""
    per_ampere_w = VOLTAGE_V * phases
    if surplus_w < SMALLEST_A * per_ampere_w:
        return 0.0
    return min(surplus_w, max_a * per_ampere_w)
