"""Certificates for tests: an authority with keyUsage, and what can be wrong with the rest."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Pem:
    certificate: str
    key: str


@dataclass
class Authority:
    """A certificate authority and what it signs."""

    authority: trustme.CA

    @property
    def certificate(self) -> str:
        return self.authority.cert_pem.bytes().decode()

    def issue(self, host: str, *, not_after: dt.datetime | None = None) -> Pem:
        return pem_of(self.authority.issue_cert(host, not_after=not_after))

    def issue_client(self, name: str) -> Pem:
        return pem_of(self.authority.issue_cert(common_name=name, organization_name="home"))


def new_authority() -> Authority:
    return Authority(trustme.CA())


def pem_of(leaf: trustme.LeafCert) -> Pem:
    return Pem(
        certificate="".join(each.bytes().decode() for each in leaf.cert_chain_pems),
        key=leaf.private_key_pem.bytes().decode(),
    )


def server_options(folder: Path, server: Pem, *, client_authority: str | None = None) -> tuple[str, ...]:
    """Return Mosquitto's lines for a TLS listener; with a ``client_authority`` it asks for certificates."""
    certificate, key = folder / "server.pem", folder / "server.key"
    certificate.write_text(server.certificate)
    key.write_text(server.key)
    options = (f"certfile {certificate}", f"keyfile {key}")
    if client_authority is None:
        return options
    authority = folder / "clients.pem"
    authority.write_text(client_authority)
    return (*options, f"cafile {authority}", "require_certificate true", "use_identity_as_username true")


def authority_without_key_usage(host: str) -> tuple[str, Pem]:
    """Return a CA certificate that says nothing about its key's usage, and a server certificate by it."""
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old authority")])
    day = dt.timedelta(days=1)
    template = (
        x509.CertificateBuilder()
        .issuer_name(authority_name)
        .not_valid_before(NOW - day)
        .not_valid_after(NOW + day)
    )
    authority = (
        template.subject_name(authority_name)
        .public_key(authority_key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    server = (
        template.subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]))
        .public_key(server_key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = server_key.private_bytes(
        pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return authority.public_bytes(pem).decode(), Pem(server.public_bytes(pem).decode(), private.decode())


def with_password(key: str, password: bytes) -> str:
    """Return the key, encrypted."""
    return (
        serialization.load_pem_private_key(key.encode(), None)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.BestAvailableEncryption(password),
        )
        .decode()
    )
