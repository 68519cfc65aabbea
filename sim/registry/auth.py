"""Who asks, and what they may do: Basic and Bearer, as pure functions.

    request without the rights --> 401, WWW-Authenticate: Basic realm="…"
                                                      or: Bearer realm="…",service="…",scope="repository:a/b:pull"
    Basic   name and password in every request; who is known may do everything
    Bearer  a token service checks the password once and signs what it grants; the registry checks the signature

(RFC 7617; RFC 6750; distribution, "Token Authentication Specification".) Passwords are lines of an htpasswd file,
hashed by bcrypt, which the standard library does not have: whoever serves hands a `Verify` function in. Tokens here
are JSON Web Tokens signed by HMAC-SHA256 with the service's own key; they say when they end, and the clock is an
argument.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..content.descriptor import parse_json
from ..errors import BadInput, DocumentInvalid
from .messages import Head

Verify = Callable[[str, str], bool]
"""(password, hash) -> whether they belong together; bcrypt's, for htpasswd lines."""

TOKEN_LIFE_S = 300
_BCRYPT = re.compile(r"\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}")
_SCOPE = re.compile(r"(repository|registry)(?:\([a-z0-9]+\))?:([a-z0-9._/:-]{1,300}):([a-z*,]{1,40})", re.ASCII)
_MAX_HEADER = 16 << 10


@dataclass(frozen=True, slots=True, order=True)
class Access:
    """Actions on one thing: ``repository:a/b:pull,push`` or ``registry:catalog:*``."""

    kind: str
    name: str
    actions: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}:{','.join(self.actions)}"

    @classmethod
    def parse(cls, text: str) -> Access:
        """Read a scope; `DocumentInvalid` otherwise.

        Examples
        --------
        >>> Access.parse("repository:cyo57/app:pull,push").actions
        ('pull', 'push')
        """
        match = _SCOPE.fullmatch(text)
        if match is None:
            raise DocumentInvalid(f"{text[:80]!r} is no scope", hint="a scope reads repository:NAME:pull,push")
        return cls(match[1], match[2], tuple(match[3].split(",")))


def pull(name: str) -> Access:
    """The right to pull from a repository."""
    return Access("repository", name, ("pull",))


def push(name: str) -> Access:
    """The right to push to a repository, which takes the right to pull along."""
    return Access("repository", name, ("pull", "push"))


def delete(name: str) -> Access:
    """The right to delete in a repository."""
    return Access("repository", name, ("delete",))


CATALOG = Access("registry", "catalog", ("*",))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes
    ----------
    name : str or None
        None where nobody has said.
    grants : tuple of Access, or None
        What they may do; None is everything.
    bearer : bool
        Whether they showed a token, so that a refusal is about its scope.
    """

    name: str | None = None
    grants: tuple[Access, ...] | None = None
    bearer: bool = False

    def may(self, wanted: Access) -> bool:
        """Tell whether all that `wanted` says is granted."""
        if self.grants is None:
            return True
        given = {
            action for grant in self.grants if (grant.kind, grant.name) == (wanted.kind, wanted.name)
            for action in grant.actions
        }
        return "*" in given or given.issuperset(wanted.actions)


EVERYBODY = Caller()
"""A caller of a registry without rules."""
STRANGER = Caller(None, ())
"""A caller who has proved nothing and may do nothing."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """How a registry asks for proof.

    Attributes
    ----------
    scheme : str
        ``Basic`` or ``Bearer``.
    realm : str
        A name for Basic; the address of the token service for Bearer.
    service : str
        The registry's name at the token service.
    """

    scheme: str
    realm: str
    service: str = ""

    def header(self, wanted: Iterable[Access], insufficient: bool = False) -> tuple[str, str]:
        """Return the ``WWW-Authenticate`` header.

        Examples
        --------
        >>> Challenge("Bearer", "http://127.0.0.1:5055/token", "layerlab").header([pull("a/b")])[1]
        'Bearer realm="http://127.0.0.1:5055/token",service="layerlab",scope="repository:a/b:pull"'
        """
        said = f'{self.scheme} realm="{self.realm}"'
        if self.scheme == "Bearer":
            scope = " ".join(map(str, wanted))
            said += f',service="{self.service}"' + (f',scope="{scope}"' if scope else "")
            said += ',error="insufficient_scope"' if insufficient else ""
        return "WWW-Authenticate", said


def basic(head: Head) -> tuple[str, str] | None:
    """Return the name and password of an ``Authorization: Basic`` header; None where there is none, or no sound one."""
    scheme, _, rest = (head.header("Authorization") or "").partition(" ")
    if scheme.lower() != "basic" or len(rest) > _MAX_HEADER:
        return None
    try:
        name, colon, password = base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None


def parse_htpasswd(text: str, *, where: str) -> Mapping[str, str]:
    """Read an htpasswd file into hashes by name.

    Raises
    ------
    BadInput
        A line is not ``name:hash`` with bcrypt's hash, the only kind that registries take.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, hashed = line.strip().partition(":")
        if not colon or not name or _BCRYPT.fullmatch(hashed) is None:
            raise BadInput(
                f"line {number} is no NAME:HASH with a bcrypt hash", where=where, hint="make it with htpasswd -B"
            )
        found[name] = hashed
    return found


#: Hash of nothing anybody knows: an unknown name takes as long as a wrong password.
_NOBODY = "$2y$05$" + "." * 53


@dataclass(frozen=True, slots=True)
class Passwords:
    """The people of an htpasswd file, and the function that checks a password."""

    hashes: Mapping[str, str]
    verify: Verify

    def check(self, name: str, password: str) -> bool:
        """Tell whether the password is the name's."""
        known = self.hashes.get(name)
        return self.verify(password, known or _NOBODY) and known is not None

    def caller(self, head: Head) -> Caller:
        """Return who asks, by Basic: somebody who may do everything, or `STRANGER`."""
        told = basic(head)
        return Caller(told[0]) if told is not None and self.check(*told) else STRANGER


def issue(key: bytes, name: str, grants: Iterable[Access], service: str, now: float, life_s: int = TOKEN_LIFE_S) -> str:
    """Sign what `name` may do at `service`, from `now` (seconds since 1970) for `life_s` seconds.

    Examples
    --------
    >>> token = issue(b"key", "cyo57", [push("cyo57/app")], "layerlab", 1000.0)
    >>> read_token(b"key", token, "layerlab", 1200.0).may(pull("cyo57/app"))
    True
    >>> read_token(b"key", token, "layerlab", 1300.0) is STRANGER
    True
    """
    access = [{"type": grant.kind, "name": grant.name, "actions": list(grant.actions)} for grant in grants]
    claims = {"sub": name, "aud": service, "iat": int(now), "exp": int(now) + life_s, "access": access}
    text = _part({"typ": "JWT", "alg": "HS256"}) + "." + _part(claims)
    return text + "." + _base64url(hmac.digest(key, text.encode("ascii"), hashlib.sha256))


def read_token(key: bytes, token: str, service: str, now: float) -> Caller:
    """Return who shows a token; `STRANGER` where it is not signed by `key`, not for `service`, or no longer good."""
    text, _, signature = token.rpartition(".")
    header, _, claims = text.partition(".")
    if len(token) > _MAX_HEADER or not token.isascii():
        return STRANGER
    if not hmac.compare_digest(_base64url(hmac.digest(key, text.encode("ascii"), hashlib.sha256)), signature):
        return STRANGER
    try:
        # Only after the signature: these bytes are our own. The algorithm is ours, whatever the header says.
        found = parse_json(_unbase64url(claims), where="token")
        good = found["aud"] == service and found["exp"] > now and header == _part({"typ": "JWT", "alg": "HS256"})
        grants = tuple(Access(one["type"], one["name"], tuple(one["actions"])) for one in found["access"])
        return Caller(found["sub"] or None, grants, bearer=True) if good else STRANGER
    except (BadInput, KeyError, TypeError, ValueError):
        return STRANGER


def bearer(head: Head) -> str | None:
    """Return the token of an ``Authorization: Bearer`` header."""
    scheme, _, rest = (head.header("Authorization") or "").partition(" ")
    return rest.strip() if scheme.lower() == "bearer" and rest.strip() else None


def _part(value: object) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode("ascii"))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
