"""Finding a registry's endpoint, and proving who we are: tokens kept, renewed, and asked for what is needed."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest

from sim.errors import TransferFailed
from sim.registry.auth import pull, push
from sim.registry.credentials import Login
from sim.registry.session import Session, connect
from sim.registry.settings import Settings
from sim.registry.trust import Trust
from tests.registry.fakes import Asked, Fake, Reply, answering


class Tokens:
    """A registry and a token service in one; tokens are good for `life` seconds and say what they are for."""

    def __init__(self, *, life: int = 300, ping: int = 401, password: str = "secret", grants: str = "") -> None:
        self.life, self.ping, self.password, self.grants = life, ping, password, grants
        self.fake: Fake | None = None
        self.given: list[str] = []

    def __call__(self, asked: Asked) -> Reply:
        assert self.fake is not None
        path = urlsplit(asked.path)
        if path.path == "/token":
            return self._give(asked, parse_qs(path.query) | parse_qs(asked.body.decode()))
        if path.path == "/v2/" and self.ping == 200:
            return 200, {}, b"{}"
        token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
        wanted = "" if path.path == "/v2/" else f"repository:{path.path.split('/')[2]}:pull"
        if token and wanted and wanted in json.loads(base64.b64decode(token)):
            return 200, {}, b"yes"
        realm = f'Bearer realm="http://{self.fake.host}/token",service="s"'
        more = f',scope="{wanted}"' + (',error="insufficient_scope"' if token else "") if wanted else ""
        return 401, {"WWW-Authenticate": realm + more}, b""

    def _give(self, asked: Asked, query: Mapping[str, list[str]]) -> Reply:
        proof = asked.headers.get("Authorization", "").removeprefix("Basic ")
        if proof and base64.b64decode(proof).decode().partition(":")[2] != self.password:
            return 401, {}, b""
        if "grant_type" in query and query["refresh_token"] != ["refresh"]:
            return 400, {}, b"{}"
        scopes = [one for scope in query.get("scope", []) for one in scope.split(" ")]
        self.given.append(" ".join(scopes))
        named = [scope for scope in scopes if not self.grants or self.grants in scope]
        text = base64.b64encode(json.dumps(named + [str(len(self.given))]).encode()).decode()
        return 200, {}, json.dumps({"token": text, "expires_in": self.life}).encode()


def ask(session: Session, name: str = "a") -> int:
    answer = session.send("GET", session.url(f"{name}/tags/list"), [pull(name)])
    answer.read(100)
    return answer.status


def test_a_token_is_kept_until_it_ends() -> None:
    now, tokens = [0.0], Tokens(life=300)
    with answering(tokens) as tokens.fake:
        session = connect(tokens.fake.host, Settings(), clock=lambda: now[0])
        assert [ask(session), ask(session)] == [200, 200] and len(tokens.given) == 1
        now[0] = 289.0
        assert ask(session) == 200 and len(tokens.given) == 1
        now[0] = 291.0
        assert ask(session) == 200 and len(tokens.given) == 2, "renewed before it ends"
        assert ask(session, "b") == 200 and len(tokens.given) == 3, "another scope, another token"


def test_a_registry_that_asks_nothing_at_first() -> None:
    tokens = Tokens(ping=200)
    with answering(tokens) as tokens.fake:
        session = connect(tokens.fake.host, Settings())
        assert [ask(session), ask(session), ask(session, "b")] == [200, 200, 200]
        assert tokens.given == ["repository:a:pull", "repository:b:pull"]


def test_a_token_that_does_not_reach_is_asked_for_once_more() -> None:
    tokens = Tokens(grants="nothing of the kind")
    with answering(tokens) as tokens.fake:
        session = connect(tokens.fake.host, Settings())
        with pytest.raises(TransferFailed, match="denied: requested access to the resource is denied") as caught:
            ask(session)
        assert len(tokens.given) == 2 and caught.value.code == "DENIED"
        assert "docker login" in str(caught.value), "a stranger is told to log in"


def test_two_scopes_for_a_mount() -> None:
    tokens = Tokens()
    with answering(tokens) as tokens.fake:
        session = connect(tokens.fake.host, Settings())
        session.send("POST", session.url("a/blobs/uploads/"), [push("a"), pull("b")]).read(100)
        assert tokens.given[0] == "repository:a:pull,push repository:b:pull"


def test_a_refresh_token_takes_the_place_of_a_password() -> None:
    tokens = Tokens()
    with answering(tokens) as tokens.fake:
        session = connect(tokens.fake.host, Settings(login=Login("", "", "refresh")))
        assert ask(session) == 200
        [asked] = [one for one in tokens.fake.asked if one.path == "/token"]
        assert asked.method == "POST" and b"grant_type=refresh_token" in asked.body


def test_a_wrong_password_is_told_by_the_token_service() -> None:
    tokens = Tokens()
    with answering(tokens) as tokens.fake:
        session = connect(tokens.fake.host, Settings(login=Login("me", "wrong")))
        with pytest.raises(TransferFailed, match="unauthorized: incorrect username or password"):
            ask(session)


def basic(password: str = "secret", ping: int = 401):
    right = "Basic " + base64.b64encode(f"me:{password}".encode()).decode()

    def answer(asked: Asked) -> Reply:
        if asked.headers.get("Authorization") == right or (asked.path == "/v2/" and ping == 200):
            return 200, {}, b"yes"
        said = b'{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}'
        return 401, {"WWW-Authenticate": 'Basic realm="r"'}, said

    return answer


@pytest.mark.parametrize("ping", [401, 200])
def test_basic(ping: int) -> None:
    with answering(basic(ping=ping)) as fake:
        assert ask(connect(fake.host, Settings(login=Login("me", "secret")))) == 200
        with pytest.raises(TransferFailed, match="no basic auth credentials"):
            ask(connect(fake.host, Settings()))
        with pytest.raises(TransferFailed, match="unauthorized: authentication required"):
            ask(connect(fake.host, Settings(login=Login("me", "wrong"))))


def test_a_password_is_not_sent_before_it_is_asked_for() -> None:
    with answering(lambda asked: (200, {}, b"{}")) as fake:
        assert ask(connect(fake.host, Settings(login=Login("me", "secret")))) == 200
        assert not [one for one in fake.asked if "Authorization" in one.headers]


@pytest.mark.parametrize(("status", "words"), [(404, "the answer is 404"), (500, "the answer is 500"), (204, "204")])
def test_what_listens_there_may_be_no_registry(status: int, words: str) -> None:
    with answering(lambda asked: (status, {}, b"")) as fake, pytest.raises(TransferFailed, match=words):
        connect(fake.host, Settings())


def test_plain_http_only_where_it_is_declared() -> None:
    with answering(lambda asked: (200, {}, b"{}")) as fake:
        with closing(connect(fake.host, Settings())) as session:
            assert session.endpoint.scheme == "http", "127.0.0.0/8 needs no declaration"
        with pytest.raises(TransferFailed, match="server gave HTTP response to HTTPS client"):
            connect(fake.host, Settings(Trust(networks=())))
        with closing(connect(fake.host, Settings(Trust(frozenset({fake.host}), ())))) as session:
            assert session.endpoint.scheme == "http"
