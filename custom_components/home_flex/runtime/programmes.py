"""What the resident said of programmes, as it is kept (by program id, read tolerantly) and shown."""

import logging
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..core.events.consent import JoinRule, Programme
from ..core.events.model import EventRecord, Source
from ..core.invitations import InvitationRecord
from ..core.settlement.baselines import HISTORY_RULES
from ..core.settlement.baselines.as_dispatched import NAME as AS_DISPATCHED

_LOGGER = logging.getLogger(__name__)

SETTING: Final = "programmes"
# The rules that a programme may settle by.
BASELINES: Final = (AS_DISPATCHED, *HISTORY_RULES)
# An aggregator that names ever new programmes fills no list of the home.
_MOST_SHOWN: Final = 20


def programmes_document(programmes: Mapping[str, Programme]) -> dict[str, Any]:
    """Return programmes as JSON values."""
    return {
        program_id: {"rule": one.rule, "pays_per_kwh": one.pays_per_kwh, "baseline": one.baseline}
        for program_id, one in programmes.items()
    }


def programmes_from(document: object) -> dict[str, Programme]:
    """Return the programmes that were kept. Of one whose rule cannot be read the resident is asked."""
    if not isinstance(document, Mapping):
        _LOGGER.warning("What was said of programmes cannot be read")
        return {}
    return {str(program_id): _programme(str(program_id), said) for program_id, said in document.items()}


def _programme(program_id: str, said: object) -> Programme:
    row = said if isinstance(said, Mapping) else {}
    rule, pays = row.get("rule"), row.get("pays_per_kwh")
    if not (isinstance(rule, str) and rule in JoinRule):
        _LOGGER.warning("The rule of program %s cannot be read: its events ask", program_id)
        rule = JoinRule.ASK
    if isinstance(pays, bool) or not isinstance(pays, int | float) or not math.isfinite(pays):
        pays = None
    baseline = row.get("baseline")
    return Programme(
        rule=JoinRule(rule),
        pays_per_kwh=None if pays is None else float(pays),
        baseline=baseline if baseline in BASELINES else None,
    )


def shown_programmes(
    programmes: Mapping[str, Programme],
    records: Iterable[EventRecord],
    invitations: Iterable[InvitationRecord] = (),
) -> dict[str, Programme]:
    """Return what was said of programmes, and with it those of invitations and of the last events."""
    shown = dict(programmes)
    for each in invitations:
        if len(shown) < _MOST_SHOWN:
            shown.setdefault(each.invitation.program_id, Programme())
    newest = sorted(records, key=lambda record: record.received, reverse=True)
    for record in newest:
        if record.event.source is Source.AGGREGATOR and len(shown) < _MOST_SHOWN:
            shown.setdefault(record.event.program_id, Programme())
    return shown
