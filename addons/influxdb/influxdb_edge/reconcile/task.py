"""The task that downsamples to 15 minutes."""

import logging

from ..api import InfluxApi
from ..flux import TASK, downsampling_task

_LOGGER = logging.getLogger(__name__)


def ensure_task(api: InfluxApi, org_id: str) -> None:
    """Create the task, or correct its text and status. Task names may repeat: a second one goes."""
    tasks = api.get("/api/v2/tasks", orgID=org_id, limit="100").get("tasks") or []
    ours = [task for task in tasks if task["name"] == TASK]
    wanted = {"flux": downsampling_task(), "status": "active"}
    if not ours:
        api.post("/api/v2/tasks", {"orgID": org_id, **wanted})
        _LOGGER.info("Created task %s", TASK)
        return
    for surplus in ours[1:]:
        api.delete(f"/api/v2/tasks/{surplus['id']}")
        _LOGGER.info("Removed a second task %s", TASK)
    kept = ours[0]
    if kept["flux"].strip() != wanted["flux"].strip() or kept.get("status") != "active":
        api.patch(f"/api/v2/tasks/{kept['id']}", wanted)
        _LOGGER.info("Changed task %s", TASK)
