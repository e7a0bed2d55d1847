"""What a person enters of a device that it does not tell, or tells wrongly."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Nameplate:
    """Ratings in W and Wh; None is what the device tells. What is entered comes first."""

    rated_power_w: float | None = None
    capacity_wh: float | None = None
    max_charge_w: float | None = None
    max_discharge_w: float | None = None
