"""One door for most tests, in front of small stand-ins that keep what they were asked."""

from collections.abc import Iterator

import pytest

from .door import SYSTEM, nginx_is_there


@pytest.fixture(autouse=True, scope="session")
def nginx() -> Iterator[None]:
    """Skip everything here where there is no nginx, and find it where only root looks."""
    if not nginx_is_there():
        pytest.skip("nginx is not there: run scripts/setup as root")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", SYSTEM, prepend=":")
        yield
