"""The job sheet: one page, in the language of the home, with a code that a phone opens."""

import html
import json
import re
import shutil
import string
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import segno
from fleet.batch import BatchHome
from fleet.job_sheet import INTEGRATION_PAGE, WORDS, Code, render

from .operator import RECORD

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
CODE = Code(words="river-apple-stone-lamp-field-94", url="https://enrol.example.org", expires_at=NOON)
PASSWORD = "river-apple-stone-94"
UUID = "0123456789abcdef0123456789abcdef"
ROOT = Path(__file__).parents[3]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


def home(language: str = "en", *, uuid: str = UUID, devices: list[dict[str, Any]] | None = None) -> BatchHome:
    location = {**RECORD["location"], "language": language}
    record = {**RECORD, "location": location, "devices": RECORD["devices"] if devices is None else devices}
    return BatchHome(ven_id="home-0001", device_uuid=uuid, address="Lime Street 4", record=json.dumps(record))


def sheet(of: BatchHome, code: Code | None = None, support: str = "call 030 123") -> str:
    return render(of, code=code, access_point_password=PASSWORD, made_at=NOON, support=support)


def text(page: str) -> str:
    return html.unescape(re.sub(r"<style.*?</style>|<svg.*?</svg>|<[^>]+>", " ", page, flags=re.DOTALL))


def path_of(code: str) -> str:
    """Return the dark squares of a QR code, as the page draws them."""
    return str(
        segno.make(code, error="m", micro=False).svg_inline(omitsize=True, border=2).partition(' d="')[2]
    )


def fields(words: Mapping[str, str]) -> dict[str, set[str | None]]:
    return {
        name: {field for _, field, _, _ in string.Formatter().parse(said) if field}
        for name, said in words.items()
    }


@pytest.mark.parametrize("language", WORDS)
def test_every_language_says_everything(language: str) -> None:
    assert fields(WORDS[language]) == fields(WORDS["en"])
    assert all(said.strip() for said in WORDS[language].values())


def test_the_languages_are_those_of_the_first_communities() -> None:
    assert list(WORDS) == ["en", "nl", "de", "fr", "pt"]


@pytest.mark.parametrize("language", [language for language in WORDS if language != "en"])
def test_no_sentence_is_left_in_english(language: str) -> None:
    same = {name for name, said in WORDS[language].items() if said == WORDS["en"][name]}
    assert same <= {"gateway", "date", "phases", "one_phase"}


def test_every_device_that_a_record_may_name_has_a_word() -> None:
    schema = json.loads((ROOT / "hass-config/home_record.schema.json").read_text())
    devices = schema["properties"]["devices"]["items"]["oneOf"]
    types = {name for device in devices for name in device["properties"]["type"]["enum"]}
    assert types
    assert types <= WORDS["en"].keys()


@pytest.mark.parametrize(("asked", "spoken"), [("nl", "nl"), ("pt-BR", "pt"), ("de-AT", "de"), ("fi", "en")])
@pytest.mark.parametrize("code", [None, CODE])
def test_it_speaks_the_language_of_the_record(asked: str, spoken: str, code: Code | None) -> None:
    page = sheet(home(asked), code)
    assert f'<html lang="{spoken}">' in page
    words = {name: said for name, said in WORDS[spoken].items() if name.startswith("step_")}
    assert [name for name, said in words.items() if said not in text(page)] == []
    assert WORDS[spoken]["grid_meter"] in text(page)


@pytest.mark.parametrize("phases", [1, 3])
def test_nothing_is_left_to_be_filled_in(phases: int) -> None:
    of = home("fr")
    record = json.loads(of.record)
    record["site"]["phases"] = phases
    page = text(sheet(replace(of, record=json.dumps(record))))
    assert not re.search(r"[{}$]", page)
    assert WORDS["fr"]["one_phase" if phases == 1 else "phases"].format(amperes="25", phases=3) in page


def test_a_phone_joins_the_gateway_by_its_square() -> None:
    page = sheet(home())
    assert path_of(f"WIFI:T:WPA;S:HomeFlex-ME0001;P:{PASSWORD};;") in page
    assert "http://0123456.local" in text(page)


def test_a_phone_opens_home_flex_by_the_square_beside_a_code_and_the_code_is_not_in_it() -> None:
    page = sheet(home(uuid=""), CODE)
    assert path_of(INTEGRATION_PAGE) in page
    assert "river apple stone lamp field 94" in text(page)
    assert "until 2026-12-01 12:00 UTC" in text(page)


def test_what_a_table_holds_is_text_and_no_markup() -> None:
    of = replace(home(), address="<b>{x}</b> & $y")
    assert "<b>{x}</b> & $y" in text(sheet(of, support="<i>$z {0}</i>"))
    assert "<b>" not in sheet(of)


LONG: list[dict[str, Any]] = [
    {"type": "grid_meter", "connection": "tcp", "host": "p1-reader.lan", "port": 8801},
    *({"type": "pv", "host": f"192.168.1.{host}", "port": 502, "unit_id": host} for host in range(3, 7)),
    *({"type": "battery", "host": f"192.168.1.{host}", "port": 502, "unit_id": host} for host in range(7, 9)),
    *({"type": "ev_charger", "identity": f"CHARGER-0000-{number}"} for number in range(3)),
]


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")
@pytest.mark.parametrize("code", [None, CODE], ids=["gateway", "code"])
def test_it_is_one_page_in_every_language_with_ten_devices_and_a_long_address(
    tmp_path: Path, code: Code | None
) -> None:
    address = (
        "Burgemeester van der Meulenstraat 1234 bis, appartement 12, 3512 AB Wijk bij Duurstede aan de Rijn"
    )
    # All languages in one document, each from a new page on: the count tells who needs a second one.
    pages = [sheet(replace(home(language, devices=LONG), address=address), code) for language in WORDS]
    bodies = [re.sub(r".*<body>|</body>.*", "", page, flags=re.DOTALL) for page in pages]
    head = pages[0].partition("<body>")[0].replace("</style>", "article { break-after: page; }</style>")
    (tmp_path / "all.html").write_text(
        f"{head}<body>{''.join(f'<article>{body}</article>' for body in bodies)}"
    )
    subprocess.run(  # noqa: S603 - a program of this machine, on a page of ours
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"),
            *(f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={tmp_path / 'all.pdf'}"),
            (tmp_path / "all.html").as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=50,
    )
    printed = (tmp_path / "all.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == len(WORDS)
