"""The sheet an installer takes along, in the language of the home's record.

One A4 page that needs nothing from the network. Its secrets are those that are typed or joined on site.
"""

import html
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Any, Final

import segno
from home_common.identity import HOST_DIGITS, network_name

from .batch import BatchHome

_TEMPLATE: Final = Path(__file__).with_name("job_sheet.html.template")
WORDS: Final[Mapping[str, Mapping[str, str]]] = json.loads(
    Path(__file__).with_name("job_sheet_words.json").read_text(encoding="utf-8")
)
# Home Assistant's own redirect to a page of somebody's Home Assistant; there is no secret in it.
INTEGRATION_PAGE: Final = "https://my.home-assistant.io/redirect/integration/?domain=home_flex"


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

    The QR code is one that phones open: the page of Home Flex in the resident's Home Assistant, or the
    access point of the gateway, which they join by it (``WIFI:T:WPA;S:…;P:…;;``). A language without words
    of its own gets English.
    """
    document: dict[str, Any] = json.loads(home.record)
    site, language = document["site"], document["location"]["language"].partition("-")[0]
    if language not in WORDS:
        language = "en"
    words = WORDS[language]
    fuse = words["one_phase" if site["phases"] == 1 else "phases"]
    values = {
        "language": language,
        "ven_id": home.ven_id,
        "name_value": site["name"],
        "address_value": home.address or "-",
        "device_value": home.device_uuid or words["no_gateway"],
        "fuse_value": fuse.format(amperes=f"{site['main_fuse_a']:g}", phases=site["phases"]),
        "made_value": words["made"].format(date=made_at.date().isoformat()),
        "support_value": words["help"].format(support=support) if support else "",
    }
    way_in = _typed(home, code, words) if code else _gateway(home, access_point_password, words)
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        {name: html.escape(text) for name, text in {**words, **values}.items()},
        way_in=way_in,
        rows="\n".join(_row(device, words) for device in document["devices"]) or _row({}, words),
    )


def _typed(home: BatchHome, code: Code, words: Mapping[str, str]) -> str:
    where = _filled(words["code_at"], address=code.url, identity=home.ven_id)
    until = words["code_until"].format(time=f"{code.expires_at:%Y-%m-%d %H:%M}")
    return (
        f"{_qr(INTEGRATION_PAGE, 'Home Flex')}<div><p>{html.escape(words['code'])}</p>"
        f'<p class="words">{html.escape(code.words.replace("-", " "))}</p>'
        f"<p>{where}</p><small>{html.escape(until)}</small></div>"
    )


def _gateway(home: BatchHome, access_point_password: str, words: Mapping[str, str]) -> str:
    name, host = network_name(home.ven_id), html.escape(home.device_uuid[:HOST_DIGITS])
    owner = html.escape(words["owner"].format(address=f"http://{host}.local/owner"))
    return (
        f"{_qr(f'WIFI:T:WPA;S:{name};P:{access_point_password};;', words['wifi_title'])}"
        f'<div><p>{html.escape(words["opens_at"])}</p><p class="words">http://{host}.local</p>'
        f"<p>{_filled(words['wifi'], name=name, password=access_point_password)}</p>"
        f"<small>{owner}</small></div>"
    )


def _filled(text: str, **values: str) -> str:
    """Return a text as HTML with its values in bold."""
    bold = {name: f"<strong>{html.escape(value)}</strong>" for name, value in values.items()}
    return html.escape(text).format(**bold)


def _qr(text: str, title: str) -> str:
    image = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        image, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, title=title
    )
    return image.getvalue().decode()


def _row(device: Mapping[str, Any], words: Mapping[str, str]) -> str:
    kind = words[device.get("type", "no_device")]
    place = device.get("host") or device.get("device") or device.get("identity") or ""
    port = f":{device['port']}" if "port" in device else ""
    unit = f", {words['unit'].format(number=device['unit_id'])}" if "unit_id" in device else ""
    return f"<tr><td>{html.escape(kind)}</td><td>{html.escape(f'{place}{port}{unit}')}</td><td></td></tr>"
