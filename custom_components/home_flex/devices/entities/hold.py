"""What a device was set to before Home Flex wrote to it, kept over a restart; only that is ever put back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..driver import DeviceError
from ..kept import KeptDocument
from .calls import Shown
from .reader import RoleReader
from .values import NoValue

_VERSION: Final = 1
# A number that was converted to another unit and back is the same one.
_SAME: Final = 1e-3


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """``was``: the values of the remembered roles while nobody held the device, numbers in W or A.

    ``is_held``: Home Flex has written to it since and has not given it back. ``wrote``: what entities have
    been seen to show of what was written, so that what somebody else has set since is left alone.
    """

    was: Mapping[str, float | str] = field(default_factory=dict)
    is_held: bool = False
    wrote: Mapping[str, float | str] = field(default_factory=dict)


def encode(hold: Hold) -> dict[str, Any]:
    """Return the hold as JSON."""
    return {"version": _VERSION, "was": dict(hold.was), "held": hold.is_held, "wrote": dict(hold.wrote)}


def decode(document: Mapping[str, Any] | None) -> Hold:
    """Return the hold of a document; one that cannot be read is as if there were none."""
    if document is None:
        return Hold()
    return Hold(
        was=_values(document.get("was")),
        is_held=document.get("held") is True,
        wrote=_values(document.get("wrote")),
    )


class Holding:
    """The hold of one device, kept with each change."""

    def __init__(self, kept: KeptDocument, reader: RoleReader, remember: Iterable[str]) -> None:
        """Begin with nothing; ``load`` takes up what was kept."""
        self._kept = kept
        self._reader = reader
        self._roles = tuple(remember)
        self._hold = Hold()

    @property
    def is_held(self) -> bool:
        """Whether something of what the home wrote may still be in force."""
        return self._hold.is_held

    @property
    def was(self) -> Mapping[str, float | str]:
        """The remembered roles as they were while nobody held the device."""
        return self._hold.was

    async def load(self) -> None:
        """Take up what a former life kept."""
        self._hold = decode(await self._kept.load())

    def remember(self) -> None:
        """Keep what is set now, while nobody holds the device: long before the first write.

        Raises DeviceError when a role that is to be put back cannot be read.
        """
        was: dict[str, float | str] = {}
        for role in self._roles:
            value = self._reader.value(role)
            if isinstance(value, NoValue):
                raise DeviceError(value.lack, value.found)
            was[role] = value if isinstance(value, float) else str(value)
        self._keep(Hold(was=was))

    def begin(self, shows: Iterable[Shown]) -> None:
        """Take note that entities are about to be written, which show something else until it is proven."""
        written = {shown.entity for shown in shows}
        others = {entity: value for entity, value in self._hold.wrote.items() if entity not in written}
        self._keep(replace(self._hold, is_held=True, wrote=others))

    def proven(self, shows: Iterable[Shown]) -> None:
        """Take note that entities show what was written."""
        written = {shown.entity: shown.value for shown in shows}
        self._keep(replace(self._hold, wrote={**self._hold.wrote, **written}))

    def end(self) -> None:
        """Take note that the device was given back."""
        self._keep(Hold(was=self._hold.was))

    def shown_to_us(self, entity: str) -> Shown | None:
        """Return what an entity has been seen to show of what was written, None if nothing."""
        if (value := self._hold.wrote.get(entity)) is None:
            return None
        tolerance = 0.0 if isinstance(value, str) else max(abs(value) * _SAME, _SAME)
        return Shown(entity=entity, value=value, tolerance=tolerance)

    def _keep(self, hold: Hold) -> None:
        if hold != self._hold:
            self._hold = hold
            self._kept.put(encode(hold))


def _values(found: object) -> dict[str, float | str]:
    if not isinstance(found, Mapping):
        return {}
    return {
        str(key): value if isinstance(value, str) else float(value)
        for key, value in found.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
