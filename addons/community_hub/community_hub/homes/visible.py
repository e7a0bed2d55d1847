"""Which homes somebody sees, a page of them."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy import Select

from ..accounts.identity import Asking, require
from ..accounts.roles import Reach, Thing, Verb, Who, reach
from ..store.tables import Home
from ..web.fields import Limit, ObjectId


class VisibleHomes:
    """The homes behind ``after`` by their venID; a household's are its own. Problem 403 for who sees none."""

    def __init__(self, who: Asking, after: ObjectId | None = None, limit: Limit = 100) -> None:
        """Take what a request asks for."""
        require(who, Verb.READ, Thing.HOME, owner_id=who.person_id)
        self.who: Who = who
        self._after, self._limit = after, limit

    def of[T](self, query: Select[tuple[T]]) -> Select[tuple[T]]:
        """Return a query of homes, narrowed to these and in their order."""
        query = query.order_by(Home.ven_id).limit(self._limit)
        if self._after is not None:
            query = query.where(Home.ven_id > self._after)
        if reach(self.who, Verb.READ, Thing.HOME) is not Reach.ANY:
            query = query.where(Home.owner_id == self.who.person_id)
        return query


Visible = Annotated[VisibleHomes, Depends()]
