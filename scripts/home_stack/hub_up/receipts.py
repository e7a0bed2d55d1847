"""The receipt that a simulated home keeps of an event, made by the homes' own code: any home's is like it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from home_flex_core.settlement.baselines.as_dispatched import Dispatched
from home_flex_core.settlement.receipt import EventAccount, Receipt, receipt
from home_flex_core.settlement.settlement import Asks, Interval
from home_flex_core.settlement.verify import bundle_of

_FUSE_W: Final = 17_250
_MS: Final = timedelta(milliseconds=1)


def event_receipt(
    ven_id: str, event: dict[str, Any], *, length: timedelta, used_wh: int, usual_wh: int, asks_less: bool
) -> Receipt:
    """Return the receipt of a home whose heat pump was steered, and which was measured all the time."""
    length_ms = length // _MS
    steered_wh = usual_wh // 2
    account = EventAccount(
        home=ven_id,
        event=event,
        asks=Asks.LESS if asks_less else Asks.MORE,
        intervals=(Interval(length_ms=length_ms, used_wh=used_wh, covered_ms=length_ms),),
        asked=None,
        dispatched=Dispatched(
            lengths_ms=(length_ms,),
            rest_wh=(usual_wh - steered_wh,),
            sun_wh=(0,),
            heat_wh=((steered_wh,),),
            most_w=_FUSE_W,
        ),
        rules=(),
        programme_rule=None,
        terms=None,
    )
    return receipt(account)


def keep(found: Receipt, folder: Path, event_id: str) -> None:
    """Write a receipt with its inputs, as a household gets it from its home."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{event_id}.json").write_text(json.dumps(bundle_of(found)))
