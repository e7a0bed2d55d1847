"""From empty volumes to a home that reads its meter, reports to the centre and stores points; and again.

Every service runs from docker-compose.yml and its Dockerfile, in a network and root of its own: see
scripts/home_stack/deployed.
"""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from scripts.home_stack.deployed.community import HOME_ID, Community
from scripts.home_stack.deployed.outage import outage
from scripts.home_stack.deployed.possible import obstacle

# Bounds of waiting; how long it took is printed.
FIRST_START_S = 240
SECOND_START_S = 180
DEVICES = {"grid_meter", "pv", "battery"}
# Who misses a program or a library that Home Assistant's own image has.
WITH_THE_IMAGE = ("haffmpeg.core", "homeassistant.components.camera.img_util")
MEMBERS = DEVICES | {"aggregator", "measurement_store"}

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", autouse=True)
def possible() -> None:
    """Skip where a machine allows no network namespaces."""
    if (reason := obstacle()) is not None:
        pytest.skip(reason)


def _errors(community: Community) -> list[str]:
    """Return what any service logged as an error."""
    return [
        f"{name}: {line}"
        for name in community.home.home.services
        for line in community.home.log(name).splitlines()
        if re.search(r" (ERROR|CRITICAL) ", line) and not any(f"[{who}]" in line for who in WITH_THE_IMAGE)
    ]


async def test_from_empty_volumes_to_a_working_home_and_again_with_nothing_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    community = Community(tmp_path)
    async with community.up():
        first_s = await community.works(timeout_s=FIRST_START_S)
        facts = await community.facts()
        await community.all_healthy(timeout_s=60)
        heartbeat = await community.heartbeat(linked=DEVICES, timeout_s=60)
        assert heartbeat["home"] == HOME_ID
        assert heartbeat["queues"]["bridge_connected"]
        assert _errors(community) == []
    community.heard.clear()
    async with community.up():
        second_s = await community.works(timeout_s=SECOND_START_S)
        assert await community.facts() == facts
    with capsys.disabled():
        print(f" from empty volumes {first_s:.0f} s, again {second_s:.0f} s ", end="")  # noqa: T201 # figures to see
    assert {kind for kind, _ in facts["members"]} == MEMBERS


async def test_nothing_is_lost_when_the_line_is_cut_and_brokers_and_home_assistant_are_killed(
    tmp_path: Path,
) -> None:
    community = Community(tmp_path)
    async with community.up():
        await community.works(timeout_s=FIRST_START_S)
        result = await outage(community, cut_s=60, per_s=20, tell=lambda _: None)
    assert result.reports_sent > 200
    assert result.nothing_lost, result
    assert result.reason_shown == "bridge_down"


async def test_the_operator_hands_the_first_password_over_once_and_the_owner_sees_the_home(
    tmp_path: Path, page: Page
) -> None:
    community = Community(tmp_path / "community")
    async with community.up():
        await community.works(timeout_s=FIRST_START_S)
        door = community.home.address("nginx")
        secret = (community.home.volume("home_agent") / "operator_secret").read_text()
        await page.goto(f"http://operator:{secret}@{door}/owner")
        await page.get_by_role("button").click()
        username, password = await page.locator("dd").all_inner_texts()
        assert username == "owner"
        await page.goto(f"http://{door}/owner")
        await expect(page.get_by_role("button")).to_have_count(0)

        await page.goto(f"http://{door}/config/integrations/integration/home_flex")
        await page.locator("input[name=username]").fill(username)
        await page.locator("input[name=password]").fill(password)
        await page.keyboard.press("Enter")
        for kind in ("Grid meter", "PV inverter", "Battery"):
            await expect(page.get_by_text(kind, exact=True).first).to_be_visible()
