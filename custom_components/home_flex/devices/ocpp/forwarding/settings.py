"""What the resident says about a second back end."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class ForwardSettings:
    """A second back end: its address (``ws`` or ``wss``, without the identity), and who the charger is there.

    ``id_tag``, where there is one, is told in place of the tag that began a session here. ``may_start``: it
    may start and stop sessions; it may never do more. ``ca_certificate``, a PEM text, is the only authority
    that is believed to vouch for it; None: those that everybody trusts.
    """

    url: str
    identity: str
    password: str | None = field(default=None, repr=False)
    id_tag: str | None = field(default=None, repr=False)
    may_start: bool = False
    ca_certificate: str | None = field(default=None, repr=False)
