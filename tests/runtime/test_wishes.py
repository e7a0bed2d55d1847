"""The service that holds the wishes: kept a second after a change, ended in time, and told to who listens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.wishes import (
    ChargeMode,
    ChargerWishes,
    Ended,
    Export,
    ReadyBy,
    WishError,
    Wishes,
    pause,
    set_charge_mode,
    set_export,
    set_reserve,
    with_charger,
)
from custom_components.home_flex.core.wishes.codec import Kept, decode, encode
from custom_components.home_flex.runtime.wishes import DOCUMENT, WishService, kept_wishes

START = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Home:
    """A home whose wall clock and monotonic clock are set by hand, and what it keeps."""

    now: datetime = START
    now_s: float = 1000.0
    kept: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    writes: int = 0

    def put_document(self, key: str, document: Mapping[str, Any]) -> None:
        self.kept[key] = document
        self.writes += 1

    async def get_setting(self, key: str, default: Any = None) -> Any:
        return self.kept.get(key, default)

    def start(self) -> WishService:
        return WishService(
            self.kept.get(DOCUMENT),
            documents=self,
            clock=lambda: self.now,
            monotonic=lambda: self.now_s,
            zone=lambda: ZoneInfo("Europe/Amsterdam"),
        )

    def after(self, service: WishService, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.now += timedelta(seconds=1)
            self.now_s += 1
            service.advance()


def test_a_change_is_kept_a_second_later_and_several_at_once() -> None:
    home = Home()
    service = home.start()
    service.change(lambda wishes: set_reserve(wishes, "battery", 0.3))
    service.change(lambda wishes: set_export(wishes, Export.NEVER))
    service.advance()
    assert home.writes == 0
    home.after(service, 1)
    assert home.writes == 1
    assert home.start().wishes == service.wishes
    home.after(service, 60)
    assert home.writes == 1


def test_what_is_not_kept_yet_is_handed_over_at_the_end() -> None:
    home = Home()
    service = home.start()
    service.change(lambda wishes: set_reserve(wishes, "battery", 0.3))
    service.flush()
    service.flush()
    assert home.writes == 1
    assert home.start().wishes.battery("battery").reserve == 0.3


def test_a_wish_that_changes_nothing_is_not_written() -> None:
    home = Home()
    service = home.start()
    service.change(lambda wishes: set_export(wishes, Export.ALLOWED))
    home.after(service, 5)
    assert home.writes == 0


def test_a_refused_change_leaves_everything_as_it_was() -> None:
    service = Home().start()
    with pytest.raises(WishError):
        service.change(lambda wishes: set_reserve(wishes, "battery", 7.0))
    assert service.wishes == Wishes()


def test_a_wish_ends_when_its_time_has_come_and_that_is_told_and_kept() -> None:
    home = Home()
    service = home.start()
    told: list[tuple[Ended, ...]] = []
    service.add_listener(told.append)
    service.change(lambda wishes: pause(wishes, home.now + timedelta(seconds=30)))
    home.after(service, 29)
    assert service.wishes.site.paused
    home.after(service, 1)
    assert not service.wishes.site.paused
    assert told == [(), (Ended(wish="paused", device_id="", at=START + timedelta(seconds=30)),)]
    home.after(service, 1)
    assert home.start().wishes == Wishes()


def test_a_listener_that_stopped_is_told_nothing() -> None:
    service = Home().start()
    told: list[tuple[Ended, ...]] = []
    stop = service.add_listener(told.append)
    stop()
    stop()
    service.change(pause)
    assert told == []


@pytest.mark.parametrize(("step", "paused"), [(2 * HOUR, False), (-2 * HOUR, True)])
def test_an_end_goes_by_the_wall_clock_also_after_it_was_set(step: timedelta, paused: bool) -> None:
    home = Home()
    service = home.start()
    service.change(lambda wishes: pause(wishes, home.now + HOUR))
    home.now += step
    home.after(service, 1)
    assert service.wishes.site.paused is paused


def test_what_ended_while_the_home_was_away_has_ended_at_start() -> None:
    home = Home()
    lasting = set_charge_mode(Wishes(), "car", ChargeMode.SURPLUS)
    passing = set_charge_mode(lasting, "car", ChargeMode.FAST, until=START + HOUR)
    home.kept[DOCUMENT] = encode(Kept(wishes=passing))
    home.now += 2 * HOUR
    service = home.start()
    assert service.wishes == lasting
    home.after(service, 1)
    assert decode(home.kept[DOCUMENT]).wishes == lasting


def test_charge_now_survives_a_restart_and_ends_when_the_car_is_proven_to_have_left() -> None:
    home = Home()
    service = home.start()
    service.change(lambda wishes: with_charger(wishes, "car", charge_now=True))
    service.flush()
    service = home.start()
    for connected, seconds, expected in (
        (False, 60, True),
        (True, 60, True),
        (None, 60, True),
        (False, 9, True),
        (True, 5, True),
        (False, 12, False),
    ):
        for _ in range(seconds):
            service.plug_seen("car", connected=connected)
            home.after(service, 1)
        assert service.wishes.charger("car").charge_now is expected


def test_a_reached_target_settles_its_deadline_only() -> None:
    home = Home()
    home.kept[DOCUMENT] = encode(
        Kept(wishes=Wishes(chargers={"car": ChargerWishes(ready_by=ReadyBy(weekly_on=True))}))
    )
    service = home.start()
    service.target_reached("car", START + HOUR)
    assert service.wishes.charger("car").ready_by == ReadyBy(weekly_on=True, settled=START + HOUR)


def test_what_is_not_understood_is_named_until_the_resident_sets_it_anew() -> None:
    home = Home()
    home.kept[DOCUMENT] = {"version": 1, "site": {"export": "sometimes", "island": True}}
    service = home.start()
    assert service.wishes.site.export is Export.NEVER
    assert list(service.not_understood) == ["site.export", "site.island"]
    service.change(lambda wishes: set_export(wishes, Export.ALLOWED))
    assert list(service.not_understood) == ["site.island"]
    service.flush()
    assert home.kept[DOCUMENT]["site"]["island"] is True


async def test_a_home_from_before_standing_wishes_keeps_its_reserves() -> None:
    home = Home()
    home.kept |= {"reserve.cellar": 0.35, "reserve.attic": "much"}  # type: ignore[dict-item] # settings
    document = await kept_wishes(home, ["cellar", "attic", "new"])
    wishes = decode(document).wishes
    assert {each: wishes.battery(each).reserve for each in ("cellar", "attic", "new")} == {
        "cellar": 0.35,
        "attic": 0.1,
        "new": 0.1,
    }
    home.kept[DOCUMENT] = encode(Kept(wishes=set_reserve(Wishes(), "cellar", 0.5)))
    assert decode(await kept_wishes(home, ["cellar"])).wishes.battery("cellar").reserve == 0.5


async def test_a_new_home_has_no_document() -> None:
    assert await kept_wishes(Home(), ["cellar"]) is None
