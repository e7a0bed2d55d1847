"""List, compare, create or patch: a start brings InfluxDB to the wanted state, a second changes nothing."""

import logging
from dataclasses import dataclass

from ..api import InfluxApi
from ..configuration import Configuration
from . import buckets, replication, setup, task, tokens

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Reconciled:
    """What later work needs to know: the API with the operator's token, and the organisation."""

    api: InfluxApi
    org_id: str
    replication_id: str | None


def reconcile(configuration: Configuration, api: InfluxApi) -> Reconciled:
    """Bring everything to the wanted state. Raises ApiError, OSError, LookupError."""
    operator = setup.ensure_operator(api, configuration)
    org_id = setup.organisation_id(operator)
    ids = buckets.ensure_buckets(operator, org_id, configuration)
    task.ensure_task(operator, org_id)
    tokens.ensure_tokens(operator, org_id, ids, configuration.credentials)
    replication_id = replication.ensure_replication(operator, org_id, ids, configuration)
    _LOGGER.info("InfluxDB is as it should be")
    return Reconciled(api=operator, org_id=org_id, replication_id=replication_id)
