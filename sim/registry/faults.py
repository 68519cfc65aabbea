"""What goes wrong on a connection, in the words that docker prints (they are those of Go's libraries).

    Get "https://172.17.0.1:5000/v2/": http: server gave HTTP response to HTTPS client
    Get "http://127.0.0.1:5001/v2/": dial tcp 127.0.0.1:5001: connect: connection refused

A learner meets the same words here as on a real machine; beside them stands what to do.
"""

from __future__ import annotations

import errno
import socket
import ssl
from http.client import HTTPException, IncompleteRead

from ..errors import TransferFailed

NETWORK_ERRORS = (OSError, HTTPException)
"""What sockets, TLS and HTTP raise. A file's `OSError` must not be caught among them."""

_NOT_TLS = {
    "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG",
}
_UNKNOWN_AUTHORITY = {18, 19, 20, 21}
"""OpenSSL: self-signed, self-signed in the chain, no issuer here, no issuer at all."""
_EXPIRED = {9, 10}
_OTHER_NAME = {62, 64}


def broken(method: str, url: str, error: BaseException, host: str) -> TransferFailed:
    """Return the failure of a request as one value.

    Parameters
    ----------
    method, url : str
        The request.
    error : BaseException
        One of `NETWORK_ERRORS`.
    host : str
        ``HOST:PORT`` that was dialled.

    Examples
    --------
    >>> print(broken("GET", "http://127.0.0.1:1/v2/", ConnectionRefusedError(), "127.0.0.1:1").what)
    Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused
    """
    words, hint, again = _words(error, host)
    return TransferFailed(f'{method.capitalize()} "{url}": {words}', hint=hint, again=again)


def _words(error: BaseException, host: str) -> tuple[str, str | None, bool]:
    if isinstance(error, ssl.SSLCertVerificationError):
        return *_x509(error, host), False
    if isinstance(error, ssl.SSLEOFError):
        return "EOF", None, True
    if isinstance(error, ssl.SSLError):
        if error.reason in _NOT_TLS:
            hint = f"the registry speaks plain HTTP: declare it with --insecure {host}, or in insecure-registries" \
                " of daemon.json, on this machine, which is the client"
            return "http: server gave HTTP response to HTTPS client", hint, False
        return f"tls: {(error.reason or str(error)).lower().replace('_', ' ')}", None, False
    if isinstance(error, socket.gaierror):
        return f"dial tcp: lookup {host.rpartition(':')[0]}: no such host", "check the registry's name", False
    if isinstance(error, ConnectionRefusedError):
        return f"dial tcp {host}: connect: connection refused", "is the registry running there?", True
    if isinstance(error, TimeoutError):
        return f"dial tcp {host}: i/o timeout", None, True
    if isinstance(error, IncompleteRead):
        return "unexpected EOF", None, True
    if isinstance(error, ConnectionError):  # http.client's RemoteDisconnected among them
        reset = isinstance(error, ConnectionResetError) and error.errno == errno.ECONNRESET
        return f"read tcp {host}: connection reset by peer" if reset else "EOF", None, True
    if isinstance(error, HTTPException):
        return "malformed HTTP response", "what listens there is no registry", False
    strerror = getattr(error, "strerror", None) or str(error)
    return f"dial tcp {host}: {str(strerror).lower()}", None, True


def _x509(error: ssl.SSLCertVerificationError, host: str) -> tuple[str, str]:
    place = f"/etc/docker/certs.d/{host}/ca.crt"
    if error.verify_code in _UNKNOWN_AUTHORITY:
        return "x509: certificate signed by unknown authority", f"put the certificate that signed it at {place}"
    if error.verify_code in _EXPIRED:
        return "x509: certificate has expired or is not yet valid", "the registry needs a new certificate"
    if error.verify_code in _OTHER_NAME:
        return f"x509: certificate is not valid for {host.rpartition(':')[0]}", \
            "it must name the host among its subjectAltNames"
    return f"x509: {error.verify_message}", f"put the certificate that signed it at {place}"
