"""Where the sun stands, and what falls on a tilted roof."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
_DIFFUSE_SHARE = 0.15
_HIGHEST_IRRADIANCE_W_PER_M2 = 1100.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Degrees north and degrees east."""

    latitude: float = 52.1
    longitude: float = 5.1


@dataclass(frozen=True, kw_only=True, slots=True)
class SunPosition:
    """Radians: ``elevation`` above the horizon, ``azimuth`` clockwise from north."""

    elevation: float
    azimuth: float


def sun_position(time: datetime, place: Place) -> SunPosition:
    """Position of the sun at an aware ``time``, good to about 0.01 degree between 1950 and 2050.

    The Astronomical Almanac's low-precision formulas (U.S. Naval Observatory), section C.
    """
    days = (time - _J2000).total_seconds() / 86400
    mean_anomaly = math.radians((357.529 + 0.98560028 * days) % 360)
    mean_longitude = (280.459 + 0.98564736 * days) % 360
    longitude = math.radians(
        mean_longitude + 1.915 * math.sin(mean_anomaly) + 0.020 * math.sin(2 * mean_anomaly)
    )
    obliquity = math.radians(23.439 - 0.00000036 * days)
    right_ascension = math.atan2(math.cos(obliquity) * math.sin(longitude), math.cos(longitude))
    declination = math.asin(math.sin(obliquity) * math.sin(longitude))
    sidereal = math.radians((280.46061837 + 360.98564736629 * days + place.longitude) % 360)
    hour_angle = sidereal - right_ascension
    latitude = math.radians(place.latitude)
    elevation = math.asin(
        math.sin(latitude) * math.sin(declination)
        + math.cos(latitude) * math.cos(declination) * math.cos(hour_angle)
    )
    azimuth = math.atan2(
        -math.sin(hour_angle),
        math.tan(declination) * math.cos(latitude) - math.sin(latitude) * math.cos(hour_angle),
    )
    return SunPosition(elevation=elevation, azimuth=azimuth % math.tau)


def irradiance_on_roof(sun: SunPosition, *, tilt: float, azimuth: float, cloud: float) -> float:
    """Irradiance in W/m2 on a roof tilted by ``tilt`` rad towards ``azimuth`` rad, under ``cloud`` 0..1.

    Clear sky after Haurwitz (1945), attenuation by cloud after Kasten and Czeplak (1980).
    """
    sine = math.sin(sun.elevation)
    if sine <= 0.01:
        return 0.0
    clear = 1098.0 * sine * math.exp(-0.057 / sine)
    incidence = sine * math.cos(tilt) + math.cos(sun.elevation) * math.sin(tilt) * math.cos(
        sun.azimuth - azimuth
    )
    tilted = clear * (_DIFFUSE_SHARE + (1 - _DIFFUSE_SHARE) * max(0.0, incidence) / max(sine, 0.1))
    attenuation: float = 1 - 0.75 * cloud**3.4
    return min(tilted, _HIGHEST_IRRADIANCE_W_PER_M2) * attenuation
