"""Where the sun stands, and what a clear sky sends down: from the time and the place alone."""

import math
from dataclasses import dataclass

import numpy as np

from .forecast import FloatArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a home stands, in degrees: north and east are positive. Raises ValueError off the globe."""

    latitude_deg: float
    longitude_deg: float

    def __post_init__(self) -> None:
        """Raise for what is no place."""
        if not (abs(self.latitude_deg) <= 90 and abs(self.longitude_deg) <= 180):
            raise ValueError(f"No place is at {self.latitude_deg}, {self.longitude_deg}")


def sine_of_elevation(time_s: FloatArray, place: Place) -> FloatArray:
    """Return the sine of the sun's elevation at moments in seconds since 1970; below 0 at night.

    Declination and equation of time after J. W. Spencer, Fourier series representation of the position of the
    sun, Search 2 (1971) 172: within 0.05 degrees and half a minute. Refraction is left out.
    """
    days = time_s / 86_400
    # Spencer's day angle runs with the calendar year; the mean year is off by at most a day, 0.4 degrees.
    angle = 2 * math.pi * ((days - 0.5) % 365.2425) / 365.2425
    declination = (
        0.006918
        - 0.399912 * np.cos(angle)
        + 0.070257 * np.sin(angle)
        - 0.006758 * np.cos(2 * angle)
        + 0.000907 * np.sin(2 * angle)
        - 0.002697 * np.cos(3 * angle)
        + 0.00148 * np.sin(3 * angle)
    )
    equation_of_time = (
        0.000075
        + 0.001868 * np.cos(angle)
        - 0.032077 * np.sin(angle)
        - 0.014615 * np.cos(2 * angle)
        - 0.040849 * np.sin(2 * angle)
    )
    hour_angle = 2 * math.pi * (days % 1.0) - math.pi + math.radians(place.longitude_deg) + equation_of_time
    latitude = math.radians(place.latitude_deg)
    sine: FloatArray = math.sin(latitude) * np.sin(declination) + math.cos(latitude) * np.cos(
        declination
    ) * np.cos(hour_angle)
    return sine


def clear_sky(time_s: FloatArray, place: Place) -> FloatArray:
    """Return what a clear sky sends onto level ground at moments in seconds since 1970, in W/m2.

    1098 x sin(e) x exp(-0.057 / sin(e)), after B. Haurwitz, Insolation in relation to cloudiness and cloud
    density, Journal of Meteorology 2 (1945) 154. The roof's tilt and shadows are learned, not reckoned.
    """
    sine = np.maximum(sine_of_elevation(time_s, place), 1e-3)
    irradiance: FloatArray = np.where(sine > 1e-3, 1098.0 * sine * np.exp(-0.057 / sine), 0.0)
    return irradiance
