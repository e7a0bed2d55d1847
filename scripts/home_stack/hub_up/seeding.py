"""What a community has before anybody signs in: a programme, households, their homes and consents.

It is written by the hub's own rooms, with the audit log, into a database that no hub has open yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from community_hub.accounts import people
from community_hub.accounts.roles import Role
from community_hub.homes import consents
from community_hub.store import new_id, open_store, utc_now
from community_hub.store.tables import Home, Program

from .simulated import SimulatedHome

PROGRAM: Final = "Evening flexibility"
_SEEDER: Final = "scripts/hub up"
_AGREED: Final = (
    "My home may be asked to use less or more in the evening. I may say no at any time, and each time."
)
_LASTS: Final = timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seeded:
    """The programme, and by venID the code with which a home's household sets its password."""

    program_id: str
    household_codes: dict[str, str]


async def seed(database: str, homes: Sequence[SimulatedHome]) -> Seeded:
    """Let homes join, each with its household, and let the households consent to the programme."""
    store = await open_store(database)
    now = utc_now()
    codes = {}
    try:
        async with store.writing() as session:
            program = Program(
                id=new_id(),
                created_at=now,
                modified_at=now,
                client_id=_SEEDER,
                name=PROGRAM,
                document={"programName": PROGRAM},
            )
            session.add(program)
            for home in homes:
                newcomer = people.Newcomer(
                    email=email_of(home), name=f"Household of {home.name}", role=Role.HOUSEHOLD
                )
                person, codes[home.ven_id] = await people.invite(session, now, newcomer, actor=_SEEDER)
                session.add(
                    Home(
                        ven_id=home.ven_id,
                        name=home.name,
                        owner_id=person.id,
                        feeder=home.feeder,
                        postcode=home.postcode,
                        created_at=now,
                    )
                )
                await session.flush()
                agreement = consents.Agreement(
                    ven_id=home.ven_id,
                    program_id=program.id,
                    devices=(),
                    valid_from=now,
                    valid_until=now + _LASTS,
                    text=_AGREED,
                )
                await consents.grant(session, now, agreement, person_id=person.id, how="simulated")
        return Seeded(program_id=program.id, household_codes=codes)
    finally:
        await store.close()


def email_of(home: SimulatedHome) -> str:
    """Return a household's e-mail address."""
    return f"{home.ven_id}@example.org"
