"""One registry, spoken to: the endpoint that answers, and the proof of who we are in every request.

    GET https://HOST/v2/   ->  no TLS there, and HOST is insecure  ->  GET http://HOST/v2/
    200                    ->  nobody asks who we are
    401 Basic              ->  name and password in every request
    401 Bearer             ->  for each set of scopes a token from the token service, kept until it ends

A token that does not reach is replaced once by one for the scopes that the registry names in its 401; a second 401
is an answer. Refusals are told in docker's words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from threading import Lock
from time import monotonic

from ..errors import SimError, TransferFailed
from .auth import Access
from .challenge import Asked, Token, TokenRequest, error_of, parse_challenges, parse_token
from .credentials import Login
from .settings import Settings
from .trust import Endpoint
from .web import TIMEOUT_S, Answer, Body, Web, dialled

MAX_ERROR = 64 << 10
_MAX_TOKEN = 256 << 10
_EARLY_S = 10
"""A token is taken for ended this long before it is, so that it does not end on the way."""
CLIENT_ID = "layerlab"
NO_LOGIN = "log in first: docker login, whose login is read here too, or give --user"


@dataclass(frozen=True, slots=True)
class _Held:
    token: Token
    until: float


class Session:
    """Requests to one registry; made by `connect`. Safe to use from several threads.

    Attributes
    ----------
    registry : str
    endpoint : Endpoint
        The one that answered.
    """

    def __init__(
        self, registry: str, endpoint: Endpoint, asked: tuple[Asked, ...], web: Web, login: Login | None,
        clock: Callable[[], float],
    ) -> None:
        self.registry = registry
        self.endpoint = endpoint
        self._asked = asked
        self._web = web
        self._login = login
        self._clock = clock
        self._tokens: dict[tuple[str, ...], _Held] = {}
        self._lock = Lock()

    def url(self, path: str) -> str:
        """Return the full address of a path below ``/v2/``."""
        return f"{self.endpoint.url}/v2/{path}"

    def send(
        self, method: str, url: str, access: Iterable[Access], headers: Mapping[str, str] | None = None,
        body: Body | None = None, length: int = 0,
    ) -> Answer:
        """Send a request with the proof that `access` needs, and return the answer, whatever its status.

        Raises
        ------
        TransferFailed
            There was no answer, or the registry does not let us, in docker's words.
        """
        scopes = tuple(sorted(map(str, access)))
        own = dialled(url) == dialled(self.endpoint.url)
        for attempt in (1, 2):
            proof = self._proof(method, url, scopes) if own else {}
            answer = self._web.send(method, url, {**(headers or {}), **proof}, body, length)
            if answer.status != 401:
                return answer
            asked = parse_challenges(answer.header("WWW-Authenticate") or "")
            said = answer.read(MAX_ERROR) if method != "HEAD" else b""
            answer.close()
            wider = next((one for one in asked if one.scheme == "bearer"), None)
            # Some registries ask nothing at /v2/, and something of whoever wants more than to look.
            learnt = not self._asked and bool(asked)
            if attempt == 2 or not own or not (wider or learnt):
                raise self._denied(method, url, asked or self._asked, said)
            if learnt:
                self._asked = tuple(one.without_scope for one in asked)
            if wider is not None:
                self._fetch(wider, scopes, fresh=True)
        raise AssertionError("the second attempt returns or raises")

    def _proof(self, method: str, url: str, scopes: tuple[str, ...]) -> dict[str, str]:
        for asked in self._asked:
            if asked.scheme == "bearer":
                return {"Authorization": f"Bearer {self._fetch(asked, scopes).text}"}
            if asked.scheme == "basic":
                if self._login is None or not self._login.name:
                    raise TransferFailed(
                        f'{method.capitalize()} "{url}": no basic auth credentials', hint=NO_LOGIN, status=401
                    )
                return {"Authorization": self._login.header}
        return {}

    def _fetch(self, asked: Asked, scopes: tuple[str, ...], fresh: bool = False) -> Token:
        with self._lock:  # One thread asks; the others find what it got.
            held = self._tokens.get(scopes)
            if held is not None and not fresh and held.until > self._clock():
                return held.token
            request = TokenRequest.of(asked, scopes, where=self.registry)
            token = self._ask(request)
            self._tokens[scopes] = _Held(token, self._clock() + token.life_s - _EARLY_S)
            return token

    def _ask(self, request: TokenRequest) -> Token:
        login = self._login
        if login is not None and login.refresh_token:
            form = request.form(login.refresh_token, CLIENT_ID)
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = self._web.send("POST", request.realm, kind, lambda: (form,), len(form))
        else:
            proof = {"Authorization": login.header} if login is not None else {}
            answer = self._web.send("GET", request.url(login.name if login is not None else ""), proof)
        raw = answer.read(_MAX_TOKEN)
        if answer.status == 401 or answer.status == 403:
            raise TransferFailed("unauthorized: incorrect username or password", hint=NO_LOGIN, status=answer.status)
        if answer.status != 200:
            raise TransferFailed(
                f"the token service answers {answer.status}", hint=f"it is {request.realm[:200]}", status=answer.status,
                again=answer.status >= 500,
            )
        return parse_token(raw, where=request.realm[:200])

    def _denied(self, method: str, url: str, asked: tuple[Asked, ...], said: bytes) -> TransferFailed:
        if any(one.insufficient for one in asked) or any(one.scheme == "bearer" for one in asked):
            return TransferFailed(
                "denied: requested access to the resource is denied", hint=NO_LOGIN if self._login is None else
                f"{self._login.name or 'this login'} may not do that there", status=401, code="DENIED",
            )
        code, message = error_of(said, where=url) or ("UNAUTHORIZED", "authentication required")
        return TransferFailed(
            f"{code.lower()}: {message}", hint="the registry does not know this name and password", status=401,
            code=code,
        )

    def abort(self) -> None:
        """End the connections that other threads wait for: the transfer is given up."""
        self._web.abort()

    def close(self) -> None:
        """End the connections."""
        self._web.close()


def connect(
    registry: str, settings: Settings, *, clock: Callable[[], float] = monotonic, timeout_s: float = TIMEOUT_S
) -> Session:
    """Find the endpoint of a registry that answers.

    Parameters
    ----------
    registry : str
        As a reference names it.
    settings : Settings
    clock : callable
        Seconds, rising: tells when a token ends.
    timeout_s : float

    Raises
    ------
    TransferFailed
        None answers, or what answers is no registry.
    """
    endpoints = settings.endpoints(registry)
    failed: TransferFailed | None = None
    for endpoint in endpoints:
        web = Web(partial(settings.context, verified=endpoint.verified), timeout_s)
        try:
            answer = web.send("GET", f"{endpoint.url}/v2/", {})
        except TransferFailed as error:
            failed = error
            continue
        asked = parse_challenges(answer.header("WWW-Authenticate") or "") if answer.status == 401 else ()
        answer.read(MAX_ERROR)
        if answer.status == 200 or asked:
            return Session(registry, endpoint, asked, web, settings.login_for(registry), clock)
        web.close()
        failed = TransferFailed(
            f'Get "{endpoint.url}/v2/": the answer is {answer.status}', status=answer.status,
            hint="what listens there is no registry of version 2", again=answer.status >= 500,
        )
    assert failed is not None
    raise failed


def refused(answer: Answer, doing: str) -> TransferFailed:
    """Read an answer that is no success into the failure that it tells of.

    Parameters
    ----------
    answer : Answer
    doing : str
        What was asked, for an answer without a code.
    """
    raw = b"" if answer.method == "HEAD" else _body(answer)
    answer.close()
    told = error_of(raw, where=answer.url)
    if told is None:
        what, code = f"{doing}: the registry answers {answer.status}", None
    else:
        code, message = told
        what = f"{code.lower().replace('_', ' ')}: {message}" if message else code.lower().replace("_", " ")
    # What the server could not do now, it may be able to do later; what it refuses it refuses again.
    return TransferFailed(what, status=answer.status, code=code, again=answer.status >= 500 and answer.status != 501)


def _body(answer: Answer) -> bytes:
    try:
        return answer.read(MAX_ERROR)
    except SimError:
        return b""

