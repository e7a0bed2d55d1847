"""The pages that hand passwords over. Pure."""

from collections.abc import Mapping
from html import escape

from .page import html_page


def owner_page(*, waits: bool, has_chargers: bool) -> str:
    """Return the page with the buttons that hand passwords over."""
    owner = (
        "<p>It is shown once. Log in with it and change it at once.</p>"
        '<form method="post" action="/owner"><button>Show it now</button></form>'
        if waits
        else "<p>It was handed over already.</p>"
    )
    chargers = (
        "<h1>The chargers' passwords</h1><p>Each is typed into its charger, beside its identity.</p>"
        '<form method="post" action="/owner"><button name="show" value="chargers">Show them</button></form>'
        if has_chargers
        else ""
    )
    return html_page("Owner", f"<h1>The owner's first password</h1>{owner}{chargers}")


def chargers_page(passwords: Mapping[str, str]) -> str:
    """Return the page that shows the password of each charger by its identity."""
    rows = "".join(
        f"<dt>{escape(identity)}</dt><dd><code>{escape(password)}</code></dd>"
        for identity, password in passwords.items()
    )
    return html_page("Chargers", f"<h1>The chargers' passwords</h1><section><dl>{rows}</dl></section>")


def password_page(username: str, password: str) -> str:
    """Return the page that shows the password, this one time."""
    return html_page(
        "Owner",
        "<h1>The owner's first password</h1><p>It will not be shown again.</p><section><dl>"
        f"<dt>User name</dt><dd><code>{escape(username)}</code></dd>"
        f"<dt>Password</dt><dd><code>{escape(password)}</code></dd></dl></section>",
    )
