"""What a registry asks of a stranger, what a token service answers, and what docker's login file holds."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import BadInput, SimError
from sim.registry.auth import Challenge, pull, push
from sim.registry.challenge import Asked, TokenRequest, error_of, parse_challenges, parse_token
from sim.registry.credentials import Helper, Logins, parse_config, parse_helper


@pytest.mark.parametrize(("header", "found"), [
    ('Basic realm="basic-realm"', [("basic", {"realm": "basic-realm"})]),
    ("Basic realm=plain", [("basic", {"realm": "plain"})]),
    ('Bearer realm="https://a/t",service="s",scope="repository:a/b:pull,push repository:c:pull",'
     'error="insufficient_scope"',
     [("bearer", {"realm": "https://a/t", "service": "s", "scope": "repository:a/b:pull,push repository:c:pull",
                  "error": "insufficient_scope"})]),
    ('Digest qop="auth", nonce="x", Basic realm="y"',
     [("digest", {"qop": "auth", "nonce": "x"}), ("basic", {"realm": "y"})]),
    ('Basic realm="a \\"quoted\\" word"', [("basic", {"realm": 'a "quoted" word'})]),
    ("Negotiate", [("negotiate", {})]),
    ('Bearer realm="never closed', [("bearer", {"realm": ""})]),
    ("", []), ("=", []), ('"', []),
])
def test_challenges(header: str, found: list[tuple[str, dict[str, str]]]) -> None:
    assert [(asked.scheme, dict(asked.params)) for asked in parse_challenges(header)] == found


def test_our_registry_s_challenge_is_understood() -> None:
    name, header = Challenge("Bearer", "http://127.0.0.1:5055/token", "layerlab").header([push("a/b"), pull("c")], True)
    [asked] = parse_challenges(header)
    assert name == "WWW-Authenticate" and asked.insufficient
    assert asked.scopes == ("repository:a/b:pull,push", "repository:c:pull")


@given(st.text(max_size=200))
def test_any_header_is_read_or_left(header: str) -> None:
    for asked in parse_challenges(header):
        assert asked.scheme


def test_a_token_is_asked_for_the_scopes_of_both_sides() -> None:
    asked = Asked("bearer", {"realm": "https://auth.test/token?x=1", "service": "reg", "scope": "repository:a:pull"})
    request = TokenRequest.of(asked, ["repository:a:pull", "repository:b:pull,push"], where="reg")
    assert request.scopes == ("repository:a:pull", "repository:b:pull,push")
    assert request.url("me") == (
        "https://auth.test/token?x=1&account=me&service=reg&scope=repository%3Aa%3Apull"
        "&scope=repository%3Ab%3Apull%2Cpush"
    )
    assert b"grant_type=refresh_token" in request.form("r", "layerlab")


@pytest.mark.parametrize("realm", ["", "ftp://x/t", "file:///etc/passwd", "https://", "http://a:99999/", "http://a/\x01"])
def test_a_token_service_that_is_none(realm: str) -> None:
    with pytest.raises(BadInput, match="names no service"):
        TokenRequest.of(Asked("bearer", {"realm": realm}), [], where="reg")


@pytest.mark.parametrize(("answer", "text", "life"), [
    ({"token": "abc"}, "abc", 60), ({"access_token": "abc", "expires_in": 300}, "abc", 300),
    ({"token": "abc", "access_token": "d", "expires_in": 1}, "abc", 60),
])
def test_tokens(answer: object, text: str, life: int) -> None:
    token = parse_token(json.dumps(answer).encode(), where="auth")
    assert (token.text, token.life_s) == (text, life)


@pytest.mark.parametrize("raw", [
    b"", b"{}", b'{"token":""}', b'{"token":1}', b'{"token":"a b"}', b'{"token":"a\\r\\nX: y"}',
    b'{"token":"\xc3\xa9"}', b'{"token":"a","expires_in":-1}', b"[]",
])
def test_answers_without_a_token(raw: bytes) -> None:
    with pytest.raises(BadInput, match="auth"):
        parse_token(raw, where="auth")


@pytest.mark.parametrize(("raw", "found"), [
    (b'{"errors":[{"code":"NAME_UNKNOWN","message":"no","detail":{}}]}', ("NAME_UNKNOWN", "no")),
    (b'{"errors":[{"code":"X"}]}', ("X", "")), (b'{"errors":[]}', None), (b"{}", None), (b"<html>", None),
    (b'{"errors":[1]}', None), (b'{"errors":[{"message":"no"}]}', None),
])
def test_errors_of_a_registry(raw: bytes, found: tuple[str, str] | None) -> None:
    assert error_of(raw, where="x") == found


def config(**fields: object) -> Logins:
    return parse_config(json.dumps(fields).encode(), where="config.json")


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_logins() -> None:
    logins = config(
        auths={
            "registry.test:5000": {"auth": b64("cyo57:sec:ret")}, "https://index.docker.io/v1/": {"auth": b64("me:p")},
            "https://old.test/v1/": {"username": "u", "password": "p"}, "empty.test": {},
            "token.test": {"identitytoken": "refresh"},
        },
        credHelpers={"gcr.io": "gcloud"}, HttpHeaders={"x": "y"},
    )
    login = logins.find("registry.test:5000")
    assert login is not None and not isinstance(login, Helper)
    assert (login.name, login.password) == ("cyo57", "sec:ret") and login.header == "Basic " + b64("cyo57:sec:ret")
    named = {name: logins.find(name) for name in ("docker.io", "old.test", "empty.test", "token.test", "nobody.test")}
    assert [getattr(one, "name", None) for one in named.values()] == ["me", "u", None, "", None]
    assert getattr(named["token.test"], "refresh_token", "") == "refresh"
    assert logins.find("gcr.io") == Helper("gcloud", "gcr.io")


def test_a_store_has_all_logins_but_those_with_a_helper_of_their_own() -> None:
    logins = config(credsStore="desktop", credHelpers={"gcr.io": "gcloud"}, auths={"x.test": {}})
    assert logins.find("x.test") == Helper("desktop", "x.test")
    assert logins.find("docker.io") == Helper("desktop", "https://index.docker.io/v1/")
    assert logins.find("gcr.io") == Helper("gcloud", "gcr.io")


@pytest.mark.parametrize("fields", [
    {"auths": []}, {"auths": {"x": 1}}, {"auths": {"x": {"auth": "!"}}}, {"auths": {"x": {"auth": b64("no colon")}}},
    {"credHelpers": {"x": "../evil"}}, {"credsStore": "a/b"}, {"credHelpers": [1]}, {"auths": {"x": {"auth": 1}}},
])
def test_what_docker_does_not_write_is_refused_by_name(fields: dict[str, object]) -> None:
    with pytest.raises(BadInput, match=r"config\.json"):
        config(**fields)


@given(st.binary(max_size=200))
def test_any_config_is_read_or_refused(raw: bytes) -> None:
    try:
        parse_config(raw, where="config.json")
    except SimError as error:
        assert "config.json" in str(error)


def test_a_helper_s_answer() -> None:
    assert parse_helper(b'{"Username":"me","Secret":"p"}', where="h").name == "me"
    assert parse_helper(b'{"Username":"<token>","Secret":"r"}', where="h").refresh_token == "r"
