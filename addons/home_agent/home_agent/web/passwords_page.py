"""The pages that hand passwords over, in the language of who stands before them. Pure."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Final

from .page import html_page

type Words = Mapping[str, str]

WORDS: Final[Mapping[str, Words]] = json.loads(
    Path(__file__).with_name("password_words.json").read_text(encoding="utf-8")
)


def language_of(accepted: str) -> str:
    """Return the first language of ``Accept-Language`` (RFC 9110, 12.5.4) that has words here, else English.

    Browsers begin with the language they want most.
    """
    wanted = (each.strip().lower().partition("-")[0].partition(";")[0] for each in accepted.split(","))
    return next((language for language in wanted if language in WORDS), "en")


def owner_page(language: str, *, waits: bool, has_chargers: bool) -> str:
    """Return the page with the buttons that hand passwords over."""
    words = {name: escape(text) for name, text in WORDS[language].items()}
    owner = (
        f'<p>{words["once"]}</p><form method="post" action="/owner"><button>{words["show"]}</button></form>'
        if waits
        else f"<p>{words['already']}</p>"
    )
    chargers = (
        f"<h1>{words['chargers']}</h1><p>{words['each']}</p>"
        '<form method="post" action="/owner">'
        f'<button name="show" value="chargers">{words["show_them"]}</button></form>'
        if has_chargers
        else ""
    )
    return _page(language, "title", f"<h1>{words['heading']}</h1>{owner}{chargers}")


def chargers_page(language: str, passwords: Mapping[str, str]) -> str:
    """Return the page that shows the password of each charger by its identity."""
    rows = "".join(
        f"<dt>{escape(identity)}</dt><dd><code>{escape(password)}</code></dd>"
        for identity, password in passwords.items()
    )
    heading = escape(WORDS[language]["chargers"])
    return _page(language, "chargers", f"<h1>{heading}</h1><section><dl>{rows}</dl></section>")


def password_page(language: str, username: str, password: str) -> str:
    """Return the page that shows the password, this one time."""
    words = {name: escape(text) for name, text in WORDS[language].items()}
    return _page(
        language,
        "title",
        f"<h1>{words['heading']}</h1><p>{words['not_again']}</p><section><dl>"
        f"<dt>{words['username']}</dt><dd><code>{escape(username)}</code></dd>"
        f"<dt>{words['password_name']}</dt><dd><code>{escape(password)}</code></dd></dl></section>",
    )


def refusal_page(language: str, reason: str) -> str:
    """Return the page that says why no password is shown: ``already`` or ``disk``."""
    words = WORDS[language]
    return _page(language, "title", f"<h1>{escape(words['heading'])}</h1><p>{escape(words[reason])}</p>")


def _page(language: str, title: str, body: str) -> str:
    return html_page(WORDS[language][title], body, language=language)
