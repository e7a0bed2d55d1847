"""The fleet's certificate authority: signs one certificate per home and lists the revoked ones (RFC 5280)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from home_common.files import PUBLIC, write_whole

CERTIFICATE_FILE: Final = "certificate.pem"
PRIVATE_KEY_FILE: Final = "private_key.pem"
AUTHORITY_VALID: Final = timedelta(days=3650)
HOME_VALID: Final = timedelta(days=730)
# A broker refuses every home once its revocation list has expired, so the list outlives a long holiday.
REVOCATION_LIST_VALID: Final = timedelta(days=90)
_CLOCK_SKEW: Final = timedelta(hours=1)
_VEN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEY_USAGES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


class AuthorityError(Exception):
    """A certificate cannot be made; the message says why and holds no key."""


def require_ven_id(ven_id: str) -> str:
    """Return the venID, or raise AuthorityError when it is none."""
    if not _VEN_ID.fullmatch(ven_id):
        raise AuthorityError("a venID has 1 to 64 letters, digits, hyphens or underscores")
    return ven_id


def new_private_key() -> ec.EllipticCurvePrivateKey:
    """Return a fresh P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def private_key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a key as PEM text (PKCS #8, not encrypted: whoever writes it keeps the file to its owner)."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def signing_request(ven_id: str, key: ec.EllipticCurvePrivateKey) -> str:
    """Return a PEM certificate signing request whose only name is CN = venID."""
    request = x509.CertificateSigningRequestBuilder().subject_name(_name(require_ven_id(ven_id)))
    return request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def serial_number(certificate_pem: str) -> int:
    """Return the serial number of a PEM certificate. Raises AuthorityError when it is none."""
    try:
        return x509.load_pem_x509_certificate(certificate_pem.encode()).serial_number
    except ValueError as error:
        raise AuthorityError("not a certificate") from error


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetAuthority:
    """A certificate that may sign certificates and revocation lists, with its key."""

    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, name: str, *, now: datetime) -> Self:
        """Return a new authority with the common name ``name``, valid for ten years."""
        key = new_private_key()
        subject = _name(name)
        builder = _certificate(subject, subject, key.public_key(), now, AUTHORITY_VALID)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_key_usage("key_cert_sign", "crl_sign"), critical=True)
        return cls(certificate=builder.sign(key, hashes.SHA256()), private_key=key)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read an authority from its folder.

        Raises AuthorityError when it is missing, damaged or no authority.
        """
        try:
            certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE_FILE).read_bytes())
            key = serialization.load_pem_private_key((folder / PRIVATE_KEY_FILE).read_bytes(), password=None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise AuthorityError(f"no usable certificate authority in {folder}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise AuthorityError(f"key and certificate in {folder} do not belong together")
        return cls(certificate=certificate, private_key=key)

    def save(self, folder: Path) -> None:
        """Write the authority to its folder, the key readable by its owner only.

        Never overwrites another one.
        """
        if (folder / PRIVATE_KEY_FILE).exists():
            raise AuthorityError(f"{folder} already holds a certificate authority")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(folder / PRIVATE_KEY_FILE, private_key_pem(self.private_key))
        write_whole(folder / CERTIFICATE_FILE, self.certificate_pem, mode=PUBLIC)

    @property
    def certificate_pem(self) -> str:
        """The authority's own certificate, which brokers and homes trust."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def sign(self, request_pem: str, ven_id: str, *, now: datetime) -> str:
        """Return a PEM client certificate for the home that holds the request's key.

        The request must be signed by its own key (P-256) and name exactly ``ven_id``; nothing else of it is
        taken over. Raises AuthorityError otherwise.
        """
        public_key = check_request(request_pem, ven_id)
        builder = _certificate(_name(ven_id), self.certificate.subject, public_key, now, HOME_VALID)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_key_usage("digital_signature"), critical=True)
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        builder = builder.add_extension(self._identifier(), critical=False)
        certificate = builder.sign(self.private_key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM).decode()

    def revocation_list(self, revoked: Mapping[int, datetime], *, number: int, now: datetime) -> str:
        """Return the PEM list of revoked serial numbers and when each was (RFC 5280, section 5)."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(now - _CLOCK_SKEW).next_update(now + REVOCATION_LIST_VALID)
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
        builder = builder.add_extension(self._identifier(), critical=False)
        for serial, at in sorted(revoked.items()):
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
            builder = builder.add_revoked_certificate(entry.build())
        signed = builder.sign(self.private_key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM).decode()

    def _identifier(self) -> x509.AuthorityKeyIdentifier:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self.private_key.public_key())


def check_request(request_pem: str, ven_id: str) -> ec.EllipticCurvePublicKey:
    """Return the key of a signing request. Raises AuthorityError when it may not be signed for this home."""
    require_ven_id(ven_id)
    try:
        request = x509.load_pem_x509_csr(request_pem.encode())
        public_key = request.public_key()
        is_signed = request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature) as error:
        raise AuthorityError("not a certificate signing request") from error
    if request.subject != _name(ven_id):
        raise AuthorityError("the request must name the venID as its common name, and nothing else")
    if not isinstance(public_key, ec.EllipticCurvePublicKey) or not isinstance(
        public_key.curve, ec.SECP256R1
    ):
        raise AuthorityError("the request's key must be on the curve P-256")
    if not is_signed:
        raise AuthorityError("the request is not signed by its own key")
    return public_key


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, valid: timedelta
) -> x509.CertificateBuilder:
    start = now.astimezone(UTC) - _CLOCK_SKEW
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(start).not_valid_after(start + valid)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _key_usage(*allowed: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in allowed for usage in _KEY_USAGES})
