"""Why a release may go to homes: a canary found it no worse, or a person answers for it.

The canary's report has to be of exactly this release: of its name, and of the code that this clone holds.
"""

import getpass
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self

from community_hub.canary.report import Report
from community_hub.canary.rules import LEAST_COMPARED
from community_hub.canary.versions import digest_of_source

from .balena import Release
from .context import CommandError, Context

CORE: Final = Path(__file__).parents[2] / "custom_components" / "home_flex" / "core"
# Older scenarios are of another season.
RECENT: Final = timedelta(days=7)
_LEAST_REASON: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """By a report (``core`` is the digest of the code it is of), or with a ``reason`` by a person."""

    at: str
    by: str
    core: str
    reason: str | None = None

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Return the admission of ``document``."""
        return cls(**document)


def admit(context: Context, release: Release, *, without_canary: str | None) -> Admission:
    """Return why a release may go to homes; ``without_canary`` is a person's reason, which is kept.

    Raises CommandError when nothing admits it.
    """
    core, now = digest_of_source(CORE), context.clock()
    admission = Admission(at=now.isoformat(timespec="seconds"), by=getpass.getuser(), core=core)
    refusal = _refusal(context, release, core)
    if refusal is None:
        return admission
    if without_canary is None:
        raise CommandError(f"{release.version} goes to no home: {refusal}")
    admission = replace(admission, reason=" ".join(without_canary.split()))
    if len(admission.reason or "") < _LEAST_REASON:
        raise CommandError("--without-canary wants a reason in words")
    if not context.dry_run:
        context.folder.audit(
            {
                "act": "rollout without canary",
                "release": release.version,
                "commit": release.commit,
                "refused": refusal,
                **admission.document(),
            }
        )
    context.say(f"{release.version} goes to homes though {refusal}. The reason is kept: {admission.reason}")
    return admission


def _refusal(context: Context, release: Release, core: str) -> str | None:
    path = context.folder.canary(release.version)
    try:
        report = Report.load(path)
    except FileNotFoundError:
        return f"there is no report of a canary ({path}; scripts/flexctl canary makes it)"
    except ValueError as error:
        return str(error)
    if report.release != release.version:
        return f"the canary's report is of {report.release}"
    if report.new != core:
        return "the canary tried other code than this clone holds"
    if not timedelta() <= context.clock() - report.made_at <= RECENT:
        return f"the canary's report is not of the last {RECENT.days} days"
    if not report.passed or report.compared < LEAST_COMPARED:
        return "the canary found it worse than what homes run"
    return None
