"""What the door adds to answers and takes from them, without breaking the pages of Home Assistant."""

import pytest

from .conftest import Entrance, HomeEntrance
from .stand_in import OPERATOR
from .visitors import trusting, visit

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

# Without its protection against frames the log-in page could be laid under another; its own pages are framed.
SANE = {
    "X-Content-Type-Options": ["nosniff"],
    "Referrer-Policy": ["same-origin"],
    "X-Frame-Options": ["SAMEORIGIN"],
    "Server": ["nginx"],
}
# These would break panels, cameras or the app, or lock browsers out of a home whose certificate is its own.
NOT_OURS = ("Content-Security-Policy", "Strict-Transport-Security", "Permissions-Policy", "X-Powered-By")


@pytest.mark.parametrize("over_tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("path", ["/", "/auth/authorize", "/auth/providers", "/manifest.json", "/nothing"])
async def test_home_assistants_answers_bear_each_header_once(
    path: str, over_tls: bool, home_entrance: HomeEntrance
) -> None:
    tls = trusting(home_entrance.door) if over_tls else None
    answer = await visit(home_entrance.door, path, tls=tls)
    assert {name: answer.headers.getall(name, []) for name in SANE} == SANE
    assert not [name for name in NOT_OURS if name in answer.headers]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/status", 200),
        ("/configurator/", 200),
        ("/influxdb/health", 200),
        ("/owner", 200),
        ("/api/onboarding/users", 403),
    ],
)
async def test_the_other_services_answers_bear_them_too(path: str, status: int, entrance: Entrance) -> None:
    answer = await visit(entrance.door, path, headers={"Authorization": OPERATOR})
    assert answer.status == status
    for name in ("X-Content-Type-Options", "Referrer-Policy", "Server"):
        assert answer.headers.getall(name) == SANE[name]


@pytest.mark.parametrize(("path", "host"), [("/status", "home.local"), ("/", "evil.example")])
async def test_a_refusal_tells_no_version(path: str, host: str, entrance: Entrance) -> None:
    answer = await visit(entrance.door, path, host=host)
    assert answer.status in {401, 421}
    assert answer.headers["Server"] == "nginx"
    assert "nginx/" not in answer.text
