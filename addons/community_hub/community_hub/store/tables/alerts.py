"""What is wrong for a while."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import ID_CHARACTERS
from .base import Base


class Alert(Base):
    """Something that is wrong since ``since``. ``told_at``: when operators were last told; None: not yet."""

    __tablename__ = "alerts"

    rule: Mapped[str] = mapped_column(String(ID_CHARACTERS), primary_key=True)
    text: Mapped[str]
    since: Mapped[datetime]
    told_at: Mapped[datetime | None]
