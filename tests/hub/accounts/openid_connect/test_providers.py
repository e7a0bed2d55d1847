"""How an operator sets providers, and what is no setting."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from community_hub.accounts.openid_connect.providers import Provider, providers_of
from home_common.settings import Settings, SettingsError

CITY: dict[str, Any] = {
    "name": "city",
    "title": "City of Example",
    "issuer": "https://login.city.example",
    "client_id": "hub",
}
DOCUMENT = Path(__file__).parents[4] / "docs/hub.md"
SECRET = "what the city gave"


def read(told: Any, secrets: Any = None) -> tuple[Provider, ...]:
    values = {
        "HUB_OPENID_PROVIDERS": told if isinstance(told, str) else json.dumps(told),
        "HUB_OPENID_SECRETS": json.dumps({"city": SECRET} if secrets is None else secrets),
    }
    return providers_of(Settings(values))


def test_none_is_set_by_default() -> None:
    assert providers_of(Settings({})) == ()


def test_the_operators_document_shows_settings_that_are_read() -> None:
    told = {
        name: re.search(rf"^    {name}='(.*)'$", DOCUMENT.read_text(), re.MULTILINE)
        for name in ("HUB_OPENID_PROVIDERS", "HUB_OPENID_SECRETS")
    }

    [city] = providers_of(Settings({name: found[1] if found else "" for name, found in told.items()}))

    assert (city.title, city.client_secret) == ("City of Example", "…")


def test_a_provider_is_trusted_for_no_second_factor_unless_it_is_said() -> None:
    [city] = read([CITY])

    assert (city.name, city.issuer, city.client_id) == ("city", "https://login.city.example", "hub")
    assert (city.client_secret, city.is_second_factor, city.amr, city.acr) == (SECRET, False, frozenset(), ())


def test_how_far_it_is_trusted_is_read() -> None:
    [city] = read([CITY | {"amr": ["mfa"], "acr": ["gold", "silver"], "is_second_factor": True}])

    assert (city.amr, city.acr, city.is_second_factor) == (frozenset({"mfa"}), ("gold", "silver"), True)


def test_a_provider_does_not_show_its_secret() -> None:
    assert SECRET not in repr(read([CITY]))


@pytest.mark.parametrize(
    ("told", "secrets"),
    [
        ("{", None),
        ("{}", None),
        ([CITY | {"name": "The City"}], None),
        ([CITY | {"name": ""}], None),
        ([CITY | {"title": ""}], None),
        ([CITY | {"secret": SECRET}], None),
        ([CITY | {"amr": "mfa"}], None),
        ([CITY | {"is_second_factor": "yes"}], None),
        ([{"name": "city"}], None),
        ([CITY | {"issuer": "http://login.city.example"}], None),
        ([CITY | {"issuer": "login.city.example"}], None),
        ([CITY | {"issuer": "https://login.city.example?x=1"}], None),
        ([CITY | {"issuer": "https://login.city.example#x"}], None),
        ([CITY | {"issuer": "https://[login"}], None),
        ([CITY, CITY], None),
        ([CITY, CITY | {"name": "village"}], {"city": SECRET, "village": SECRET}),
        ([CITY | {"name": f"city-{n}", "issuer": f"https://{n}.example"} for n in range(9)], None),
        ([CITY], {}),
        ([CITY], {"city": ""}),
        ([CITY], {"city": SECRET, "village": SECRET}),
        ([CITY], [SECRET]),
        ([CITY], SECRET),
    ],
    ids=lambda value: json.dumps(value)[:70],
)
def test_what_is_no_setting_is_refused_without_telling_a_secret(told: Any, secrets: Any) -> None:
    with pytest.raises(SettingsError) as refused:
        read(told, secrets)

    assert "HUB_OPENID_" in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_provider_on_this_machine_may_speak_in_the_clear(host: str) -> None:
    [city] = read([CITY | {"issuer": f"http://{host}:8080"}])

    assert city.issuer == f"http://{host}:8080"


def test_secrets_that_are_missing_are_said_to_be() -> None:
    with pytest.raises(SettingsError, match="HUB_OPENID_SECRETS is not set"):
        providers_of(Settings({"HUB_OPENID_PROVIDERS": json.dumps([CITY])}))
