"""The one adapter to the hub: what homes tell of their return, and what the hub makes of it."""

import numpy as np
from community_hub.flexibility.release import NOT_CALLED, Returns, peak_caps_w, shaped
from numpy.typing import NDArray

from .fleet import EVENT_END, EVENT_START, MINUTES, Array, Fleet, Lived

_SLOT_MIN = 5
# By then a heat pump has caught up, so that its house is not cold for longer.
_PUMPS_WITHIN_MIN = 120
# What a home tells of its return is so far off, and the forecast of all the rest.
_TOLD_OFF, _FORECAST_OFF = 0.15, 0.03


def released(
    random: np.random.Generator, fleet: Fleet, candidates: NDArray[np.bool_], without: Lived, *, bounded: bool
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return who is called and the minute from which each is let go, planned before the event begins.

    ``without``: the evening without an event, of which the hub has a forecast only. ``bounded``: only those
    are called whose return fits under the peak before the event, or without any.
    """
    homes = np.flatnonzero(candidates)
    told = 1 + _TOLD_OFF * random.uniform(-1, 1, len(homes))
    usual = fleet.usual_w[homes] * (1 + _TOLD_OFF * random.uniform(-1, 1, len(homes)))
    kept_wh = np.where(
        fleet.is_car[homes],
        without.device_w[homes, EVENT_START:].sum(axis=1) / 60,
        fleet.usual_w[homes] * (EVENT_END - EVENT_START) / 60,
    )
    latest = np.where(fleet.is_car[homes], MINUTES - EVENT_END, _PUMPS_WITHIN_MIN) // _SLOT_MIN - 1
    feeders = int(fleet.feeder.max()) + 1
    others = fleet.rest_w + np.where(candidates[:, None], 0.0, without.device_w)
    all_of_it = fleet.rest_w + without.device_w
    off = 1 + _FORECAST_OFF * random.uniform(-1, 1, (feeders, 1))
    returns = Returns(
        feeder=fleet.feeder[homes],
        power_w=np.round(fleet.power_w[homes]).astype(np.int64),
        usual_w=np.minimum(np.round(usual), 0.95 * fleet.power_w[homes]).astype(np.int64),
        backlog_wh=np.round(kept_wh * told).astype(np.int64),
        latest=latest.astype(np.int64),
        anyway_w=np.round(_slots(without.device_w[homes, EVENT_END:])).astype(np.int64),
        slot_s=_SLOT_MIN * 60,
    )
    caps_w = peak_caps_w(
        off * _by_feeder(_slots(all_of_it[:, :EVENT_START]), fleet.feeder, feeders),
        off * _by_feeder(_slots(all_of_it[:, EVENT_END:]), fleet.feeder, feeders),
    )
    release = shaped(
        returns,
        off * _by_feeder(_slots(others[:, EVENT_END:]), fleet.feeder, feeders),
        caps_w=caps_w if bounded else None,
        merit=random.permutation(len(homes)).tolist(),
    )
    called = np.zeros(len(candidates), dtype=np.bool_)
    let_go = np.full(len(candidates), EVENT_END, dtype=np.int64)
    called[homes] = release.called
    starts = np.where(release.start == NOT_CALLED, 0, release.start)
    let_go[homes] = EVENT_END + _SLOT_MIN * starts
    return called, let_go


def _slots(power_w: Array) -> Array:
    return np.asarray(power_w.reshape(len(power_w), -1, _SLOT_MIN).mean(axis=2))


def _by_feeder(power_w: Array, feeder: NDArray[np.int64], feeders: int) -> Array:
    sums = np.zeros((feeders, power_w.shape[1]))
    np.add.at(sums, feeder, power_w)
    return sums
