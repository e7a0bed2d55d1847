"""What a resident sees while Home Assistant starts."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from .door import Door
from .visitors import visit

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(nginx: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """Return a door behind which nobody answers."""
    door = Door(tmp_path_factory.mktemp("door"))
    await door.start()
    yield door
    await door.stop()


@pytest.mark.parametrize(
    ("accepted", "language", "heading"),
    [
        ("", "en", "Your home is starting"),
        ("en-GB,en;q=0.9,nl;q=0.8", "en", "Your home is starting"),
        ("nl-BE,nl;q=0.9,en;q=0.8", "nl", "Je huis start op"),
        ("de", "de", "Dein Zuhause startet"),
        ("fr-FR,fr;q=0.9", "fr", "Votre maison démarre"),
        ("pt-PT", "pt", "A sua casa está a arrancar"),
        ("ja,nl;q=0.5", "en", "Your home is starting"),
    ],
)
async def test_a_home_that_starts_says_so_in_the_language_of_the_browser(
    accepted: str, language: str, heading: str, door: Door
) -> None:
    page = await visit(door, headers={"Accept-Language": accepted})
    assert page.status == 503
    assert f'<html lang="{language}">' in page.text
    assert f"<h1>{heading}</h1><p>" in page.text
