"""Who may do what: challenges and bodies as recorded from distribution, tokens that cannot be forged, mounts that tell
nothing."""

from __future__ import annotations

import base64
import json
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.content.digest import Digest
from sim.errors import BadInput, DocumentInvalid
from sim.registry.auth import (
    CATALOG,
    EVERYBODY,
    STRANGER,
    Access,
    Caller,
    Challenge,
    Passwords,
    basic,
    bearer,
    delete,
    issue,
    parse_htpasswd,
    pull,
    push,
    read_token,
)
from sim.registry.messages import Head, Request, Response
from sim.registry.service import Service
from sim.registry.state import Policy
from sim.registry.storage import MemoryStorage
from tests.registry.kit import Client, document, noise, ok, refused

BASIC = Challenge("Basic", "basic-realm")
BEARER = Challenge("Bearer", "http://127.0.0.1:5002/token", "truth-registry")
HASH = "$2y$05$" + "abcdefghijklmnopqrstuv" + "x" * 31
KEY, NOW = b"a key", 1_795_489_042.0


def guarded(challenge: Challenge) -> Service:
    """Return an empty registry that asks for proof."""
    return Service(MemoryStorage(), Policy(challenge=challenge), clock=lambda: 1.0, seeds=map(str, count()).__next__)


def facing(challenge: Challenge, caller: Caller, service: Service | None = None) -> Client:
    """Return a client whose requests come from a caller."""
    found = service or guarded(challenge)

    def send(request: Request) -> Response:
        response = found.handle(request, caller)
        return Response(response.status, response.headers, found.body(response), response.reason)

    return Client(send, "tok/bb")


@pytest.mark.parametrize(("method", "target", "scope"), [
    ("GET", "/v2/", ""),
    ("GET", "tags/list", "repository:tok/bb:pull"),
    ("HEAD", "manifests/1", "repository:tok/bb:pull"),
    ("GET", f"referrers/{Digest.of(b'')}", "repository:tok/bb:pull"),
    ("PUT", "manifests/1", "repository:tok/bb:pull,push"),
    ("POST", "blobs/uploads/", "repository:tok/bb:pull,push"),
    ("GET", "blobs/uploads/x", "repository:tok/bb:pull,push"),
    ("DELETE", "blobs/uploads/x", "repository:tok/bb:pull,push"),
    ("POST", f"blobs/uploads/?mount={Digest.of(b'')}&from=cyo57/bb-union",
     "repository:tok/bb:pull,push repository:cyo57/bb-union:pull"),
    ("DELETE", "manifests/1", "repository:tok/bb:delete"),
    ("DELETE", f"blobs/{Digest.of(b'')}", "repository:tok/bb:delete"),
    ("GET", "/v2/_catalog", "registry:catalog:*"),
])  # fmt: skip
def test_a_stranger_is_told_what_to_ask_for(method: str, target: str, scope: str) -> None:
    response = facing(BEARER, STRANGER)(method, target)
    told = ok(response, 401, "WWW-Authenticate")["WWW-Authenticate"]
    plain = 'Bearer realm="http://127.0.0.1:5002/token",service="truth-registry"'
    assert told == plain + (f',scope="{scope}"' if scope else "")
    assert facing(BASIC, STRANGER)(method, target).header("WWW-Authenticate") == 'Basic realm="basic-realm"'


@pytest.mark.parametrize("source", ["a%0d%0aSet-Cookie:%20x", 'a",error="x', "UP", "a%22", "..", "%C3%BC"])
def test_a_challenge_repeats_nothing_that_is_no_name(source: str) -> None:
    response = facing(BEARER, STRANGER)("POST", f"blobs/uploads/?mount={Digest.of(b'')}&from={source}")
    assert str(response.header("WWW-Authenticate")).endswith(',scope="repository:tok/bb:pull,push"')


def test_the_bodies_are_those_that_were_recorded() -> None:
    stranger = facing(BASIC, STRANGER)
    base = stranger("GET", "/v2/")
    assert base.body == b'{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}\n'
    assert base.header("Content-Length") == "87"
    assert facing(BASIC, STRANGER)("GET", "/v2/a/b/manifests/1").body == (
        b'{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":'
        b'[{"Type":"repository","Class":"","Name":"a/b","Action":"pull"}]}]}\n'
    )


def test_too_little_right_is_said() -> None:
    reader = facing(BEARER, Caller("cyo57", (pull("tok/bb"),), bearer=True))
    refused(reader("GET", "tags/list"), 404, "NAME_UNKNOWN")
    response = reader("POST", "blobs/uploads/")
    refused(response, 401, "UNAUTHORIZED")
    assert str(response.header("WWW-Authenticate")).endswith(
        'scope="repository:tok/bb:pull,push",error="insufficient_scope"'
    )
    ok(reader("GET", "/v2/"), 200)
    ok(facing(BEARER, Caller(None, (), bearer=True))("GET", "/v2/"), 200)


def test_nothing_passes_before_the_right_is_shown() -> None:
    service = guarded(BASIC)
    stranger, friend = facing(BASIC, STRANGER, service), facing(BASIC, Caller("cyo57"), service)
    digest, location = friend.blob(noise("x")), friend.start()
    friend.image("1.0")
    before = service.state
    for method, target in (
        ("GET", f"blobs/{digest}"), ("PATCH", location), ("PUT", f"{location}?digest={digest}"), ("DELETE", location),
        ("GET", "manifests/1.0"), ("PUT", "manifests/1.0"), ("DELETE", "manifests/1.0"), ("DELETE", f"blobs/{digest}"),
    ):
        refused(stranger(method, target, b"{}" if method in ("PUT", "PATCH") else b""), 401, "UNAUTHORIZED")
    assert service.state == before


def test_a_mount_from_where_one_may_not_pull_tells_nothing() -> None:
    service = guarded(BEARER)
    hidden, absent = noise("hidden"), noise("absent")
    facing(BEARER, Caller("root"), service).at("secret").blob(hidden)
    guest = facing(BEARER, Caller("guest", (push("tok/bb"),), bearer=True), service)

    def shape(response: Response) -> tuple[object, ...]:
        ok(response, 202, "Location", "Range")
        return response.status, [name for name, _ in response.headers], response.body, response.reason

    for source in ("&from=tok/bb-secret", ""):
        answers = [
            guest("POST", f"blobs/uploads/?mount={Digest.of(raw)}{source}") for raw in (hidden, absent)
        ]
        assert shape(answers[0]) == shape(answers[1])
    allowed = facing(BEARER, Caller("guest", (push("tok/bb"), pull("tok/bb-secret")), bearer=True), service)
    ok(allowed("POST", f"blobs/uploads/?mount={Digest.of(hidden)}&from=tok/bb-secret"), 201)


def test_the_catalog_shows_what_one_may_pull() -> None:
    service = guarded(BEARER)
    owner = facing(BEARER, Caller("root"), service)
    for name in ("one", "two"):
        owner.at(name).blob(b"x")
    guest = facing(BEARER, Caller("guest", (CATALOG, pull("tok/bb-two")), bearer=True), service)
    assert document(guest("GET", "/v2/_catalog"))["repositories"] == ["tok/bb-two"]


def test_rights() -> None:
    assert EVERYBODY.may(push("a")) and not STRANGER.may(pull("a"))
    writer = Caller("x", (Access("repository", "a", ("push",)), Access("repository", "a", ("pull",))))
    assert writer.may(push("a")) and not writer.may(push("b")) and not writer.may(delete("a"))
    assert Caller("x", (Access("repository", "a", ("*",)),)).may(delete("a"))
    assert str(push("a/b")) == "repository:a/b:pull,push" and Access.parse(str(push("a/b"))) == push("a/b")
    assert Access.parse("repository(plugin):a:pull") == pull("a")
    for text in ("", "a", "repository:a", "repository::pull", "user:a:pull", "repository:A:pull", "repository:a:b\n"):
        with pytest.raises(DocumentInvalid):
            Access.parse(text)


@pytest.mark.parametrize(("told", "found"), [
    (base64.b64encode(b"cyo57:se:cret").decode(), ("cyo57", "se:cret")),
    (base64.b64encode("用户:密码".encode()).decode(), ("用户", "密码")),
    ("", None), ("!!!!", None), ("abc", None), (base64.b64encode(b"nocolon").decode(), None),
    (base64.b64encode(b"\xff:\xff").decode(), None), ("A" * 20_000, None),
])  # fmt: skip
def test_basic_headers(told: str, found: object) -> None:
    assert basic(Head("GET", "/v2/", (("authorization", f"basic {told}"),))) == found
    assert bearer(Head("GET", "/v2/", (("Authorization", f"Basic {told}"),))) is None


def test_htpasswd() -> None:
    found = parse_htpasswd(f"# people\n\ncyo57:{HASH}\nb:{HASH.replace('2y', '2b')}\n", where="htpasswd")
    assert list(found) == ["cyo57", "b"]
    for line in ("cyo57", "cyo57:plain", ":" + HASH, "a:{SHA}x", f"a:{HASH}x", f"a:{HASH[:-1]}"):
        with pytest.raises(BadInput, match="line 2"):
            parse_htpasswd(f"b:{HASH}\n{line}\n", where="htpasswd")


def test_an_unknown_name_is_checked_like_a_wrong_password() -> None:
    asked: list[str] = []

    def verify(password: str, hashed: str) -> bool:
        asked.append(hashed)
        return password == "right"

    people = Passwords({"cyo57": HASH}, verify)
    assert people.check("cyo57", "right") and not people.check("cyo57", "wrong") and not people.check("x", "right")
    assert len(asked) == 3 and len(set(map(len, asked))) == 1
    head = Head("GET", "/v2/", (("Authorization", "Basic " + base64.b64encode(b"cyo57:right").decode()),))
    assert people.caller(head) == Caller("cyo57") and people.caller(Head("GET", "/v2/")) is STRANGER


def test_tokens_say_what_was_granted_until_they_end() -> None:
    token = issue(KEY, "cyo57", [push("a/b"), pull("c")], "layerlab", NOW)
    caller = read_token(KEY, token, "layerlab", NOW + 299)
    assert caller == Caller("cyo57", (push("a/b"), pull("c")), bearer=True)
    assert bearer(Head("GET", "/", (("Authorization", f"Bearer {token}"),))) == token
    for key, service, now in ((b"another", "layerlab", NOW), (KEY, "other", NOW), (KEY, "layerlab", NOW + 300)):
        assert read_token(key, token, service, now) is STRANGER
    assert read_token(KEY, issue(KEY, "", [], "layerlab", NOW), "layerlab", NOW) == Caller(None, (), bearer=True)


def test_a_token_without_a_signature_is_none() -> None:
    header, claims, signature = issue(KEY, "guest", [pull("a")], "layerlab", NOW).split(".")

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    grown = part(said | {"access": [{"type": "repository", "name": "a", "actions": ["push"]}]})
    for forged in (
        f"{header}.{grown}.{signature}", f"{part({'alg': 'none'})}.{grown}.", f"{header}.{claims}.", "", "..", "é" * 10,
        f"{header}.{claims}.{signature}é", "x" * 20_000,
    ):  # fmt: skip
        assert read_token(KEY, forged, "layerlab", NOW) is STRANGER


@given(st.data())
def test_a_changed_token_is_none(data: st.DataObject) -> None:
    token = issue(KEY, "guest", [pull("a")], "layerlab", NOW)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("AZaz09-_.="))
    changed = token[:at] + other + token[at + 1 :]
    assert changed == token or read_token(KEY, changed, "layerlab", NOW) is STRANGER
