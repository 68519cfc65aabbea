"""ECDSA on the curve P-256, in plain integers: enough to sign one certificate.

    y^2 = x^3 - 3x + b  (mod p)        a private key d is a number, its public key the point d*G
    signature of h with a fresh k:     r = x(k*G) mod n,   s = (h + r*d) / k mod n

(FIPS 186-5, section 6; SEC 1, section 4.1; the constants are those of SEC 2.) A few milliseconds a multiplication. It
takes time that depends on the key, which is why it signs once, when a certificate is made, and nothing that somebody
else can ask for.
"""

from __future__ import annotations

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)

Point = tuple[int, int]


def public_key(d: int) -> Point:
    """Return the point of the private key `d`, 0 < d < N.

    Examples
    --------
    >>> x, y = public_key(2)
    >>> (y * y - (x**3 - 3 * x + B)) % P, hex(x)[:18]
    (0, '0x7cf27b188d034f7e')
    """
    return _multiply(d, G)


def sign(hashed: int, d: int, k: int) -> tuple[int, int]:
    """Return the signature (r, s) of a 256-bit hash under the key `d`.

    Parameters
    ----------
    k : int
        0 < k < N, drawn at random for this one signature and known to nobody: two signatures with one k, or one with
        a known k, tell the key.
    """
    r = _multiply(k, G)[0] % N
    s = pow(k, -1, N) * (hashed + r * d) % N
    if not r or not s:
        raise ValueError("this k gives no signature; draw another")
    return r, s


def verifies(hashed: int, signature: tuple[int, int], key: Point) -> bool:
    """Tell whether a signature of a hash was made with the private key of the point `key`."""
    r, s = signature
    if not (0 < r < N and 0 < s < N):
        return False
    w = pow(s, -1, N)
    total = _add(_multiply(hashed * w % N, G), _multiply(r * w % N, key))
    return total is not None and total[0] % N == r


def _multiply(k: int, point: Point) -> Point:
    # Double and add, from the highest bit.
    found: Point | None = None
    for bit in bin(k)[2:]:
        found = _add(found, found)
        if bit == "1":
            found = _add(found, point)
    assert found is not None, "k is between 0 and N, so this is not the point at infinity"
    return found


def _add(one: Point | None, other: Point | None) -> Point | None:
    # None is the point at infinity.
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P) if one == other else (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P
