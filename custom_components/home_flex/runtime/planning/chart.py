"""A plan as a picture: prices, what the meter is to show, what each device does, and what stores hold.

One SVG that needs nothing but itself. Its colours follow the reader's light or dark theme, and every stretch
carries its words as a tooltip, so that it can be read aloud.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from ...core.planner.plan import DevicePlan, Plan
from .showing import stretches

_WIDTH, _LEFT, _RIGHT = 960.0, 150.0, 16.0
_PRICES, _LANE, _NET, _GAP, _AXIS = 90.0, 34.0, 90.0, 26.0, 24.0
_HOURS_APART = 4
_STYLE: Final = """
.paper{fill:#fff}text{font:13px system-ui,sans-serif;fill:#1c1c1e}.quiet{fill:#6b6b70;font-size:12px}
.grid{stroke:#d5d5da;stroke-width:1}.now{stroke:#d0342c;stroke-width:1.5}
.price{fill:#7a8fb8}.guessed{opacity:.45}.buys{fill:#5b6fa8}.sells{fill:#c98a1b}.held{stroke:#2f7d4f;stroke-width:2;fill:none}
.charge,.take{fill:#3a7ca5}.give{fill:#c98a1b}.cover_house{fill:#8fbf9f}.surplus,.produce{fill:#e3b341}
.hold,.off,.no_sun,.leave_alone{fill:#c4c4cb}.what{opacity:.28}.start,.run{fill:#8a63a8}.curtail{fill:#b05f3c}
@media(prefers-color-scheme:dark){.paper{fill:#1c1c1e}text{fill:#ececf0}.quiet{fill:#a0a0a8}.grid{stroke:#3a3a40}.hold,.off,.no_sun,.leave_alone{fill:#5a5a62}}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartWords:
    """The words of a chart: of its rows, of what devices do (by IntentKind), and the devices' names."""

    price: str
    meter: str
    kinds: Mapping[str, str]
    names: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Charted:
    """What is drawn: a plan, the import price of each step, from which step it is guessed, and the moment."""

    plan: Plan
    prices: Sequence[float]
    currency: str
    now: datetime
    guessed_from: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scale:
    """Where a moment is drawn."""

    start: datetime
    end: datetime

    def x(self, time: datetime) -> float:
        """Return the place of a moment within the chart, clipped to it."""
        share = (time - self.start) / (self.end - self.start)
        return _LEFT + min(1.0, max(0.0, share)) * (_WIDTH - _LEFT - _RIGHT)


def chart(drawn: Charted, words: ChartWords, zone: tzinfo) -> str:
    """Return the picture of a plan as SVG text; ``zone`` is where its hours are told."""
    plan = drawn.plan
    scale = _Scale(start=plan.grid.start, end=plan.grid.end)
    parts: list[str] = []
    top = _GAP
    parts += _bars(scale, plan, drawn.prices, top, _PRICES, lambda index: _price_class(drawn, index))
    parts.append(
        _label(words.price, top, f"{min(drawn.prices):.2f} to {max(drawn.prices):.2f} {drawn.currency}")
    )
    top += _PRICES + _GAP
    kw = [power_w / 1000 for power_w in plan.net_w]
    parts += _bars(scale, plan, kw, top, _NET, lambda index: "buys" if kw[index] >= 0 else "sells")
    parts.append(_label(words.meter, top, f"{min(kw):.1f}…{max(kw):.1f} kW"))
    top += _NET + _GAP
    for device in plan.devices.values():
        parts += _lane(scale, plan, device, words, top, zone)
        top += _LANE + _GAP / 2
    height = top + _AXIS
    grid = [*_hours(scale, zone, top), _line(scale.x(drawn.now), top, "now")]
    title = escape(f"{words.price}, {words.meter}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {height:g}" role="img">'
        f"<title>{title}</title><style>{_STYLE}</style>"
        f'<rect class="paper" width="{_WIDTH:g}" height="{height:g}"/>{"".join(grid)}{"".join(parts)}</svg>'
    )


def _price_class(drawn: Charted, index: int) -> str:
    is_guessed = drawn.guessed_from is not None and index >= drawn.guessed_from
    return "price guessed" if is_guessed else "price"


def _bars(
    scale: _Scale,
    plan: Plan,
    values: Sequence[float],
    top: float,
    height: float,
    name: Callable[[int], str],
) -> Iterator[str]:
    """Yield a bar for each step, up from zero for what is positive and down for what is negative."""
    high, low = max(0.0, *values), min(0.0, *values)
    span = (high - low) or 1.0
    zero = top + height * high / span
    for index, (step, value) in enumerate(zip(plan.grid, values, strict=True)):
        size = abs(value) / span * height
        y = zero - size if value >= 0 else zero
        left, right = scale.x(step.start), scale.x(step.end)
        yield _rect(left, y, max(0.0, right - left - 0.5), size, name(index), f"{value:.2f}")
    yield f'<line class="grid" x1="{_LEFT:g}" x2="{_WIDTH - _RIGHT:g}" y1="{zero:.1f}" y2="{zero:.1f}"/>'


def _lane(
    scale: _Scale, plan: Plan, device: DevicePlan, words: ChartWords, top: float, zone: tzinfo
) -> Iterator[str]:
    """Yield what a device does, one stretch beside the other, and the line of what it holds."""
    yield _label(words.names.get(device.device_id, device.device_id), top + _LANE / 2 - 10, "")
    for each in stretches(plan, device):
        left, right = scale.x(each.start), scale.x(each.end)
        word = words.kinds.get(each.kind.value, each.kind.value)
        span = f"{each.start.astimezone(zone):%H:%M} to {each.end.astimezone(zone):%H:%M}"
        tooltip = f"{span} {word}" + (f" {abs(each.power_w) / 1000:.1f} kW" if each.power_w else "")
        name = f"what {each.kind.value}"
        yield _rect(left, top, max(0.5, right - left - 0.5), _LANE, name, tooltip)
    most_w = max((abs(power_w) for power_w in device.power_w), default=0.0)
    for step, power_w, intent in zip(plan.grid, device.power_w, device.intents, strict=True):
        if (size := _LANE * abs(power_w) / most_w if most_w else 0.0) >= 1.0:
            left, right = scale.x(step.start), scale.x(step.end)
            tooltip = f"{power_w / 1000:.1f} kW"
            width = max(0.0, right - left - 0.5)
            yield _rect(left, top + _LANE - size, width, size, intent.kind.value, tooltip)
    if device.stored_wh is not None and (most_wh := max(device.stored_wh)) > 0:
        ends = plan.grid.bounds()[1:]
        points = " ".join(
            f"{scale.x(end):.1f},{top + _LANE * (1 - stored_wh / most_wh):.1f}"
            for end, stored_wh in zip(ends, device.stored_wh, strict=True)
        )
        yield f'<polyline class="held" points="{points}"/>'


def _hours(scale: _Scale, zone: tzinfo, bottom: float) -> Iterator[str]:
    """Yield the whole local hours as lines, every few with its name; midnight with the day."""
    local = scale.start.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    time = local.astimezone(scale.start.tzinfo) + timedelta(hours=1)
    while time < scale.end:
        here = time.astimezone(zone)
        if here.hour % _HOURS_APART == 0:
            x = scale.x(time)
            yield _line(x, bottom, "grid")
            name = f"{here:%d.%m.}" if here.hour == 0 else f"{here:%H:%M}"
            yield f'<text class="quiet" x="{x:.1f}" y="{bottom + 16:g}" text-anchor="middle">{name}</text>'
        time += timedelta(hours=1)


def _line(x: float, bottom: float, name: str) -> str:
    return f'<line class="{name}" x1="{x:.1f}" x2="{x:.1f}" y1="{_GAP / 2:g}" y2="{bottom:g}"/>'


def _label(name: str, top: float, note: str) -> str:
    text = f'<text x="8" y="{top + 14:g}">{escape(_short(name))}</text>'
    return text + (f'<text class="quiet" x="8" y="{top + 32:g}">{escape(note)}</text>' if note else "")


def _short(name: str, most: int = 19) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _rect(x: float, y: float, width: float, height: float, name: str, tooltip: str) -> str:
    box = f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f"{box} aria-label={quoteattr(tooltip)}><title>{escape(tooltip)}</title></rect>"
