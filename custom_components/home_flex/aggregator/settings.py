"""Where the aggregator is, and who the home is to it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class AggregatorSettings:
    """The broker's address, the home's identity there, and how both prove who they are.

    ``ca_certificate``, ``client_certificate`` and ``client_key`` are PEM texts; without a CA certificate the
    machine's own trust store is used. ``prefix`` may be empty. Secrets are not in the representation.
    """

    host: str
    port: int
    prefix: str
    ven_id: str
    ven_name: str
    tls: bool
    ca_certificate: str | None = field(default=None, repr=False)
    client_certificate: str | None = field(default=None, repr=False)
    client_key: str | None = field(default=None, repr=False)
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
