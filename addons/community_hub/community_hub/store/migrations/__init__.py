"""How the tables came to be, step by step; ``versions`` is one line of history without branches."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

NEWEST: Final = "head"


def upgrade(connection: Connection, revision: str = NEWEST) -> None:
    """Bring the tables to a revision, within the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
