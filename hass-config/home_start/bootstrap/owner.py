"""The owner's account: made once, with a password nobody has seen, and a token for the agent."""

import logging
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from ..first_user import OWNER
from ..owner_folder import OwnerFolder
from .api import ApiError, HomeAssistantApi
from .memory import Memory

_LOGGER = logging.getLogger(__name__)

_TOKEN_NAME = "Home agent"  # noqa: S105 - the name of a token
_TOKEN_DAYS = 3650


class NotOwnerError(Exception):
    """The home belongs to somebody else now; the message says what that means."""


async def log_in(api: HomeAssistantApi, folder: OwnerFolder, memory: Memory, *, language: str) -> None:
    """Become the owner, who is created in a home without one.

    Raises NotOwnerError when neither token nor password is accepted any more: each is tried once, for
    Home Assistant bans an address that fails too often. Raises ApiError.
    """
    if await _token_is_good(api, token := folder.read("owner_token")):
        memory.keep_owner_token(str(token))
        return
    steps = await _open_steps(api)
    if "user" in steps:
        code = await _create(api, folder, language)
        steps.remove("user")
    else:
        code = await _log_in_with_password(api, folder)
    answer = await api.post_form(
        "/auth/token", {"grant_type": "authorization_code", "code": code, "client_id": api.client_id}
    )
    api.token = answer["access_token"]
    for step in steps:
        await _finish_step(api, step)
    token = await _agent_token(api, memory)
    # In this order: what the volume holds is copied to the folder at each start.
    memory.keep_owner_token(token)
    folder.write("owner_token", token)


async def _token_is_good(api: HomeAssistantApi, token: str | None) -> bool:
    if token is None:
        return False
    api.token = token
    try:
        await api.get("/api/config")
    except ApiError as error:
        if error.status != HTTPStatus.UNAUTHORIZED:
            raise
        api.token = None
        return False
    return True


async def _open_steps(api: HomeAssistantApi) -> list[str]:
    """Return the steps of onboarding that are to be done; its address is gone after the last one."""
    try:
        steps: list[dict[str, Any]] = await api.get("/api/onboarding")
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return []
    return [step["step"] for step in steps if not step["done"]]


async def _create(api: HomeAssistantApi, folder: OwnerFolder, language: str) -> str:
    """Create the owner and return a code to log in with. The password is kept before it is used."""
    folder.write("owner_username", OWNER)
    user = {
        "name": "Owner",
        "username": OWNER,
        "password": folder.secret("owner_password"),
        "client_id": api.client_id,
        "language": language,
    }
    answer = await api.post("/api/onboarding/users", user)
    _LOGGER.info("Created the owner's account; its password waits for the agent")
    return str(answer["auth_code"])


async def _log_in_with_password(api: HomeAssistantApi, folder: OwnerFolder) -> str:
    username, password = folder.read("owner_username"), folder.read("owner_password")
    if username is None or password is None:
        raise NotOwnerError("The home has an owner already, and we hold no password of theirs")
    flow = await api.post(
        "/auth/login_flow",
        {
            "client_id": api.client_id,
            "handler": ["homeassistant", None],
            "redirect_uri": f"{api.client_id}?auth_callback=1",
        },
    )
    answer = await api.post(
        f"/auth/login_flow/{flow['flow_id']}",
        {"client_id": api.client_id, "username": username, "password": password},
    )
    if answer["type"] != "create_entry":
        raise NotOwnerError("The owner changed the password and withdrew our token")
    return str(answer["result"])


async def _finish_step(api: HomeAssistantApi, step: str) -> None:
    """Say that a step of onboarding is done; what a step would have asked, we set or leave out."""
    body = {}
    if step == "integration":
        body = {"client_id": api.client_id, "redirect_uri": f"{api.client_id}?auth_callback=1"}
    with suppress(ApiError):  # done by somebody else in this moment, or unknown to this release
        await api.post(f"/api/onboarding/{step}", body)


async def _agent_token(api: HomeAssistantApi, memory: Memory) -> str:
    """Return a new token of the owner, once it outlives a power cut; an older one of its name ends."""
    for token in await _agent_tokens(api):
        await api.command("auth/delete_refresh_token", refresh_token_id=token)
    made = str(
        await api.command("auth/long_lived_access_token", client_name=_TOKEN_NAME, lifespan=_TOKEN_DAYS)
    )
    if not await memory.stored("auth", *await _agent_tokens(api)):
        raise ApiError("Home Assistant did not store the agent's token")
    api.token = made
    return made


async def _agent_tokens(api: HomeAssistantApi) -> list[str]:
    tokens = await api.command("auth/refresh_tokens")
    return [str(token["id"]) for token in tokens if token["client_name"] == _TOKEN_NAME]
