"""A community's authorities: the fleet's own, which signs homes, and one for the central broker."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import trustme
from community_hub.enrolment.authority import (
    FleetAuthority,
    new_private_key,
    private_key_pem,
    serial_number,
    signing_request,
)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A certificate and its key, both PEM."""

    certificate: str
    private_key: str


@dataclass
class Community:
    """Signs what brokers and homes of one community show each other."""

    homes: FleetAuthority = field(
        default_factory=lambda: FleetAuthority.create("homes of the test", now=datetime.now(UTC))
    )
    servers: trustme.CA = field(default_factory=trustme.CA)

    @property
    def server_authority(self) -> str:
        return self.servers.cert_pem.bytes().decode()

    def home(self, home_id: str) -> Identity:
        key = new_private_key()
        request = signing_request(home_id, key)
        certificate = self.homes.sign(request, home_id, now=datetime.now(UTC))
        return Identity(certificate=certificate, private_key=private_key_pem(key))

    def server(self, host: str = "127.0.0.1") -> Identity:
        leaf = self.servers.issue_cert(host)
        return Identity(
            certificate="".join(each.bytes().decode() for each in leaf.cert_chain_pems),
            private_key=leaf.private_key_pem.bytes().decode(),
        )

    def revocation_list(self, *revoked: Identity) -> str:
        now = datetime.now(UTC)
        serials = {serial_number(each.certificate): now for each in revoked}
        return self.homes.revocation_list(serials, number=1 + len(serials), now=now)
