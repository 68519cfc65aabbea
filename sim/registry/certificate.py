"""A self-signed certificate for a server on this machine, written in DER with the standard library alone.

    Certificate            SEQUENCE
    +- TBSCertificate        version 3, serial, ecdsa-with-SHA256, issuer, validity, subject, public key,
    |                        extensions: SAN, CA, key usage, server, subject key identifier
    +- signatureAlgorithm    ecdsa-with-SHA256
    +- signatureValue        BIT STRING of SEQUENCE {r, s}

(RFC 5280, sections 4.1 and 4.2; the key in the form of RFC 5915.) Every value is tag, length, contents (X.690). The
names that a client checks are the subject alternative names; the issuer is the subject, so a client trusts the
certificate by being handed it.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .p256 import N, Point, public_key, sign

COMMON_NAME = "Layer Lab registry"
DAY_S = 86_400

_INTEGER, _BITS, _OCTETS, _OID, _UTF8, _SEQUENCE, _SET = 0x02, 0x03, 0x04, 0x06, 0x0C, 0x30, 0x31
_TRUE = b"\x01\x01\xff"


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, both as PEM text."""

    certificate: str
    key: str


def self_signed(names: Sequence[str], *, now: float, days: int = 365) -> Pair:
    """Make a certificate that its own key signs.

    Parameters
    ----------
    names : sequence of str
        Host names and IP addresses, at least one.
    now : float
        Seconds since 1970; it holds from an hour before, so that a client's clock may be behind.
    days : int
        How long it holds from `now`.
    """
    d, k, serial = (secrets.randbelow(N - 1) + 1 for _ in range(3))
    body = _to_be_signed(names, public_key(d), serial >> 128, now - 3600, now + days * DAY_S)
    r, s = sign(int.from_bytes(hashlib.sha256(body).digest(), "big"), d, k)
    signature = _bits(_sequence(_integer(r), _integer(s)))
    return Pair(_pem("CERTIFICATE", _sequence(body, _ECDSA, signature)), _pem("EC PRIVATE KEY", _private(d)))


def _to_be_signed(names: Sequence[str], key: Point, serial: int, since: float, until: float) -> bytes:
    name = _sequence(_tagged(_SET, _sequence(_oid("2.5.4.3"), _tagged(_UTF8, COMMON_NAME.encode("utf-8")))))
    return _sequence(
        _tagged(0xA0, _integer(2)),  # Version 3 is written as 2.
        _integer(serial), _ECDSA, name, _sequence(_time(since), _time(until)), name,
        _sequence(_CURVE_KEY, _bits(_point(key))), _tagged(0xA3, _sequence(*_extensions(names, key))),
    )  # fmt: skip


def _extensions(names: Sequence[str], key: Point) -> list[bytes]:
    return [
        _extension("2.5.29.17", _sequence(*map(_alternative, names))),
        _extension("2.5.29.19", _sequence(_TRUE), critical=True),
        # digitalSignature and keyCertSign, bits 0 and 5: it stands for itself and for the authority.
        _extension("2.5.29.15", b"\x03\x02\x02\x84", critical=True),
        _extension("2.5.29.37", _sequence(_oid("1.3.6.1.5.5.7.3.1"))),
        _extension("2.5.29.14", _tagged(_OCTETS, hashlib.sha1(_point(key), usedforsecurity=False).digest())),
    ]


def _extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    return _sequence(_oid(oid), *([_TRUE] if critical else []), _tagged(_OCTETS, value))


def _alternative(name: str) -> bytes:
    try:
        return _tagged(0x87, ipaddress.ip_address(name).packed)
    except ValueError:
        return _tagged(0x82, name.encode("idna"))


def _private(d: int) -> bytes:
    return _sequence(
        _integer(1), _tagged(_OCTETS, d.to_bytes(32, "big")), _tagged(0xA0, _oid(_P256)),
        _tagged(0xA1, _bits(_point(public_key(d)))),
    )  # fmt: skip


def _point(point: Point) -> bytes:
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def _tagged(tag: int, contents: bytes) -> bytes:
    size = len(contents)
    if size < 0x80:
        return bytes((tag, size)) + contents
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + contents


def _sequence(*parts: bytes) -> bytes:
    return _tagged(_SEQUENCE, b"".join(parts))


def _integer(value: int) -> bytes:
    # One bit more than it needs: the first is the sign.
    return _tagged(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _bits(contents: bytes) -> bytes:
    return _tagged(_BITS, b"\0" + contents)


def _oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    found = bytearray((first * 40 + second,))
    for number in rest:
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.append(0x80 | number & 0x7F)
        found += bytes(reversed(septets))
    return _tagged(_OID, bytes(found))


def _time(at: float) -> bytes:
    moment = datetime.fromtimestamp(at, UTC)
    # UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280, section 4.1.2.5).
    tag, form = (0x17, "%y%m%d%H%M%SZ") if moment.year < 2050 else (0x18, "%Y%m%d%H%M%SZ")
    return _tagged(tag, moment.strftime(form).encode("ascii"))


def _pem(label: str, der: bytes) -> str:
    text = base64.encodebytes(der).decode("ascii").replace("\n", "")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))


_P256 = "1.2.840.10045.3.1.7"
_ECDSA = _sequence(_oid("1.2.840.10045.4.3.2"))
_CURVE_KEY = _sequence(_oid("1.2.840.10045.2.1"), _oid(_P256))
