"""All certificates of a home, whoever issued them: the folder's and those the enrolment service signed."""

from .context import Context
from .home_secrets import serials


async def all_serials(context: Context, ven_id: str) -> list[int]:
    """Return every serial number once. Raises CentreError when the enrolment service cannot be asked."""
    own = serials(context.folder.home(ven_id))
    return list(dict.fromkeys([*own, *await context.centre.serials(ven_id)]))
