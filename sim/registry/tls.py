"""TLS for the registry: a certificate that is given, or one that it makes and keeps.

    FOLDER/cert.pem    what clients are handed:  /etc/docker/certs.d/HOST:PORT/ca.crt,  curl --cacert
    FOLDER/key.pem     readable by its owner alone

A kept certificate serves as long as it holds and names every host that is asked for; then a new one takes its place,
and clients have to be handed that.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Sequence
from pathlib import Path

from ..content.durable import make_folder, written_aside
from ..errors import BadInput
from .certificate import DAY_S, self_signed

CERTIFICATE = "cert.pem"
KEY = "key.pem"
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def server_context(certificate: str | os.PathLike[str], key: str | os.PathLike[str]) -> ssl.SSLContext:
    """Return the TLS settings of a server.

    Raises
    ------
    BadInput
        One of the PEM files cannot be read, or they do not belong together.
    """
    for path in (certificate, key):
        with open(path, "rb"):  # ssl names no file when one is absent.
            pass
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # Without a password function OpenSSL would ask on the terminal.
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        raise BadInput(
            f"no certificate and key in PEM that belong together ({error.reason or error})",
            where=f"{os.fspath(certificate)}, {os.fspath(key)}",
            hint="give the certificate to --tls-cert and its unencrypted key to --tls-key",
        ) from error
    context.set_alpn_protocols(["http/1.1"])
    return context


def _no_password() -> bytes:
    return b""


def kept_certificate(folder: Path, names: Sequence[str], *, now: float) -> tuple[Path, Path]:
    """Return the files of a self-made certificate and its key; make them where they are not there or do not serve.

    Parameters
    ----------
    folder : Path
        Made where it is absent.
    names : sequence of str
        Hosts that it must name, beside this machine's own.
    now : float
        Seconds since 1970.
    """
    certificate, key = folder / CERTIFICATE, folder / KEY
    wanted = tuple(dict.fromkeys((*LOCAL_NAMES, *names)))
    if not _serves(certificate, key, wanted, now):
        pair = self_signed(wanted, now=now)
        make_folder(folder)
        for path, text in ((key, pair.key), (certificate, pair.certificate)):
            with written_aside(path) as file:
                if path is key and hasattr(os, "fchmod"):
                    os.fchmod(file.fileno(), 0o600)
                file.write(text.encode("ascii"))
    return certificate, key


def _serves(certificate: Path, key: Path, names: Sequence[str], now: float) -> bool:
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key, password=_no_password)
        context.load_verify_locations(certificate)
    except (OSError, ssl.SSLError):
        return False
    # The one way in which the standard library reads a certificate that is a file.
    found = context.get_ca_certs()[0]
    held = {_same(str(pair[1])) for pair in found.get("subjectAltName", ())}
    # A client in the middle of a lesson should not see it end.
    return ssl.cert_time_to_seconds(str(found["notAfter"])) > now + DAY_S and held.issuperset(map(_same, names))


def _same(name: str) -> str:
    # OpenSSL writes ::1 as 0:0:0:0:0:0:0:1.
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.lower()
