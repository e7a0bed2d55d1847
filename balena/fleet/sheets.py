"""Prints a home's job sheet into its folder."""

from datetime import datetime

from . import job_sheet
from .batch import BatchHome
from .context import Context
from .folder import HomeFolder, write_private


def print_sheet(
    context: Context, home: BatchHome, folder: HomeFolder, *, code: job_sheet.Code | None = None
) -> None:
    """Print it with what the home has now; ``code`` only where somebody has to type one."""
    made_at = (folder.read("sheet") or {}).get("made_at") or context.clock().isoformat()
    folder.write("sheet", {"made_at": made_at})
    sheet = job_sheet.render(
        home,
        code=code,
        access_point_password=(folder.read("credentials") or {})["access_point_password"],
        made_at=datetime.fromisoformat(made_at),
        support=context.configuration.support,
    )
    write_private(folder.job_sheet, sheet)


def kept_home(folder: HomeFolder, ven_id: str) -> BatchHome:
    """Return a home as it was enrolled. Raises KeyError when it was not."""
    kept = folder.read("home") or {}
    return BatchHome(
        ven_id=ven_id, device_uuid=kept["device_uuid"], address=kept["address"], record=kept["record"]
    )
