"""The sheet an installer takes along.

One A4 page that needs nothing from the network and holds no secret but the code.
"""

import html
import io
import json
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Any, Final
from urllib.parse import urlencode

import segno

from .batch import BatchHome

_TEMPLATE: Final = Path(__file__).with_name("job_sheet.html.template")
_KINDS: Final = {
    "grid_meter": "Grid meter",
    "pv": "PV inverter",
    "battery": "Battery",
    "ev_charger": "EV charger",
}


def render(
    home: BatchHome,
    *,
    enrolment_url: str,
    code: str,
    expires_at: datetime,
    made_at: datetime,
    support: str,
) -> str:
    """Return the page as HTML.

    The QR code holds ``homeflex:enrol?url=…&ven_id=…&code=…``: what the set-up of an aggregator asks for.
    """
    document: dict[str, Any] = json.loads(home.record)
    site = document["site"]
    texts = {
        "ven_id": home.ven_id,
        "name": site["name"],
        "address": home.address or "-",
        "device_uuid": home.device_uuid or "not a balena device",
        "fuse": f"{site['main_fuse_a']:g} A, {site['phases']} phase{'s' if site['phases'] > 1 else ''}",
        "enrolment_url": enrolment_url,
        "words": code.replace("-", " "),
        "expires": f"{expires_at:%d %B %Y, %H:%M} UTC",
        "made": f"{made_at:%d %B %Y}",
        "support": f"Help: {support}" if support else "",
    }
    uri = "homeflex:enrol?" + urlencode({"url": enrolment_url, "ven_id": home.ven_id, "code": code})
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        {name: html.escape(text) for name, text in texts.items()},
        qr=_qr(uri),
        devices="\n".join(_row(device) for device in document["devices"]) or _row({}),
    )


def _qr(text: str) -> str:
    image = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        image, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, title="One-time code"
    )
    return image.getvalue().decode()


def _row(device: dict[str, Any]) -> str:
    kind = _KINDS.get(device.get("type", ""), "None listed")
    place = device.get("host") or device.get("device") or device.get("identity") or ""
    port = f":{device['port']}" if "port" in device else ""
    unit = f", unit {device['unit_id']}" if "unit_id" in device else ""
    return f"<tr><td>{html.escape(kind)}</td><td>{html.escape(f'{place}{port}{unit}')}</td><td></td></tr>"
