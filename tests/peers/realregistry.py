"""The real registry (distribution 2.8, Debian's docker-registry) for a block: open, with passwords, tokens, or TLS."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from tests.registry.fakes import Asked, Fake, Reply, answering

ISSUER, SERVICE = "tests", "real-registry"


@contextmanager
def real_registry(home: Path, port: int, http: str = "", auth: str = "") -> Iterator[str]:
    """Run docker-registry on a loopback port; yield ``127.0.0.1:PORT``."""
    home.mkdir(parents=True, exist_ok=True)
    config = (
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {home / 'data'}}},"
        f" delete: {{enabled: true}}}}\nhttp: {{addr: '127.0.0.1:{port}'{http}}}\n{auth}"
    )
    (home / "config.yml").write_text(config, encoding="utf-8")
    with open(home / "log", "wb") as log:
        server = subprocess.Popen(["docker-registry", "serve", home / "config.yml"], stdout=log, stderr=log)
        try:
            _wait(server, f"{'https' if http else 'http'}://127.0.0.1:{port}/v2/", home / "log")
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(10)


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urlopen(url, timeout=2).close()
            return
        except HTTPError:
            return  # It wants to know who asks.
        except URLError as error:
            if "CERTIFICATE" in str(error):
                return  # It speaks TLS.
            time.sleep(0.1)
    raise AssertionError("docker-registry does not start: " + log.read_text("utf-8", "replace")[-500:])


def certificate(folder: Path, name: str = "IP:127.0.0.1") -> tuple[Path, Path]:
    """Make a key and a self-signed certificate for a subjectAltName; return their files (certificate, key)."""
    folder.mkdir(parents=True, exist_ok=True)
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tests",
         "-addext", f"subjectAltName={name}", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )
    return cert, key


def htpasswd(folder: Path, **people: str) -> Path:
    """Write an htpasswd file with bcrypt hashes."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        subprocess.run(["htpasswd", "-Bbn", name, password], check=True, capture_output=True, text=True,
                       encoding="utf-8").stdout.strip()
        for name, password in people.items()
    ]
    (folder / "htpasswd").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "htpasswd"


@dataclass
class TokenService:
    """Grants what `rights` says, name by name; ``""`` is a stranger. Scopes that were asked for are kept."""

    cert: Path
    key: Path
    rights: Mapping[str, Mapping[str, set[str]]]
    passwords: Mapping[str, str]
    asked: list[list[str]] = field(default_factory=list)
    fake: Fake | None = None

    def answer(self, asked: Asked) -> Reply:
        """Answer a request for a token."""
        query = parse_qs(urlsplit(asked.path).query)
        scopes = query.get("scope", [])
        self.asked.append(scopes)
        name = ""
        proof = asked.headers.get("Authorization", "")
        if proof:
            name, _, password = base64.b64decode(proof.removeprefix("Basic ")).decode().partition(":")
            if self.passwords.get(name) != password:
                return 401, {}, b'{"details":"incorrect username or password"}'
        token = self._token(name, [scope.split(":") for scope in scopes])
        return 200, {"Content-Type": "application/json"}, json.dumps({"token": token, "expires_in": 300}).encode()

    def _token(self, name: str, scopes: list[list[str]]) -> str:
        granted = [
            {"type": kind, "name": repository,
             "actions": sorted(set(actions.split(",")) & self.rights.get(name, {}).get(repository, set()))}
            for kind, repository, actions in scopes
        ]
        now = int(time.time())
        der = subprocess.run(["openssl", "x509", "-in", self.cert, "-outform", "DER"], check=True,
                             capture_output=True).stdout
        head = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]}
        claims = {"iss": ISSUER, "sub": name, "aud": SERVICE, "exp": now + 300, "nbf": now - 10, "iat": now,
                  "jti": str(time.monotonic_ns()), "access": granted}
        text = f"{_part(head)}.{_part(claims)}"
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=text.encode(), check=True,
                                   capture_output=True).stdout
        return f"{text}.{_base64url(signature)}"


@contextmanager
def token_service(
    folder: Path, rights: Mapping[str, Mapping[str, set[str]]], passwords: Mapping[str, str]
) -> Iterator[tuple[TokenService, str]]:
    """Run a token service; yield it and the registry's ``auth`` section that trusts it."""
    cert, key = certificate(folder)
    service = TokenService(cert, key, rights, passwords)
    with answering(service.answer) as fake:
        service.fake = fake
        yield service, (
            f"auth: {{token: {{realm: 'http://{fake.host}/token', service: {SERVICE}, issuer: {ISSUER},"
            f" rootcertbundle: {cert}}}}}\n"
        )


def _part(value: object) -> str:
    return _base64url(json.dumps(value).encode())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
