"""The receipt of an event in plain words, and reckoned again in another process."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from .api import HomeAssistantApi, wait_until

ROOT: Final = Path(__file__).parents[2]
_RULES: Final = {
    "as_dispatched": "as the devices went before",
    "ten_working_days": "by ten earlier days",
    "three_weeks": "by the three weeks before",
    "last_in": "as just before",
}

type Tell = Callable[[str], None]


async def receipt_told(api: HomeAssistantApi, folder: Path, event_id: str, tell: Tell) -> bool:
    """Tell what stands in the receipt of an event; return whether it holds when it is reckoned again."""

    async def kept() -> dict[str, Any] | None:
        asked = {"event_id": event_id}
        answer = await api.call("home_flex", "get_receipts", asked, answers=True)
        return next(iter(answer["receipts"]), None)

    bundle = await wait_until(kept, "the receipt", timeout_s=20)
    for line in sentences(bundle["receipt"]["results"]):
        tell(line)
    return await holds_elsewhere(bundle, folder / "receipt.json", tell)


async def holds_elsewhere(bundle: dict[str, Any], path: Path, tell: Tell) -> bool:
    """Reckon a receipt again in a process without Home Assistant; return whether it holds."""
    await asyncio.to_thread(path.write_text, json.dumps(bundle))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "scripts" / "receipt.py"),
        "verify",
        str(path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    holds = process.returncode == 0
    again = "it holds" if holds else f"it does NOT hold: {said.decode().strip()}"
    tell(f"reckoned again without Home Assistant (scripts/receipt verify): {again}")
    return holds


def sentences(results: dict[str, Any]) -> list[str]:
    """Return the results of a receipt as sentences."""
    told = []
    used, known = results["used_wh"], float(results["known"])
    baseline = results["baselines"][results["rule"]]
    if used is None:
        return ["your receipt: nothing of the event was measured"]
    if "missing" in baseline:
        told.append(
            f"your receipt: {used} Wh were used; what would have been without the event nobody can say"
        )
    else:
        rule = _RULES.get(results["rule"], results["rule"])
        told.append(
            f"your receipt: {used} Wh were used, {sum(baseline['use_wh'])} Wh would have been, {rule}"
        )
    told.append(f"it is counted by the meter's own registers, over {known:.0%} of the event")
    limit = results["limit"]
    if limit is not None:
        kept = "unknown" if limit["kept_share"] is None else f"{float(limit['kept_share']):.1%} of the time"
        told.append(f"kept: {kept}; beyond it {limit['exceeded_wh']} Wh, {limit['worst_w']} W at worst")
    paid = results["paid"]
    told.append("nobody said what a kWh pays" if paid is None else f"it is worth {paid}")
    if results["rebound"] is None:
        told.append("what the home takes back in the next four hours is told in tomorrow's receipt of it")
    return told
