"""What the resident says about a charger, and how patient we are with it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargerSettings:
    """A charger as set up: the identity it dials in with, its password, and what its circuit can carry.

    Currents are A per phase; ``phases`` is how many of them the charger is wired to.
    """

    identity: str
    password: str = field(repr=False)
    phases: int
    min_current_a: float
    max_current_a: float

    @property
    def max_power_w(self) -> float:
        """The most a meter value can honestly say: every phase at its largest current and 260 V."""
        return self.max_current_a * self.phases * 260.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """Time-outs in seconds.

    ``silence_s`` without a sign of life, three heartbeat intervals, is a loss. ``set_up_s`` is short because
    a limit may be waiting behind a configuration call; ``write_s`` bounds a limit with all it waits for.
    """

    heartbeat_s: int = 60
    silence_s: float = 180.0
    boot_s: float = 2.0
    set_up_s: float = 2.0
    limit_s: float = 5.0
    write_s: float = 7.5
    stop_s: float = 5.0
