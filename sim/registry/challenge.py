"""What a registry answers to somebody it does not know, read by the client; `auth` is the other side.

    GET /v2/a/b/manifests/1  ->  401  WWW-Authenticate: Bearer realm="https://auth/token",service="s",
                                                               scope="repository:a/b:pull"
    GET https://auth/token?service=s&scope=repository:a/b:pull     with Basic credentials, where there are any
                             ->  200  {"token": "…", "expires_in": 300}
    GET /v2/a/b/manifests/1  Authorization: Bearer …  ->  200

(RFC 9110, section 11.6.1; distribution, "Token Authentication Specification".) A token is good for the scopes it was
asked for, and a mount from another repository needs two: to push here and to pull there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from ..content.descriptor import Fields, parse_json
from ..errors import BadInput, DocumentInvalid

MAX_HEADER = 8192
_DEFAULT_LIFE_S = 60
_SCHEME = re.compile(r"\s*,?\s*([A-Za-z][A-Za-z0-9._~+-]*)(?=\s|$|,)")
_PARAM = re.compile(r'\s*,?\s*([A-Za-z0-9_.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')


@dataclass(frozen=True, slots=True)
class Asked:
    """One challenge.

    Attributes
    ----------
    scheme : str
        Lower case: ``basic``, ``bearer``.
    params : mapping of str to str
        Names in lower case.
    """

    scheme: str
    params: Mapping[str, str]

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that the registry wants, as it writes them."""
        return tuple(self.params.get("scope", "").split())

    @property
    def without_scope(self) -> Asked:
        """The challenge, whatever it was asked for."""
        kept = {name: value for name, value in self.params.items() if name not in ("scope", "error")}
        return Asked(self.scheme, kept)

    @property
    def insufficient(self) -> bool:
        """Whether the token that was shown is sound and does not reach."""
        return self.params.get("error") == "insufficient_scope"


def parse_challenges(header: str) -> tuple[Asked, ...]:
    """Read a ``WWW-Authenticate`` header; what cannot be read of it is left out.

    Examples
    --------
    >>> [asked] = parse_challenges('Bearer realm="https://auth/token",service="s",scope="repository:a:pull"')
    >>> asked.scheme, asked.params["realm"], asked.scopes
    ('bearer', 'https://auth/token', ('repository:a:pull',))
    >>> [one.scheme for one in parse_challenges('Negotiate, Basic realm="x, y"')]
    ['negotiate', 'basic']
    """
    found: list[tuple[str, dict[str, str]]] = []
    at, text = 0, header[:MAX_HEADER]
    while at < len(text):
        param, scheme = _PARAM.match(text, at), _SCHEME.match(text, at)
        if param is not None and found:
            quoted, plain = param[2], param[3]
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain
            found[-1][1].setdefault(param[1].lower(), value)
            at = param.end()
        elif scheme is not None:
            found.append((scheme[1].lower(), {}))
            at = scheme.end()
        else:
            break
    return tuple(Asked(name, params) for name, params in found)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Where a token is asked for, and what for.

    Attributes
    ----------
    realm : str
    service : str
    scopes : tuple of str
        Sorted.
    """

    realm: str
    service: str
    scopes: tuple[str, ...]

    @classmethod
    def of(cls, asked: Asked, scopes: Iterable[str], *, where: str) -> TokenRequest:
        """Return the request for the scopes of a challenge and further ones.

        Raises
        ------
        BadInput
            The challenge names no token service, or none that is spoken to over HTTP.
        """
        realm = asked.params.get("realm", "")
        try:
            split = urlsplit(realm)
            known = split.scheme in ("http", "https") and bool(split.hostname) and (split.port is None or True)
        except ValueError:
            known = False
        if not known or not realm.isascii() or any(char <= " " for char in realm):
            raise BadInput(f"asks for a token and names no service that gives one: {realm[:80]!r}", where=where)
        return cls(realm, asked.params.get("service", ""), tuple(sorted({*asked.scopes, *scopes})))

    def url(self, account: str = "") -> str:
        """Return the address to GET.

        Examples
        --------
        >>> TokenRequest("https://auth/token", "s", ("repository:a:pull", "repository:b:pull")).url()
        'https://auth/token?service=s&scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull'
        """
        query = [("account", account)] * bool(account) + [("service", self.service)] * bool(self.service)
        query += [("scope", scope) for scope in self.scopes]
        return f"{self.realm}{'&' if '?' in self.realm else '?'}{urlencode(query)}" if query else self.realm

    def form(self, refresh_token: str, client: str) -> bytes:
        """Return the body to POST where the login left a refresh token (OAuth2) in place of a password."""
        return urlencode([
            ("grant_type", "refresh_token"), ("service", self.service), ("client_id", client),
            ("scope", " ".join(self.scopes)), ("refresh_token", refresh_token),
        ]).encode("ascii")


@dataclass(frozen=True, slots=True)
class Token:
    """A token and how long it is good, in seconds from when it was given."""

    text: str
    life_s: int


def parse_token(raw: bytes, *, where: str) -> Token:
    """Read a token service's answer.

    Raises
    ------
    DocumentInvalid
        There is no token in it, or none that may stand in a header.
    """
    at = Fields(parse_json(raw, where=where), where, "answer")
    # "token" is docker's name, "access_token" is OAuth2's; a service may give both.
    key = "token" if at.has("token") else "access_token"
    text = at.text(key)
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise at.wrong(key, "should be a token")
    life = at.integer("expires_in") if at.has("expires_in") else _DEFAULT_LIFE_S
    # The specification asks clients to take at least 60 seconds for granted.
    return Token(text, max(life, _DEFAULT_LIFE_S))


def error_of(raw: bytes, *, where: str) -> tuple[str, str] | None:
    """Return code and message of the first error in a registry's answer; None where it holds none.

    Examples
    --------
    >>> error_of(b'{"errors":[{"code":"DENIED","message":"no"}]}', where="answer")
    ('DENIED', 'no')
    """
    try:
        at = Fields(parse_json(raw, where=where), where, "answer")
        for item in at.items("errors"):
            one = Fields(item, where, "errors")
            message = one.text("message") if one.has("message") else ""
            return one.text("code")[:80], message[:200]
    except (BadInput, DocumentInvalid):
        return None
    return None
