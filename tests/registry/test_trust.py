"""Which registries are spoken to over plain HTTP, and whose certificates are believed."""

from __future__ import annotations

import json
import os
import ssl
from pathlib import Path

import pytest

from sim.errors import BadInput
from sim.registry.settings import Settings
from sim.registry.trust import Endpoint, Trust, certificates, host_of, insecure_registries


@pytest.mark.parametrize(
    ("entries", "registry", "addresses", "insecure", "claim"),
    [
        ([], "127.0.0.1:5000", (), True, "127.0.0.0/8 needs no declaration"),
        ([], "127.8.9.1", (), True, "all of it, with and without a port"),
        ([], "localhost:5000", ("127.0.0.1",), True, "a name that resolves into it"),
        ([], "localhost:5000", (), False, "a name that does not resolve is only a name"),
        ([], "172.17.0.1:5000", (), False, "the notes' registry, undeclared"),
        (["172.17.0.1:5000"], "172.17.0.1:5000", (), True, "and declared"),
        (["172.17.0.1"], "172.17.0.1:5000", (), False, "without its port it is another name"),
        (["172.17.0.0/16"], "172.17.0.1:5000", (), True, "declared by its network"),
        (["172.17.0.0/16"], "registry.test:5000", ("172.17.0.9",), True, "by the network of what it resolves to"),
        (["172.17.0.0/16"], "registry.test:5000", ("10.0.0.1",), False, "or not"),
        (["http://registry.test:5000"], "registry.test:5000", (), True, "a scheme before it is dropped"),
        (["docker.io", "0.0.0.0/0"], "docker.io", ("1.2.3.4",), False, "docker.io is never insecure"),
        (["fd00::/8"], "registry.test", ("fd00::1",), True, "networks of IPv6"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else None,
)
def test_insecure(entries: list[str], registry: str, addresses: tuple[str, ...], insecure: bool, claim: str) -> None:
    trust = Trust.of(entries)
    assert trust.is_insecure(registry, addresses) is insecure, claim
    tried = [(end.scheme, end.verified) for end in trust.endpoints(registry, addresses)]
    assert tried == ([("https", False), ("http", False)] if insecure else [("https", True)])


@pytest.mark.parametrize("entry", ["ftp://x", "a b", "", "host:port", "host:99999", "a/b"])
def test_entries_that_dockerd_refuses(entry: str) -> None:
    with pytest.raises(BadInput, match="insecure registry"):
        Trust.of([entry])


def test_docker_io_is_asked_elsewhere() -> None:
    assert Trust().endpoints("docker.io") == (Endpoint("https", "registry-1.docker.io"),)


@pytest.mark.parametrize(("raw", "found"), [
    (b"", ()), (b"{}", ()), (b'{"insecure-registries":["a:1","b"],"debug":true}', ("a:1", "b")),
    (b'{"insecure-registries":null}', ()),
])
def test_daemon_json(raw: bytes, found: tuple[str, ...]) -> None:
    assert insecure_registries(raw, where="daemon.json") == found


@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"insecure-registries":"a"}', b'{"insecure-registries":[1]}', b"\xff"])
def test_a_daemon_json_that_cannot_be_read_is_said(raw: bytes) -> None:
    with pytest.raises(BadInput, match=r"daemon\.json"):
        insecure_registries(raw, where="daemon.json")


@pytest.mark.parametrize(("name", "host"), [
    ("a:1", "a"), ("a", "a"), ("[::1]:5", "::1"), ("127.0.0.1:5000", "127.0.0.1"),
])
def test_hosts(name: str, host: str) -> None:
    assert host_of(name) == host


def test_certificates_by_their_names() -> None:
    found = certificates(["ca.crt", "other.crt", "client.cert", "client.key", "notes.txt"], where="certs.d/x")
    assert found.roots == ("ca.crt", "other.crt") and found.pairs == (("client.cert", "client.key"),)


@pytest.mark.parametrize(("names", "words"), [
    (["client.cert"], "missing key client.key for client certificate client.cert"),
    (["client.key"], "missing client certificate client.cert for key client.key"),
])
def test_half_a_pair_of_certificate_and_key_is_said(names: list[str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        certificates(names, where="certs.d/x")


def test_settings_are_read_where_docker_keeps_them(tmp_path: Path) -> None:
    docker = tmp_path / ".docker"
    docker.mkdir()
    (docker / "daemon.json").write_text('{"insecure-registries":["registry.test:5000"]}', encoding="utf-8")
    (docker / "config.json").write_text(
        json.dumps({"auths": {"registry.test:5000": {"auth": "Y3lvNTc6c2VjcmV0"}}}), encoding="utf-8"
    )
    found = Settings.read(["other.test"], environ={"HOME": str(tmp_path)})
    assert {"registry.test:5000", "other.test"} <= found.trust.hosts
    login = found.login_for("registry.test:5000")
    assert login is not None and (login.name, login.password) == ("cyo57", "secret")
    assert "secret" not in repr(found), "a password is not shown by accident"
    elsewhere = Settings.read(environ={"HOME": str(tmp_path), "DOCKER_CONFIG": str(tmp_path / "none")})
    assert elsewhere.login_for("registry.test:5000") is None


def test_no_certificate_in_certs_d_is_said(tmp_path: Path) -> None:
    place = tmp_path / ("registry.test5000" if os.name == "nt" else "registry.test:5000")
    place.mkdir()
    (place / "ca.crt").write_text("no certificate", encoding="utf-8")
    settings = Settings(certs=(tmp_path,))
    assert isinstance(settings.context("other.test:443", True), ssl.SSLContext)
    with pytest.raises(BadInput, match=r"ca\.crt: no certificate in PEM"):
        settings.context("registry.test:5000", True)


@pytest.mark.skipif(os.name == "nt", reason="the helper here is a shell script")
@pytest.mark.parametrize(("script", "words", "login"), [
    ('read host; echo "{\\"Username\\":\\"me@$host\\",\\"Secret\\":\\"s\\"}"', "", "me@x.test"),
    ('echo "credentials not found in native keychain"; exit 1', "", None),
    ("echo locked; exit 1", "locked", None),
    ("echo nonsense", "not JSON", None),
])
def test_credential_helpers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str, login: str | None
) -> None:
    helper = tmp_path / "docker-credential-box"
    helper.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (tmp_path / "config.json").write_text('{"credHelpers":{"x.test":"box"}}', encoding="utf-8")
    settings = Settings.read(environ={"HOME": str(tmp_path), "DOCKER_CONFIG": str(tmp_path)})
    if words:
        with pytest.raises(BadInput, match=words):
            settings.login_for("x.test")
    else:
        found = settings.login_for("x.test")
        assert (None if found is None else found.name) == login


def test_a_helper_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"credsStore":"desktop-nowhere"}', encoding="utf-8")
    settings = Settings.read(environ={"HOME": str(tmp_path), "DOCKER_CONFIG": str(tmp_path)})
    with pytest.raises(BadInput, match="docker-credential-desktop-nowhere, which cannot be asked"):
        settings.login_for("x.test")
