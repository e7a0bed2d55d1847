"""Points kept in memory, and the four shapes of Flux that influxdb_edge sends; a Flux engine this is not."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

type Series = tuple[str, tuple[tuple[str, str], ...], str]
type Value = float | int | bool | str

_HOUR_NS = 3600 * 10**9
_QUARTER_NS = _HOUR_NS // 4
_SPAN = re.compile(r"start: (\S+?), stop: (\S+?)\)")
_LINE = re.compile(r"((?:[^ \\]|\\.)+) ((?:[^ \\\"]|\\.|\"(?:[^\"\\]|\\.)*\")+) (-?[0-9]+)", re.DOTALL)
_DATATYPES = {float: "double", int: "long", bool: "boolean", str: "string"}
_TO = re.compile(r'to\(bucket: "([^"]+)"\)')


class BadLineError(ValueError):
    """Line protocol that InfluxDB would refuse with 400."""


@dataclass(kw_only=True)
class Points:
    """Values by bucket name, series and time in ns. The same series and time overwrite."""

    buckets: defaultdict[str, dict[tuple[Series, int], Value]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def write(self, bucket: str, text: str, *, since_ns: int = 0) -> int:
        """Take line protocol in nanoseconds, all of it or nothing, but for what is older than ``since_ns``.

        Returns how many values were too old.
        """
        parsed = [entry for line in text.splitlines() if line.strip() for entry in _parse(line)]
        kept = {key: value for key, value in parsed if key[1] >= since_ns}
        self.buckets[bucket] |= kept
        return sum(key[1] < since_ns for key, _ in parsed)

    def query(self, flux: str) -> str:
        """Answer one of the shapes known. Raises ValueError for any other."""
        if "fn: count" in flux:
            return self._count(flux)
        if 'name: "points"' in flux:
            return self._points(flux)
        if "fn: mean" in flux and "fn: last" in flux:
            return self._downsample(flux)
        raise ValueError("this fake knows no such query")

    def _within(self, flux: str) -> Iterator[tuple[Series, int, Value]]:
        found = re.search(r'from\(bucket: "([^"]+)"\)', flux)
        span = _SPAN.search(flux)
        if found is None or span is None:
            raise ValueError("a query needs a bucket and a range")
        start, stop = (int(datetime.fromisoformat(text).timestamp()) * 10**9 for text in span.groups())
        for (series, time), value in sorted(self.buckets[found[1]].items(), key=lambda entry: entry[0]):
            if start <= time < stop:
                yield series, time, value

    def _count(self, flux: str) -> str:
        counts: defaultdict[int, int] = defaultdict(int)
        for _, time, _ in self._within(flux):
            counts[time // _HOUR_NS * _HOUR_NS] += 1
        rows = [
            f",counts,{index},{_rfc3339(hour)},{count}" for index, (hour, count) in enumerate(counts.items())
        ]
        return _table("string,long,dateTime:RFC3339,long", "result,table,_time,_value", rows)

    def _points(self, flux: str) -> str:
        tables = []
        for (measurement, tags, name), time, value in self._within(flux):
            columns = ["result", "table", "_start", "_stop", "_time", "_value", "_field", "_measurement"]
            stamp = _rfc3339(time)
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            cells = ["points", "0", stamp, stamp, stamp, _quoted(shown), name, measurement]
            kind = _DATATYPES[type(value)]
            types = ["string", "long", *["dateTime:RFC3339"] * 3, kind, "string", "string"]
            tables.append(
                _table(
                    ",".join([*types, *("string" for _ in tags)]),
                    ",".join([*columns, *(tag for tag, _ in tags)]),
                    ["," + ",".join([*cells, *(_quoted(text) for _, text in tags)])],
                )
            )
        return "\r\n".join(tables)

    def _downsample(self, flux: str) -> str:
        for statement in re.split(r"\n(?=from\()", flux):
            target = _TO.search(statement)
            wanted = set(re.findall(r'r\._measurement == "([^"]+)"', statement))
            if target is None or not wanted:
                raise ValueError("a statement selects measurements and writes them")
            taken = [entry for entry in self._within(statement) if entry[0][0] in wanted]
            if "fn: mean" in statement:
                self._aggregate(target[1], taken, _mean)
            elif "fn: last" in statement:
                self._aggregate(target[1], taken, lambda values: values[-1])
            else:
                self.buckets[target[1]] |= {(series, time): value for series, time, value in taken}
        return ""

    def _aggregate(
        self, bucket: str, taken: list[tuple[Series, int, Value]], function: Callable[[list[Value]], Value]
    ) -> None:
        windows: defaultdict[tuple[Series, int], list[Value]] = defaultdict(list)
        for series, time, value in taken:
            windows[series, time // _QUARTER_NS * _QUARTER_NS].append(value)
        self.buckets[bucket] |= {key: function(values) for key, values in windows.items()}


def _mean(values: list[Value]) -> float:
    numbers = [value for value in values if isinstance(value, float)]
    if len(numbers) != len(values):
        raise ValueError("unsupported input type for mean aggregate: string")
    return sum(numbers) / len(numbers)


def _parse(line: str) -> Iterator[tuple[tuple[Series, int], Value]]:
    parts = _LINE.fullmatch(line.strip())
    if parts is None:
        raise BadLineError("missing fields or time")
    key, fields, time = parts.groups()
    measurement, *tags = re.split(r"(?<!\\),", key)
    pairs = tuple(sorted((name, _plain(value)) for name, _, value in (tag.partition("=") for tag in tags)))
    for entry in re.findall(r"((?:[^,=\\]|\\.)+)=(\"(?:[^\"\\]|\\.)*\"|[^,]+)", fields):
        yield ((_plain(measurement), pairs, _plain(entry[0])), int(time)), _value(entry[1])


def _value(text: str) -> Value:
    if text.startswith('"'):
        return re.sub(r'\\(["\\])', r"\1", text[1:-1])
    if text in {"true", "false"}:
        return text == "true"
    try:
        return int(text[:-1]) if text.endswith("i") else float(text)
    except ValueError:
        raise BadLineError("bad number") from None


def _plain(text: str) -> str:
    return re.sub(r"\\([, =])", r"\1", text)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\n]', text) else text


def _rfc3339(time_ns: int) -> str:
    whole = datetime.fromtimestamp(0, UTC) + timedelta(seconds=time_ns // 10**9)
    fraction = f"{time_ns % 10**9:09d}".rstrip("0")
    return f"{whole:%Y-%m-%dT%H:%M:%S}" + (f".{fraction}" if fraction else "") + "Z"


def _table(types: str, header: str, rows: list[str]) -> str:
    return "\r\n".join([f"#datatype,{types}", f",{header}", *rows, ""]) if rows else ""
