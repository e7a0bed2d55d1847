"""Writes thousands of rows in one statement, as the driver takes them.

SQLAlchemy looks up each value of each row by its name, which costs as much as the database takes to write it.
"""

from collections.abc import Sequence
from itertools import repeat
from operator import is_
from typing import Any

from sqlalchemy import Dialect, Table, insert
from sqlalchemy.ext.asyncio import AsyncSession


async def insert_rows(
    session: AsyncSession, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows of the columns that are named, in this order; nothing else is flushed."""
    if not rows:
        return
    connection = await session.connection()
    statement = insert(table).inline().compile(dialect=connection.dialect, column_keys=list(names))
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    bound = [_bound(table, name, connection.dialect, columns[name]) for name in statement.positiontup or ()]
    await connection.exec_driver_sql(str(statement), list(zip(*bound, strict=True)))


def _bound(table: Table, name: str, dialect: Dialect, values: Sequence[Any]) -> Sequence[Any]:
    """Return a column's values as the driver takes them; what all rows share is made ready once."""
    bind = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    if bind is None:
        return values
    if all(map(is_, values, repeat(values[0]))):
        return [bind(values[0])] * len(values)
    return [bind(value) for value in values]
