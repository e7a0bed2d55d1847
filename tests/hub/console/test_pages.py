"""How the hub serves the console's files."""

from pathlib import Path

import pytest
from community_hub.console import pages
from community_hub.store import Store

from ..running import Running, problem


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Give one database: these files are asked of none."""
    return sqlite_url


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Console</title>")
    (folder / "assets" / "console-1a2b.js").write_text("export {};")
    monkeypatch.setattr(pages, "SITE", folder)
    return folder


@pytest.mark.usefixtures("site")
async def test_who_comes_to_the_hub_is_sent_to_its_console(store: Store) -> None:
    async with Running(store).visitor() as visitor:
        sent = await visitor.get("/")
        page = await visitor.get(sent.headers["Location"])

    assert (sent.status_code, page.status_code) == (307, 200)
    assert "<title>Console</title>" in page.text


@pytest.mark.usefixtures("site")
async def test_a_page_lets_nothing_in_but_its_own_and_is_asked_for_anew(store: Store) -> None:
    async with Running(store).visitor() as visitor:
        page = await visitor.get("/console/")

    policy = page.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= set(
        policy
    )
    assert not any("unsafe" in each or "http" in each for each in policy)
    assert page.headers.get_list("Cache-Control") == ["no-cache"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.usefixtures("site")
async def test_what_has_its_hash_in_its_name_is_kept_by_the_browser(store: Store) -> None:
    async with Running(store).visitor() as visitor:
        script = await visitor.get("/console/assets/console-1a2b.js")
        answer = await visitor.get("/health")

    assert "immutable" in script.headers["Cache-Control"]
    assert answer.headers.get_list("Cache-Control") == ["no-store"]


@pytest.mark.parametrize("path", ["/console/../app.py", "/console/%2e%2e/app.py", "/console/nothing.js"])
async def test_nothing_beside_the_site_is_served(site: Path, store: Store, path: str) -> None:
    (site.parent / "app.py").write_text("secret")

    async with Running(store).visitor() as visitor:
        answer = await visitor.get(path)

    assert answer.status_code == 404
    assert "secret" not in answer.text


async def test_a_console_that_is_not_built_is_said(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SITE", tmp_path / "none")

    async with Running(store).visitor() as visitor:
        assert problem(await visitor.get("/console/")) == (503, "no-console")
