"""The first set-up, and the operator's token, which InfluxDB keeps as a hash: our file is the only copy."""

import logging
from pathlib import Path
from typing import Final

from home_common.secret_files import new_secret, write_secret

from ..api import ApiError, InfluxApi
from ..configuration import Configuration
from ..flux import ORG, RAW

_LOGGER = logging.getLogger(__name__)
_OPERATOR: Final = "operator"


def ensure_operator(api: InfluxApi, configuration: Configuration) -> InfluxApi:
    """Return the API with the operator's token, after setting InfluxDB up when it is new.

    Raises LookupError when InfluxDB is set up but does not know our token: only its owner can help then.
    """
    folder = configuration.data / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written before it is used: a kill in between leaves a token that the next start sets up with.
    token = _kept(folder / "operator_token")
    password = _kept(folder / "operator_password")
    if api.get("/api/v2/setup").get("allowed"):
        api.post(
            "/api/v2/setup",
            {
                "username": _OPERATOR,
                "password": password,
                "org": ORG,
                "bucket": RAW,
                "retentionPeriodSeconds": configuration.retention_s,
                "token": token,
            },
        )
        _LOGGER.info("Set InfluxDB up: organisation %s, user %s", ORG, _OPERATOR)
    operator = api.with_token(token)
    try:
        operator.get("/api/v2/orgs", limit="1")
    except ApiError as error:
        if error.status == 401:
            raise LookupError(
                "InfluxDB does not accept our operator token: see 'Lost operator token' in DOCS.md"
            ) from None
        raise
    return operator


def organisation_id(operator: InfluxApi) -> str:
    """Return the id of the home's organisation, created when it is gone."""
    for organisation in operator.get("/api/v2/orgs", limit="100")["orgs"]:
        if organisation["name"] == ORG:
            return str(organisation["id"])
    created = operator.post("/api/v2/orgs", {"name": ORG})
    _LOGGER.info("Created organisation %s", ORG)
    return str(created["id"])


def _kept(path: Path) -> str:
    try:
        if value := path.read_text().strip():
            return value
    except FileNotFoundError:
        pass
    value = new_secret()
    write_secret(path, value)
    return value
