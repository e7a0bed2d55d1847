"""What browsers say of where a request comes from, and what it means."""

from collections.abc import Mapping

import pytest
from home_common.same_site import is_from_another_site

HOST = {"Host": "home.local"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://home.local"},
        {"Origin": "https://home.local"},
        {"Origin": "http://HOME.local"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://home.local"},
    ],
    ids=str,
)
def test_a_page_of_ours_and_a_command_line_may_ask(headers: Mapping[str, str]) -> None:
    assert not is_from_another_site({**HOST, **headers})


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": ""},
        # A browser that asks by plain HTTP says no more than this.
        {"Origin": "http://evil.example"},
        {"Origin": "http://home.local.evil.example"},
        {"Origin": "http://evil.example/home.local"},
        {"Origin": "http://home.local:8123"},
        {"Origin": "http://user@home.local"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
    ],
    ids=str,
)
def test_any_other_page_may_not(headers: Mapping[str, str]) -> None:
    assert is_from_another_site({**HOST, **headers})


def test_without_a_host_no_page_is_ours() -> None:
    assert is_from_another_site({"Origin": "http://home.local"})
    assert is_from_another_site({"Origin": ""})


def test_without_a_name_of_its_own_nothing_is_its_own() -> None:
    assert is_from_another_site({"Origin": "http://"})
    assert is_from_another_site({"Host": "", "Origin": "http://"})
