"""A day's receipt: what happened, what would have happened otherwise, and what that is worth.

Everything is reckoned by quarter-hours from what the meter's registers and the devices counted. What would
have been imported and exported otherwise follows from the net power that would have been: what the
registers of a quarter-hour counted in both directions stays, so that no change gives back the bill.

* ``without_event``: the quarter-hours of events take what their baselines say.
* ``without_battery``: neither charged nor discharged. ``without_sun``: nothing produced either.
* ``without_plan``: the batteries together cover the house from what they held at the day's start.
* ``flat_tariff``: the same energy at the mean import price of the day's quarter-hours, exports as they were.

Other energy in the batteries at the end is worth the mean import price: to empty them is no profit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, Final

from .canonical import Json
from .exact import decimal_text
from .given_up import GivenUp, given_up_from, given_up_in_all
from .rerun import Battery, Cover, batteries_run
from .tally import QUARTER_MS

METHOD: Final = "day/1"
_WH_A_KWH: Final = 1000
_GRAM: Final = Decimal(1)
_DIGITS: Final = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Quarter:
    """A quarter-hour: what was counted, in Wh and at least 0, None where it is not known.

    ``event_wh``: what events' baselines have above what was used in it (positive = consumption). Prices per
    kWh in the currency of the receipt, ``carbon`` in g/kWh, None where it is not known.
    """

    import_wh: int | None
    export_wh: int | None
    production_wh: int | None = 0
    charge_wh: int | None = 0
    discharge_wh: int | None = 0
    event_wh: int = 0
    import_price: Decimal | None = None
    export_price: Decimal | None = None
    carbon: Decimal | None = None

    @property
    def is_known(self) -> bool:
        """Whether all that was counted is known, and what a kWh cost."""
        counted = (self.import_wh, self.export_wh, self.production_wh, self.charge_wh, self.discharge_wh)
        return None not in counted and self.import_price is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class DayAccount:
    """All that a receipt of one day is reckoned from.

    ``day``: its date, bounds and zone. ``battery``: the home's batteries together at the day's start, None
    without any or while what they held is not known; ``stored_wh`` what they held at its end. ``events``: the
    digests of the receipts of the events on it. ``given_up``: what the resident gave up, by device.
    ``priced_afterwards``: how many quarter-hours have a price that became known only after them.
    ``replaces``: the digest of the receipt it follows up.
    """

    home: str
    day: Mapping[str, Json]
    currency: str
    quarters: tuple[Quarter, ...]
    battery: Battery | None = None
    stored_wh: int | None = None
    events: tuple[str, ...] = ()
    given_up: GivenUp | None = None
    priced_afterwards: int = 0
    replaces: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """One course of the day: import and export of each known quarter-hour, and what batteries gained, Wh."""

    flows_wh: tuple[tuple[int, int], ...]
    gained_wh: int = 0


def day_document(account: DayAccount) -> dict[str, Json]:
    """Return the receipt of a day as a canonical document."""
    document: dict[str, Json] = {
        "method": METHOD,
        "home": account.home,
        "day": account.day,
        "currency": account.currency,
        "quarters": {
            name: [_text(getattr(each, name)) for each in account.quarters] for name in Quarter.__slots__
        },
        "battery": None
        if account.battery is None
        else {name: getattr(account.battery, name) for name in Battery.__slots__},
        "stored_wh": account.stored_wh,
        "events": list(account.events),
        "given_up": account.given_up,
        "priced_afterwards": account.priced_afterwards,
        "replaces": account.replaces,
    }
    return {**document, "results": day_results(account)}


def day_account(document: Mapping[str, Any]) -> DayAccount:
    """Return what a day's receipt was reckoned from. Raises LookupError, TypeError or ValueError."""
    columns = document["quarters"]
    battery = document["battery"]
    rows = zip(*(columns[name] for name in Quarter.__slots__), strict=True)
    return DayAccount(
        home=document["home"],
        day=document["day"],
        currency=document["currency"],
        quarters=tuple(_quarter(dict(zip(Quarter.__slots__, row, strict=True))) for row in rows),
        battery=None
        if battery is None
        else Battery(**{name: _whole(battery[name]) for name in Battery.__slots__}),
        stored_wh=None if document["stored_wh"] is None else _whole(document["stored_wh"]),
        events=tuple(document["events"]),
        given_up=given_up_from(document["given_up"]),
        priced_afterwards=_whole(document["priced_afterwards"]),
        replaces=document["replaces"],
    )


def day_results(account: DayAccount) -> dict[str, Json]:
    """Return what follows from a day's account, as it stands in its receipt under ``results``.

    Energies in whole Wh over the known quarter-hours, money and carbon (g) as texts, rounded once at the end.
    ``saved`` is what the other course would have cost above what happened. None: it cannot be told.
    """
    known = [each for each in account.quarters if each.is_known]
    gone = given_up_in_all(account.given_up)
    if not known:
        return {"known": "0.0000", "happened": None, "otherwise": {}, "given_up": gone}
    with localcontext(prec=_DIGITS):
        price = sum((each.import_price or Decimal(0) for each in known), Decimal(0)) / len(known)
        happened = Course(
            flows_wh=tuple((each.import_wh or 0, each.export_wh or 0) for each in known),
            gained_wh=_gained_wh(account),
        )
        cost = _worth(known, happened, price)
        others = {
            name: None if course is None else _otherwise(known, course, price, cost)
            for name, course in _courses(account, known).items()
        }
        flat = _money(known, happened.flows_wh, lambda _: price) - happened.gained_wh * price / _WH_A_KWH
        others["flat_tariff"] = {"cost": decimal_text(flat), "saved": decimal_text(flat - cost)}
        return {
            "known": str(
                (Decimal(len(known)) / len(account.quarters)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
            ),
            "happened": {
                "import_wh": sum(taken_wh for taken_wh, _ in happened.flows_wh),
                "export_wh": sum(given_wh for _, given_wh in happened.flows_wh),
                "production_wh": sum(each.production_wh or 0 for each in known),
                "charge_wh": sum(each.charge_wh or 0 for each in known),
                "discharge_wh": sum(each.discharge_wh or 0 for each in known),
                "stored_change_wh": happened.gained_wh,
                "cost": decimal_text(cost),
                "carbon_g": _carbon(known, happened),
            },
            "otherwise": others,
            "given_up": gone,
        }


def _courses(account: DayAccount, known: Sequence[Quarter]) -> dict[str, Course | None]:
    house_wh = [_net(each) - (each.charge_wh or 0) + (each.discharge_wh or 0) for each in known]
    return {
        "without_event": _course(known, [_net(each) + each.event_wh for each in known], _gained_wh(account))
        if account.events
        else None,
        "without_battery": _course(known, house_wh),
        "without_sun": _course(
            known, [wh + (each.production_wh or 0) for wh, each in zip(house_wh, known, strict=True)]
        ),
        "without_plan": _by_rule(account, known, house_wh),
    }


def _by_rule(account: DayAccount, known: Sequence[Quarter], house_wh: Sequence[int]) -> Course | None:
    battery = account.battery
    if battery is None or account.stored_wh is None or len(known) < len(account.quarters):
        return None
    (moves_wh,) = batteries_run(
        ((battery, (Cover(),) * len(known)),),
        lengths_ms=(QUARTER_MS,) * len(known),
        house_wh=house_wh,
        cars_wh=(0,) * len(known),
    )
    after = battery
    for move_wh in moves_wh:
        after, _ = after.stepped(move_wh, QUARTER_MS)
    net_wh = [house + move for house, move in zip(house_wh, moves_wh, strict=True)]
    return _course(known, net_wh, after.stored_wh - battery.stored_wh)


def _course(known: Sequence[Quarter], net_wh: Sequence[int], gained_wh: int = 0) -> Course:
    """Return the course of which the net energies are these; what overlapped in a quarter-hour stays."""
    flows = []
    for each, net in zip(known, net_wh, strict=True):
        overlap = min(each.import_wh or 0, each.export_wh or 0)
        flows.append((max(net, 0) + overlap, max(-net, 0) + overlap))
    return Course(flows_wh=tuple(flows), gained_wh=gained_wh)


def _otherwise(known: Sequence[Quarter], course: Course, price: Decimal, cost: Decimal) -> dict[str, Json]:
    other = _worth(known, course, price)
    return {
        "import_wh": sum(taken_wh for taken_wh, _ in course.flows_wh),
        "export_wh": sum(given_wh for _, given_wh in course.flows_wh),
        "cost": decimal_text(other),
        "saved": decimal_text(other - cost),
        "carbon_g": _carbon(known, course),
    }


def _worth(known: Sequence[Quarter], course: Course, price: Decimal) -> Decimal:
    paid = _money(known, course.flows_wh, lambda each: each.import_price or Decimal(0))
    return paid - course.gained_wh * price / _WH_A_KWH


def _money(
    known: Sequence[Quarter], flows_wh: Sequence[tuple[int, int]], price: Callable[[Quarter], Decimal]
) -> Decimal:
    return sum(
        (
            (taken_wh * price(each) - given_wh * (each.export_price or Decimal(0))) / _WH_A_KWH
            for each, (taken_wh, given_wh) in zip(known, flows_wh, strict=True)
        ),
        Decimal(0),
    )


def _carbon(known: Sequence[Quarter], course: Course) -> str | None:
    """Return the carbon of what was imported, g; None where it is not known all day."""
    if any(each.carbon is None for each in known):
        return None
    grams = sum(
        (
            taken_wh * (each.carbon or Decimal(0)) / _WH_A_KWH
            for each, (taken_wh, _) in zip(known, course.flows_wh, strict=True)
        ),
        Decimal(0),
    )
    return decimal_text(grams, _GRAM)


def _gained_wh(account: DayAccount) -> int:
    if account.battery is None or account.stored_wh is None:
        return 0
    return account.stored_wh - account.battery.stored_wh


def _net(quarter: Quarter) -> int:
    return (quarter.import_wh or 0) - (quarter.export_wh or 0)


def _text(value: int | Decimal | None) -> Json:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _quarter(row: Mapping[str, Any]) -> Quarter:
    return Quarter(
        import_wh=_whole_or_none(row["import_wh"]),
        export_wh=_whole_or_none(row["export_wh"]),
        production_wh=_whole_or_none(row["production_wh"]),
        charge_wh=_whole_or_none(row["charge_wh"]),
        discharge_wh=_whole_or_none(row["discharge_wh"]),
        event_wh=_whole(row["event_wh"]),
        import_price=_decimal_or_none(row["import_price"]),
        export_price=_decimal_or_none(row["export_price"]),
        carbon=_decimal_or_none(row["carbon"]),
    )


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value


def _whole_or_none(value: object) -> int | None:
    return None if value is None else _whole(value)


def _decimal_or_none(value: object) -> Decimal | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return None if value is None else Decimal(value)
