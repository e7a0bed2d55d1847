"""Whatever stands in the registers of a map, a reading is one that can be, or there is none."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from dataclasses import astuple
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modbus_connection.mock import MockModbusConnection

from custom_components.home_flex.core.model import Reading
from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.sunspec import (
    Access,
    SunSpecBattery,
    SunSpecInverter,
    SunSpecMeter,
)

from ..fakes import sunspec_hybrids as hybrids
from ..fakes import sunspec_images as images
from ..fakes.listener import noon
from ..fakes.modbus_server import models_of
from ..fakes.sunspec_map import discover

type Image = dict[int, int]

_IMAGES = {
    "gen24": hybrids.gen24(),
    "kostal": hybrids.kostal(),
    "714": hybrids.der_hybrid(),
    "704": images.der_battery(),
    "124": images.classic_battery(),
    "float": images.float_pv(),
    "meter": hybrids.solaredge(),
}
_TELLING = st.sampled_from([0, 1, 2, 3, 4, 0x7FFF, 0x8000, 0x8001, 0xFFFE, 0xFFFF, 0x7FC0, 0x7F80])


@st.composite
def scrambled(draw: st.DrawFn) -> Image:
    """Return a map with any values in some registers; its headers stand where they did."""
    image = dict(_IMAGES[draw(st.sampled_from(sorted(_IMAGES)))])
    headers = {address + offset for address in models_of(image).values() for offset in (0, 1)}
    free = sorted(set(image) - headers - set(range(40000, 40070)))
    for address in draw(st.lists(st.sampled_from(free), max_size=30)):
        image[address] = draw(_TELLING | st.integers(0, 0xFFFF))
    return image


async def read(image: Image, make: Callable[[Access], Any]) -> Reading | None:
    unit = MockModbusConnection().for_unit(1)
    unit.holding.update(image)
    try:
        reading: Reading = await make(Access(unit=unit)).read()
    except DeviceError:
        return None
    return reading


def run[T](work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner() as runner:
        return runner.run(work)


@pytest.mark.parametrize("driver", [SunSpecBattery, SunSpecInverter, SunSpecMeter])
@settings(max_examples=120)
@given(image=scrambled())
def test_every_number_of_a_reading_is_finite(driver: Any, image: Image) -> None:
    reading = run(read(image, lambda access: driver(access, clock=noon)))
    if reading is not None:
        numbers = [value for value in astuple(reading) if isinstance(value, float)]
        assert all(math.isfinite(number) for number in numbers)


@settings(max_examples=60)
@given(words=st.lists(_TELLING | st.integers(0, 0xFFFF), min_size=2, max_size=200))
def test_any_chain_of_models_is_walked_to_an_end(words: list[int]) -> None:
    image = images.image(images.common(), words, end=[])

    async def walk() -> None:
        unit = MockModbusConnection().for_unit(1)
        unit.holding.update(image)
        try:
            await discover(unit)
        except DeviceError:
            return

    run(walk())
