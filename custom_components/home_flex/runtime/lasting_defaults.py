"""What each charger falls back to without us: reckoned anew when wiring or priorities change, and told."""

from collections.abc import Iterable, Mapping

from ..core.control.lasting_default import DefaultCharger, lasting_defaults_a
from ..core.control.network import Wiring
from ..core.kinds import is_flexible
from ..core.model import DeviceKind, Network, Site, one_circuit
from ..core.wishes import Wishes
from ..devices.driver import KeepsDefault
from .device_slot import DeviceSlot

# Of a charger of which nothing is known: what any vehicle needs, and the most a home's charger gives.
_RANGE_A = (6.0, 32.0)


class LastingDefaults:
    """Tells the chargers of a site their lasting defaults, once for each change."""

    def __init__(self, site: Site, network: Network | None) -> None:
        """Know the wiring; ``network`` None: everything hangs behind the main fuse."""
        self._site = site
        self._network = network
        self._told: object = None
        self.defaults_a: Mapping[str, int] = {}

    def tell(self, slots: Iterable[DeviceSlot], wishes: Wishes) -> None:
        """Tell each charger that keeps a default its own; one that is not to be managed counts, untold."""
        flexible = [slot for slot in slots if is_flexible(slot.kind)]
        chargers = tuple(
            _default_charger(slot, wishes) for slot in flexible if slot.kind is DeviceKind.EV_CHARGER
        )
        managed = frozenset(slot.device_id for slot in flexible if wishes.device(slot.device_id).managed)
        if (chargers, managed) == self._told:
            return
        self._told = (chargers, managed)
        ids = frozenset(slot.device_id for slot in flexible)
        network = self._network or one_circuit(self._site, ids, None)
        wirings = {slot.device_id: Wiring(phases=slot.wired_phases) for slot in flexible}
        self.defaults_a = lasting_defaults_a(network, wirings, chargers)
        for slot in flexible:
            if slot.device_id in self.defaults_a.keys() & managed and isinstance(slot.driver, KeepsDefault):
                slot.driver.keep_default(float(self.defaults_a[slot.device_id]))


def default_kept(slot: DeviceSlot) -> bool | None:
    """Return whether a charger keeps its default; None while that is not known, and of what keeps none."""
    return slot.driver.default_kept if isinstance(slot.driver, KeepsDefault) else None


def _default_charger(slot: DeviceSlot, wishes: Wishes) -> DefaultCharger:
    least_a, most_a = slot.driver.current_range_a if isinstance(slot.driver, KeepsDefault) else _RANGE_A
    return DefaultCharger(
        device_id=slot.device_id,
        priority=wishes.charger(slot.device_id).priority,
        min_current_a=least_a,
        max_current_a=most_a,
    )
