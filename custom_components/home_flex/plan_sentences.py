"""What a plan could not keep or use, and what would make it possible, as sentences in the home's language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .core.planner.bending import Bend, BentWish, LeftOut
from .core.planner.proposals import ChangeKind
from .core.planner.smallest_change import Change
from .runtime.planning.showing import WaysOut
from .written import Written

_COMMON: Final = f"component.{DOMAIN}.common."
_IN_SECONDS: Final = frozenset({BentWish.READY_EARLY, ChangeKind.LATER})
# Limits and promises that are no device and no circuit of the home, by the text that names them.
_NAMED: Final = ("main", "contract", "grid_operator", "resident", "event", "setpoint")
# What an event asks is no wish: whoever does not meet it all gives up none.
_OF_EVENTS: Final = frozenset({"event", "setpoint"})


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanSentences:
    """Makes sentences. ``texts``: the language's, by key; ``names``: of devices and circuits, by id."""

    texts: Mapping[str, str]
    names: Mapping[str, str]
    currency: str
    written: Written

    def name(self, subject_id: str) -> str:
        """Return how a device, a circuit (one of its phases: ``.l1``) or a limit is called."""
        whole, _, phase = subject_id.rpartition(".l")
        if whole:
            return f"{self.name(whole)} (L{phase})"
        # Of several events at once each has a limit of its own, which is called the same.
        if (named := subject_id.partition(".")[0]) in _NAMED:
            return self._text(f"limit_{named}")
        return self.names.get(subject_id, subject_id)

    def bent(self, bend: Bend) -> str:
        """Return what was bent, and by how much; of what an event asks that it is no wish."""
        amount = _duration(bend.amount) if bend.wish in _IN_SECONDS else self.written.energy(bend.amount)
        kind = "bent_event" if bend.subject_id.partition(".")[0] in _OF_EVENTS else "bent"
        return self._text(f"{kind}_{bend.wish}").format(name=self.name(bend.subject_id), amount=amount)

    def change(self, change: Change) -> str:
        """Return what may be changed, and what the plan costs more with it (less where negative)."""
        match change.kind:
            case ChangeKind.LATER:
                amount = _duration(change.amount)
            case ChangeKind.HIGHER_LIMIT:
                amount = self.written.power(change.amount)
            case _:
                amount = self.written.energy(change.amount)
        said = self._text(f"change_{change.kind}").format(name=self.name(change.subject_id), amount=amount)
        return f"{said} ({self.written.change(change.money, self.currency)})"

    def left_out(self, left: LeftOut) -> str:
        """Return what of the input was not used, and what stood in for it."""
        return self._text(f"left_out_{left.code}").format(name=self.name(left.subject_id))

    def _text(self, key: str) -> str:
        return self.texts.get(_COMMON + key, key)


def plan_sentences(coordinator: HomeFlexCoordinator) -> PlanSentences:
    """Return what makes sentences in the language of Home Assistant, whose texts are at hand."""
    hass = coordinator.hass
    return PlanSentences(
        texts=async_get_cached_translations(hass, hass.config.language, "common", DOMAIN),
        names={key: each.title for key, each in coordinator.config_entry.subentries.items()},
        currency=coordinator.site.currency,
        written=Written(language=hass.config.language),
    )


def bent_document(bent: Sequence[WaysOut], sentences: PlanSentences) -> list[dict[str, Any]]:
    """Return what was bent, and what would make it possible, as JSON values; None: not reckoned yet.

    Amounts are in the units that ``BentWish`` and ``ChangeKind`` name.
    """
    return [
        {
            **asdict(bend),
            "wish": bend.wish.value,
            "name": sentences.name(bend.subject_id),
            "sentence": sentences.bent(bend),
            "changes": None if changes is None else [_change(each, sentences) for each in changes],
        }
        for bend, changes in bent
    ]


def left_out_document(left_out: Iterable[LeftOut], sentences: PlanSentences) -> list[dict[str, Any]]:
    """Return what was not used as JSON values; ``subject_id`` and ``name`` are empty for the site."""
    return [
        {
            **asdict(each),
            "code": each.code.value,
            "name": sentences.name(each.subject_id),
            "sentence": sentences.left_out(each),
        }
        for each in left_out
    ]


def bent_attributes(bent: Sequence[WaysOut], sentences: PlanSentences) -> dict[str, list[str]]:
    """Return the sentences alone, for a sensor; a margin that is given up is nothing that cannot be kept."""
    return {
        "bent": [sentences.bent(bend) for bend, _ in bent if bend.wish is not BentWish.READY_EARLY],
        # One change may help several wishes.
        "ways_out": list(
            dict.fromkeys(sentences.change(each) for _, changes in bent for each in changes or ())
        ),
    }


def _change(change: Change, sentences: PlanSentences) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "subject_id": change.subject_id,
        "name": sentences.name(change.subject_id),
        "amount": round(change.amount, 3),
        "costs": round(change.money, 4),
        "carbon_g": None if change.carbon_g is None else round(change.carbon_g, 1),
        "sentence": sentences.change(change),
    }


def _duration(duration_s: float) -> str:
    hours, minutes = divmod(round(duration_s / 60), 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes or not hours)
    return " ".join(parts)
