"""The bearer tokens that subscribers gave for their callbacks: sealed, and in no document."""

import json
from typing import Any

from ..accounts.sealing import Vault
from ..store.tables import Subscription


def seal_bearer_tokens(vault: Vault, document: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return a subscription's document without tokens, and the tokens of its operations, sealed."""
    operations = document["objectOperations"]
    tokens = [operation.get("bearerToken") for operation in operations]
    kept = [
        {name: value for name, value in operation.items() if name != "bearerToken"}
        for operation in operations
    ]
    return document | {"objectOperations": kept}, vault.seal(json.dumps(tokens))


def bearer_token(vault: Vault, subscription: Subscription, operation: int) -> str | None:
    """Return the token for one operation of a subscription. Raises SealError."""
    tokens: list[str | None] = json.loads(vault.open(subscription.bearer_tokens_sealed))
    return tokens[operation]
