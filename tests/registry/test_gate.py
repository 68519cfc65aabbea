"""The gate: who may come in, who gets a token, and for what."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from sim.errors import Unsupported
from sim.registry import passwords
from sim.registry.auth import EVERYBODY, STRANGER, Access, Caller, Passwords, delete, pull, push
from sim.registry.gate import BasicGate, OpenGate, Remembered, TokenGate, TokenRules
from sim.registry.messages import Head, Response

NOW = 1_800_000_000.0


def plain(password: str, hashed: str) -> bool:
    return hashed == f"hash of {password}"


PEOPLE = Passwords({"cyo57": "hash of secret"}, plain)


def head(target: str = "/v2/", *, user: str | None = None, token: str | None = None, method: str = "GET") -> Head:
    headers = []
    if user is not None:
        headers.append(("Authorization", "Basic " + base64.b64encode(user.encode()).decode()))
    if token is not None:
        headers.append(("Authorization", f"Bearer {token}"))
    return Head(method, target, tuple(headers))


def gate(**rules: Any) -> TokenGate:
    return TokenGate(PEOPLE, TokenRules(**rules), b"key", lambda: NOW)


def issued(found: TokenGate, query: str, user: str | None = None) -> Caller:
    """Ask for a token and return who its bearer is."""
    response = found.token(head(f"/token{query}", user=user))
    assert response is not None and response.status == 200, response
    assert isinstance(response.body, bytes)
    document = json.loads(response.body)
    assert document["token"] == document["access_token"] and document["expires_in"] > 60
    assert document["issued_at"] == "2027-01-15T08:00:00Z"
    return found.caller(head(token=document["token"]))


def test_an_open_gate_asks_nobody() -> None:
    assert OpenGate().caller(head()) is EVERYBODY and OpenGate().token(head("/token")) is None


def test_basic_asks_for_a_password() -> None:
    found = BasicGate(PEOPLE)
    assert found.caller(head(user="cyo57:secret")).may(push("any/thing"))
    for user in ("cyo57:Secret", "cyo57:", "cyo57", "root:secret", None):
        assert found.caller(head(user=user)) is STRANGER


def test_who_has_a_password_may_do_what_they_ask_for_and_no_more() -> None:
    caller = issued(gate(), "?service=layerlab&scope=repository:a/b:pull,push&scope=repository:c:pull", "cyo57:secret")
    assert caller.name == "cyo57" and caller.bearer
    assert caller.may(push("a/b")) and caller.may(pull("c"))
    assert not caller.may(push("c")) and not caller.may(delete("a/b")) and not caller.may(pull("d"))


def test_two_scopes_in_one_field_are_two() -> None:
    caller = issued(gate(), "?scope=repository:a:pull%20repository:b:pull,push", "cyo57:secret")
    assert caller.may(pull("a")) and caller.may(push("b"))


def test_a_log_in_asks_for_nothing() -> None:
    assert issued(gate(), "?account=cyo57&client_id=docker&offline_token=true", "cyo57:secret").grants == ()


def test_who_gives_no_password_may_pull_where_that_is_allowed() -> None:
    caller = issued(gate(anonymous_pull=True), "?scope=repository:a:pull,push&scope=registry:catalog:*")
    assert caller.grants == (pull("a"),) and caller.bearer


REFUSED = [
    ("/token?scope=repository:a:pull", None, {}, 401, "nobody, where nobody may pull"),
    ("/token?scope=repository:a:pull", "cyo57:wrong", {}, 401, "a wrong password"),
    ("/token?scope=repository:a:pull", "cyo57:wrong", {"anonymous_pull": True}, 401, "a wrong one is not none"),
    ("/token?scope=repository:A:pull", "cyo57:secret", {}, 400, "no scope"),
    ("/token?scope=x", "cyo57:secret", {}, 400, "no scope at all"),
    ("/token?scope=%ff", "cyo57:secret", {}, 400, "bytes that are no UTF-8"),
    ("/token?" + "scope=repository:a:pull&" * 100, "cyo57:secret", {}, 400, "a hundred scopes"),
]


@pytest.mark.parametrize(("target", "user", "rules", "status"), [row[:-1] for row in REFUSED],
                         ids=[row[-1] for row in REFUSED])
def test_no_token(target: str, user: str | None, rules: dict[str, Any], status: int) -> None:
    response = gate(**rules).token(head(target, user=user))
    assert response is not None and response.status == status
    assert (response.header("WWW-Authenticate") is not None) == (status == 401)


def test_a_token_is_asked_for_with_get() -> None:
    response = gate().token(head("/token", method="POST"))
    assert response is not None and response.status == 405 and response.header("Allow") == "GET"
    assert gate().token(head("/v2/token/tags/list")) is None


def test_a_token_of_another_key_opens_nothing() -> None:
    other = TokenGate(PEOPLE, TokenRules(), b"another key", lambda: NOW)
    response = other.token(head("/token?scope=repository:a:pull", user="cyo57:secret"))
    assert response is not None and isinstance(response.body, bytes)
    assert gate().caller(head(token=json.loads(response.body)["token"])) is STRANGER


@pytest.mark.parametrize(("host", "realm"), [
    ("172.17.0.1:5055", "https://172.17.0.1:5055/token"), ("[::1]:5055", "https://[::1]:5055/token"),
    ("registry.test", "https://registry.test/token"), ('a"b', "/token"), ("a/b", "/token"), ("", "/token"),
])
def test_a_client_is_sent_to_the_address_that_it_knows(host: str, realm: str) -> None:
    found = gate()
    refused = Response(401, (found.challenge.header([Access("repository", "a", ("pull",))]),))
    completed = found.completed(refused, "https", host).header("WWW-Authenticate") or ""
    assert completed.startswith(f'Bearer realm="{realm}",service="layerlab",scope="repository:a:pull"')


def test_a_right_password_is_checked_once_and_a_wrong_one_each_time() -> None:
    asked: list[str] = []

    def slow(password: str, hashed: str) -> bool:
        asked.append(password)
        return plain(password, hashed)

    verify = Remembered(slow, most=2)
    assert verify("a", "hash of a") and verify("a", "hash of a") and not verify("a", "hash of b")
    assert not verify("b", "hash of a") and not verify("b", "hash of a")
    assert asked == ["a", "a", "b", "b"]
    assert all(verify(name, f"hash of {name}") for name in "bcd"), "and what is remembered is bounded"
    assert len(verify._right) <= 2


def test_bcrypt_says_what_htpasswd_says() -> None:
    pytest.importorskip("bcrypt")
    verify = passwords.bcrypt_verify()
    assert verify("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"), "Openwall's test vector"
    assert not verify("U*V", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
    for odd in ("a\0b", "\udcff", "x" * 200, ""):
        assert not verify(odd, "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
    assert not verify("U*U", "$2y$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"), "no such cost"


def test_without_bcrypt_it_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "bcrypt", None)
    with pytest.raises(Unsupported, match="pip install bcrypt"):
        passwords.bcrypt_verify()
