"""Who tried to dial in and was not let in: told once in a while, and remembered until somebody consents."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

_LOGGER = logging.getLogger(__name__)

_MOST_CALLERS: Final = 32
_MOST_COUNTED: Final = 4096
_AGAIN_S: Final = 3600.0
# So many wrong attempts at once, and one more in each of these seconds.
_BURST: Final = 10.0
_REFILL_S: Final = 6.0
_LONGEST: Final = 80


class Refusal(StrEnum):
    """Why an attempt was refused."""

    UNKNOWN = "unknown"
    NO_PASSWORD = "no_password"  # noqa: S105 # a reason
    WRONG_CERTIFICATE = "wrong_certificate"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 # a reason
    PROTOCOL = "protocol"
    NOT_LOCAL = "not_local"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """How somebody dialled in: what is shown of it, and the password that may be consented to.

    ``certificate`` is the common name of the certificate it showed, which our authority signed. What is no
    WebSocket is no charger, but a browser, or somebody who looks for open ports.
    """

    identity: str
    path: str
    protocols: str
    user: str | None
    remote: str | None
    password: str | None = field(default=None, repr=False)
    certificate: str | None = None
    is_websocket: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Somebody who was refused, as it was last."""

    attempt: Attempt
    reason: Refusal
    time: datetime
    attempts: int = 1


class Callers:
    """Remembers the newest of those who were refused, by their address and identity."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
        on_change: Callable[[], None],
    ) -> None:
        """Know nobody; ``on_change`` is called when somebody new was refused, or for another reason."""
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._on_change = on_change
        self._callers: OrderedDict[tuple[str, str], Caller] = OrderedDict()
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self._told_s: dict[tuple[str, str], float] = {}

    def newest(self) -> list[Caller]:
        """Return who was refused, the newest first."""
        return list(reversed(self._callers.values()))

    def is_too_eager(self, attempt: Attempt) -> bool:
        """Whether so many attempts failed that the next is refused unheard."""
        return self._allowance(_key(attempt)) < 1.0

    def refuse(self, attempt: Attempt, reason: Refusal) -> None:
        """Remember an attempt; log it when it is new, changed, or was last told long ago."""
        key, now_s = _key(attempt), self._monotonic_s()
        self._left[key] = (self._allowance(key) - 1.0, now_s)
        while len(self._left) > _MOST_COUNTED:
            self._left.popitem(last=False)
        if not attempt.is_websocket:
            return
        before = self._callers.pop(key, None)
        count = 1 if before is None else before.attempts + 1
        self._callers[key] = Caller(attempt=attempt, reason=reason, time=self._clock(), attempts=count)
        is_new = before is None or before.reason is not reason
        if is_new or now_s - self._told_s.get(key, 0.0) >= _AGAIN_S:
            self._told_s[key] = now_s
            _LOGGER.warning(
                "A charger was not let in (%s): path %r, protocols %r, user %r, from %s",
                reason.value,
                attempt.path[:_LONGEST],
                attempt.protocols[:_LONGEST],
                None if attempt.user is None else attempt.user[:_LONGEST],
                attempt.remote,
            )
        while len(self._callers) > _MOST_CALLERS:
            self._callers.popitem(last=False)
        self._told_s = {each: at_s for each, at_s in self._told_s.items() if each in self._callers}
        if is_new:
            self._on_change()

    def admit(self, attempt: Attempt) -> None:
        """Forget a caller that is let in, and how often it failed before."""
        self._left.pop(_key(attempt), None)
        if self._callers.pop(_key(attempt), None) is not None:
            self._on_change()

    def password_of(self, identity: str) -> str | None:
        """Return the password with which an unknown charger of this identity dials in, for who consents.

        One that is no text is written in hexadecimal.
        """
        password = next(
            (each.attempt.password for each in self.newest() if each.attempt.identity == identity), None
        )
        if password is None or (password.isascii() and password.isprintable()):
            return password
        return password.encode("latin-1").hex()

    def _allowance(self, key: tuple[str, str]) -> float:
        left, at_s = self._left.get(key, (_BURST, 0.0))
        return min(_BURST, left + (self._monotonic_s() - at_s) / _REFILL_S)


def shown(caller: Caller) -> Mapping[str, object]:
    """Return a caller as diagnostics show it: without its password."""
    attempt = caller.attempt
    return {
        "identity": attempt.identity,
        "path": attempt.path[:_LONGEST],
        "protocols": attempt.protocols[:_LONGEST],
        "user": attempt.user,
        "host": attempt.remote,
        "reason": caller.reason.value,
        "time": caller.time.isoformat(),
        "attempts": caller.attempts,
    }


def _key(attempt: Attempt) -> tuple[str, str]:
    # Whoever is let in in any case has as many tries in all of its spellings together.
    return attempt.remote or "", attempt.identity.casefold()
