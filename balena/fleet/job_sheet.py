"""The sheet an installer takes along.

One A4 page that needs nothing from the network. Its secrets are those that are typed or joined on site.
"""

import html
import io
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Any, Final
from urllib.parse import urlencode

import segno
from home_common.identity import HOST_DIGITS, network_name

from .batch import BatchHome

_TEMPLATE: Final = Path(__file__).with_name("job_sheet.html.template")
_KINDS: Final = {
    "grid_meter": "Grid meter",
    "pv": "PV inverter",
    "battery": "Battery",
    "ev_charger": "EV charger",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """A one-time code, where it is typed in, and until when."""

    words: str
    url: str
    expires_at: datetime


def render(
    home: BatchHome, *, code: Code | None, access_point_password: str, made_at: datetime, support: str
) -> str:
    """Return the page as HTML: with ``code`` for a home that has its own Home Assistant, else for a gateway.

    The QR code holds ``homeflex:enrol?url=…&ven_id=…&code=…``, what the set-up of an aggregator asks for, or
    the access point of the gateway, which phones join by it (``WIFI:T:WPA;S:…;P:…;;``).
    """
    document: dict[str, Any] = json.loads(home.record)
    site = document["site"]
    texts = {
        "ven_id": home.ven_id,
        "name": site["name"],
        "address": home.address or "-",
        "device_uuid": home.device_uuid or "not a balena device",
        "fuse": f"{site['main_fuse_a']:g} A, {site['phases']} phase{'s' if site['phases'] > 1 else ''}",
        "made": f"{made_at:%d %B %Y}",
        "support": f"Help: {support}" if support else "",
    }
    way_in = _gateway(home, access_point_password) if code is None else _typed(home, code)
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        {name: html.escape(text) for name, text in texts.items()},
        way_in=way_in,
        devices="\n".join(_row(device) for device in document["devices"]) or _row({}),
    )


def _typed(home: BatchHome, code: Code) -> str:
    uri = "homeflex:enrol?" + urlencode({"url": code.url, "ven_id": home.ven_id, "code": code.words})
    words, url, ven_id = (html.escape(text) for text in (code.words.replace("-", " "), code.url, home.ven_id))
    return (
        f'{_qr(uri, "One-time code")}<div><p>One-time code</p><p class="words">{words}</p>'
        f"<p>at <strong>{url}</strong> for <strong>{ven_id}</strong></p>"
        f"<small>In Home Assistant: Home Flex, add an aggregator, with a code. It works once, until"
        f" {code.expires_at:%d %B %Y, %H:%M} UTC.</small></div>"
    )


def _gateway(home: BatchHome, access_point_password: str) -> str:
    name, host = html.escape(network_name(home.ven_id)), html.escape(home.device_uuid[:HOST_DIGITS])
    password = html.escape(access_point_password)
    return (
        f"{_qr(f'WIFI:T:WPA;S:{name};P:{password};;', 'WiFi of the gateway')}"
        f'<div><p>The home opens at</p><p class="words">http://{host}.local</p>'
        f"<p>WiFi of the gateway, for 30 minutes after power-on: <strong>{name}</strong>,"
        f" password <strong>{password}</strong></p>"
        "<small>The gateway needs no typing. Who opens the home first finds the password of its owner at"
        f" http://{host}.local/owner, with what the operator reads out on the phone.</small></div>"
    )


def _qr(text: str, title: str) -> str:
    image = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        image, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, title=title
    )
    return image.getvalue().decode()


def _row(device: dict[str, Any]) -> str:
    kind = _KINDS.get(device.get("type", ""), "None listed")
    place = device.get("host") or device.get("device") or device.get("identity") or ""
    port = f":{device['port']}" if "port" in device else ""
    unit = f", unit {device['unit_id']}" if "unit_id" in device else ""
    return f"<tr><td>{html.escape(kind)}</td><td>{html.escape(f'{place}{port}{unit}')}</td><td></td></tr>"
