"""The gate: who asks, decided before anything else is done about a request.

    OpenGate     everybody may do everything
    BasicGate    name and password in each request                                       (auth.Passwords)
    TokenGate    a token in each request; the same server issues them:
                     GET /token?service=S&scope=repository:a/b:pull,push     + Basic  ->  {"token": "…"}

Whoever has a password may do what they ask for. Who gives none gets a token for pulling where the gate allows that,
and none otherwise. The `realm` that a client is sent to is the token service under the very address that the client
used, for a server has several names and cannot know which one works from there.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

from ..errors import BadInput
from .auth import (
    EVERYBODY,
    STRANGER,
    TOKEN_LIFE_S,
    Access,
    Caller,
    Challenge,
    Passwords,
    Verify,
    basic,
    bearer,
    issue,
    read_token,
)
from .codes import Code, json_answer, refuse
from .messages import Head, Response

TOKEN_PATH = "/token"
REALM = "Layer Lab registry"
_REALM_TO_FILL = f'realm="{TOKEN_PATH}"'
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?", re.ASCII)
_MAX_SCOPES = 32


class OpenGate:
    """Lets everybody do everything; the other gates do less."""

    challenge: Challenge | None = None

    def caller(self, head: Head) -> Caller:
        """Return who asks, and what they may do."""
        return EVERYBODY

    def token(self, head: Head) -> Response | None:
        """Answer a request for a token; None where this is no such request, or there are no tokens here."""
        return None

    def completed(self, response: Response, scheme: str, host: str) -> Response:
        """Put the address that the client knows into a challenge."""
        return response


class BasicGate(OpenGate):
    """Asks for a name and a password."""

    def __init__(self, passwords: Passwords) -> None:
        self._passwords = passwords
        self.challenge = Challenge("Basic", REALM)

    def caller(self, head: Head) -> Caller:
        return self._passwords.caller(head)


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a token service gives.

    Attributes
    ----------
    service : str
        The registry's name, in every token.
    anonymous_pull : bool
        Whether who gives no password gets a token for pulling.
    """

    service: str = "layerlab"
    anonymous_pull: bool = False


class TokenGate(OpenGate):
    """Asks for a token, and issues tokens.

    Parameters
    ----------
    passwords : Passwords
    rules : TokenRules
    key : bytes
        Signs the tokens; it need not outlive the server, for a token lives for minutes.
    clock : callable
        Returns seconds since 1970.
    """

    def __init__(self, passwords: Passwords, rules: TokenRules, key: bytes, clock: Callable[[], float]) -> None:
        self._passwords, self._rules, self._key, self._clock = passwords, rules, key, clock
        self.challenge = Challenge("Bearer", TOKEN_PATH, rules.service)

    def caller(self, head: Head) -> Caller:
        token = bearer(head)
        return STRANGER if token is None else read_token(self._key, token, self._rules.service, self._clock())

    def token(self, head: Head) -> Response | None:
        path, _, query = head.target.partition("?")
        if path != TOKEN_PATH:
            return None
        if head.method != "GET":
            return refuse(Code.UNSUPPORTED, "a token is asked for with GET", ("Allow", "GET"))
        told = basic(head)
        if head.header("Authorization") is not None and (told is None or not self._passwords.check(*told)):
            return self._no_token("wrong name or password")
        name = told[0] if told else ""
        if not name and not self._rules.anonymous_pull:
            return self._no_token("no name and password")
        try:
            wanted = _scopes(query)
        except BadInput as error:
            return refuse(Code.UNSUPPORTED, "no scope", detail=str(error), status=400)
        grants = tuple(wanted if name else _pulls(wanted))
        return self._issued(name, grants)

    def _issued(self, name: str, grants: tuple[Access, ...]) -> Response:
        now = self._clock()
        token = issue(self._key, name, grants, self._rules.service, now)
        document = {
            "token": token, "access_token": token, "expires_in": TOKEN_LIFE_S,
            "issued_at": datetime.fromtimestamp(int(now), UTC).isoformat().replace("+00:00", "Z"),
        }
        said = " ".join(map(str, grants)) or "nothing in particular"
        return json_answer(200, f"a token for {name or 'anybody'}: {said}", document, ("Cache-Control", "no-store"))

    def _no_token(self, reason: str) -> Response:
        return refuse(Code.UNAUTHORIZED, reason, Challenge("Basic", REALM).header(()))

    def completed(self, response: Response, scheme: str, host: str) -> Response:
        if response.status != 401 or _HOST.fullmatch(host) is None:
            return response
        filled = f'realm="{scheme}://{host}{TOKEN_PATH}"'
        headers = tuple((name, value.replace(_REALM_TO_FILL, filled)) for name, value in response.headers)
        return replace(response, headers=headers)


def _scopes(query: str) -> list[Access]:
    try:
        fields = parse_qs(query, max_num_fields=_MAX_SCOPES, errors="strict")
    except ValueError:
        raise BadInput("the query cannot be read", where=TOKEN_PATH) from None
    # Several in one field are how an older client writes them; an empty one asks for no more than a log-in.
    return [Access.parse(text) for field in fields.get("scope", ()) for text in field.split()][:_MAX_SCOPES]


def _pulls(wanted: Iterable[Access]) -> Iterable[Access]:
    for access in wanted:
        if access.kind == "repository" and {"pull", "*"} & set(access.actions):
            yield replace(access, actions=("pull",))


class Remembered:
    """A `Verify` that asks another one once for each password that was right.

    A password's hash is slow by intent, and Basic sends the password with every request of a push. What is
    remembered is a keyed digest, so that no password lies in memory.
    """

    def __init__(self, verify: Verify, most: int = 1024) -> None:
        self._verify, self._most = verify, most
        self._key = secrets.token_bytes(32)
        self._right: set[bytes] = set()

    def __call__(self, password: str, hashed: str) -> bool:
        mark = hmac.digest(self._key, f"{hashed}\0{password}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        if mark in self._right:
            return True
        right = self._verify(password, hashed)
        if right:
            if len(self._right) >= self._most:
                self._right.clear()
            self._right.add(mark)
        return right
