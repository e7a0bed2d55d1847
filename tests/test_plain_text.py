"""What strangers say is nothing but words where Home Assistant draws texts as Markdown."""

import pytest

from custom_components.home_flex.plain_text import plain

J = "\N{WORD JOINER}"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        # Names as people and makers give them stay what they are.
        ("Battery (cellar) [2] #3", "Battery (cellar) [2] #3"),
        ("/ocpp/WALLBOX-7", "/ocpp/WALLBOX-7"),
        ("Wärmepumpe é 東京", "Wärmepumpe é 東京"),
        # A picture would be fetched from elsewhere as soon as a dialog opens.
        ("![x](http://a.test/b)", f"![x]{J}(http:{J}//a.test/b)"),
        ("[x]: https://a.test", f"[x]{J}: https:{J}//a.test"),
        ("[x][y]", f"[x]{J}[y]"),
        ("<img src=x>", "\u2039img src=x\u203a"),
        ("&lt;img src=x&gt;", "\uff06lt;img src=x\uff06gt;"),
        ("WWW.a.test", f"WWW{J}.a.test"),
        ("a@b.test", f"a@{J}b.test"),
        ("*a* `b` ~~c~~ \\d", "\u2217a\u2217 \u02cbb\u02cb \u223c\u223cc\u223c\u223c \u2216d"),
        ("_a_", f"_{J}a_{J}"),
        # No new line begins a heading or a list, and nothing turns what follows round.
        ("a\r\n# b\n- c\t\0d", "a # b - c d"),
        ("a\u202eb\u2066c\u200b", "a b c"),
    ],
)
def test_what_could_be_drawn_is_read_only(said: str, shown: str) -> None:
    assert plain(said) == shown


def test_a_very_long_text_is_cut() -> None:
    assert plain("x" * 100_000) == "x" * 399 + "\u2026"
