"""What the house did, sampled fast, and the figures that follow from it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

from .house import House, HouseState

SAMPLE_INTERVAL_S = 0.02

# A household's load jumps; a limit counts as kept within this much, which is what a P1 meter's digits and
# the devices' own steps (1 A on three phases: 690 W is the coarsest, the battery fills it) leave over.
TOLERANCE_W = 50.0


@dataclass(frozen=True, slots=True)
class Sample:
    """The house at one moment of the monotonic clock."""

    at: float
    state: HouseState


class Recorder:
    """Samples the house in the background. Use ``async with recorder.running()``."""

    def __init__(self, house: House) -> None:
        """Nothing is recorded yet."""
        self.samples: list[Sample] = []
        self._house = house

    @property
    def now(self) -> HouseState:
        """The newest sample."""
        return self.samples[-1].state

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Sample until left. What stops the sampling is raised on leaving."""
        self.samples.append(Sample(monotonic(), await self._house.state()))
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled() and (error := task.exception()):
                raise error

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE_INTERVAL_S)
            self.samples.append(Sample(monotonic(), await self._house.state()))


def setpoint_written_at(samples: Sequence[Sample], since: float) -> float | None:
    """Return when any device's setpoint first differed from what it was at ``since``."""
    before = _setpoints_at(samples, since)
    changed = (sample.at for sample in samples if sample.at >= since and sample.state.setpoints != before)
    return next(changed, None)


def limit_reached_at(samples: Sequence[Sample], since: float, limit_w: float) -> float | None:
    """Return when the meter first was at or below the limit after ``since``."""
    within = (sample.at for sample in samples if sample.at >= since and kept(sample.state, limit_w))
    return next(within, None)


def limit_kept_share(samples: Sequence[Sample], since: float, until: float, limit_w: float) -> float:
    """Return the share of the samples from ``since`` to ``until`` that kept the limit; 0 without samples."""
    during = [kept(sample.state, limit_w) for sample in samples if since <= sample.at <= until]
    return sum(during) / len(during) if during else 0.0


def handed_back_at(samples: Sequence[Sample], since: float) -> float | None:
    """Return when no device was under control any more after ``since``."""
    free = (sample.at for sample in samples if sample.at >= since and not sample.state.controlled)
    return next(free, None)


def is_at_rest(samples: Sequence[Sample], lasting_s: float, within_w: float) -> bool:
    """Return whether for ``lasting_s`` nothing was controlled and the meter moved ``within_w`` at most."""
    last = [sample.state for sample in samples if sample.at >= samples[-1].at - lasting_s]
    if samples[-1].at - samples[0].at < lasting_s or any(state.controlled for state in last):
        return False
    powers_w = [state.grid_power_w for state in last]
    return max(powers_w) - min(powers_w) <= within_w


def kept(state: HouseState, limit_w: float) -> bool:
    """Return whether the meter is at or below the limit."""
    return state.grid_power_w <= limit_w + TOLERANCE_W


def _setpoints_at(samples: Sequence[Sample], moment: float) -> Mapping[str, float | None]:
    before = [sample.state.setpoints for sample in samples if sample.at < moment]
    return before[-1] if before else {}
