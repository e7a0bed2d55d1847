"""What can be wrong between the home and its aggregator, each with a slug that can be translated."""

import socket
import ssl

from aiomqtt import MqttCodeError
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.reasoncodes import ReasonCode


class AggregatorError(Exception):
    """The aggregator's broker cannot be used.

    ``reason`` is one of ``cannot_connect``, ``unknown_host``, ``timeout``, ``bad_certificate``,
    ``bridge_down``, ``client_certificate_refused``, ``not_authorised``, ``bad_credentials``, ``invalid_pem``,
    ``invalid_topic`` and ``protocol``, or one of ``enrolment.redeem``. ``detail`` says what is wrong with a
    certificate: ``unknown_authority``, ``hostname``, ``expired``, ``not_yet_valid``, ``key_usage``,
    ``revoked``; None: something else. The message is for people and names no secret.
    """

    def __init__(self, reason: str, message: str, *, detail: str | None = None) -> None:
        """Keep the slugs beside the message."""
        super().__init__(message)
        self.reason = reason
        self.detail = detail

    @property
    def told(self) -> str:
        """The slug under which a form says it: the reason, with its detail when there is one."""
        return self.reason if self.detail is None else f"{self.reason}_{self.detail}"


class UnheardError(Exception):
    """Nobody listens to what the home tells: the broker keeps it for nobody."""


# X509_V_ERR_* of OpenSSL's x509_vfy.h.
CERTIFICATE_PROBLEMS = {
    2: ("unknown_authority", "was not signed by the given CA certificate"),
    9: ("not_yet_valid", "is not valid yet; check the clock"),
    10: ("expired", "has expired"),
    18: ("unknown_authority", "is self-signed and not the given CA certificate"),
    19: ("unknown_authority", "was not signed by the given CA certificate"),
    20: ("unknown_authority", "was not signed by the given CA certificate"),
    21: ("unknown_authority", "was not signed by the given CA certificate"),
    23: ("revoked", "is revoked"),
    26: ("key_usage", "is not meant for a server"),
    32: ("key_usage", "was signed by a CA certificate whose keyUsage does not allow signing"),
    62: ("hostname", "is for another host name"),
    64: ("hostname", "is for another address"),
    92: ("key_usage", "was signed by a CA certificate without keyUsage"),
}

# CONNACK: MQTT 5 section 3.2.2.2; paho gives the MQTT 3.1.1 codes the same numbers.
UNSUPPORTED_PROTOCOL_VERSION = 132
_BAD_USER_NAME_OR_PASSWORD = 134
_NOT_AUTHORIZED = 135
_BANNED = 138
_BAD_AUTHENTICATION_METHOD = 140


def connection_error(error: OSError, host: str, port: int) -> AggregatorError:
    """Say why no (TLS) connection to ``host`` came about."""
    where = f"{host}:{port}"
    match error:
        case ssl.SSLCertVerificationError():
            detail, words = CERTIFICATE_PROBLEMS.get(
                error.verify_code, (None, f"cannot be trusted: {error.verify_message}")
            )
            return AggregatorError("bad_certificate", f"The certificate of {where} {words}", detail=detail)
        case ssl.SSLError() if is_client_certificate_alert(error):
            return AggregatorError("client_certificate_refused", f"{where} refuses the client certificate")
        case ssl.SSLError():
            return AggregatorError("protocol", f"{where} does not speak TLS: {error.reason or error}")
        case TimeoutError():
            return AggregatorError("timeout", f"{where} does not answer")
        case socket.gaierror():
            return AggregatorError("unknown_host", f"The name {host} is not known")
    return AggregatorError("cannot_connect", f"No connection to {where}: {error.strerror or error}")


def is_client_certificate_alert(error: ssl.SSLError) -> bool:
    """Whether the other side's TLS alert is about the certificate we showed, or did not show."""
    reason = error.reason or ""
    return "ALERT" in reason and any(word in reason for word in ("CERT", "UNKNOWN_CA", "HANDSHAKE_FAILURE"))


def refused_connect(error: MqttConnectError, *, has_username: bool) -> AggregatorError:
    """Say why the broker answered CONNECT with a refusal."""
    code = reason_code_of(error)
    if code == _BAD_USER_NAME_OR_PASSWORD or (code == _NOT_AUTHORIZED and has_username):
        return AggregatorError("bad_credentials", "The broker refuses the user name or password")
    if code in {_NOT_AUTHORIZED, _BANNED, _BAD_AUTHENTICATION_METHOD}:
        return AggregatorError("not_authorised", "The broker does not let this home in")
    return AggregatorError("protocol", f"The broker refuses the connection: {error}")


def reason_code_of(error: MqttCodeError) -> int | None:
    """Return the MQTT reason code of a refusal, as a number."""
    return error.rc.value if isinstance(error.rc, ReasonCode) else error.rc
