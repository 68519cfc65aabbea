"""`sim serve` as a process: what it says, whom it lets in, how it ends, and what is there afterwards."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.cli import main
from sim.content.digest import Digest
from tests.registry.wirekit import USERS, Kept, basic, opening, served

posix = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_says_why_ends_and_keeps(tmp_path: Path, number: int) -> None:
    root = tmp_path / "data"
    with served(root) as at:
        assert str(root) in at.said[0] and f"docker push 127.0.0.1:{at.port}/NAME:TAG" in at.said[1]
        digest = Kept(at.port).put_blob(b"hello", "cyo57/a")
        status, _, _ = Kept(at.port)("POST", f"/v2/b/blobs/uploads/?mount={digest}&from=cyo57/a")
        assert status == 201
        code, out = at.end(number)
    # An answer is logged when it has been given, so the last line of the log may come last of all.
    lines = out.splitlines()
    assert code == 0 and len(lines) == 3
    lines.remove("Stopping: requests under way may end.")
    first, second = lines
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d\d\d 127.0.0.1 POST \S+ 201 in 5B out 0B [\d.]+ ms: stored: 5 bytes", first)
    assert second.endswith("mounted from cyo57/a: 0 bytes sent")
    with served(root, "--quiet") as at:
        assert Kept(at.port)("GET", f"/v2/b/blobs/{digest}")[2] == b"hello"
        assert at.end() == (0, "Stopping: requests under way may end.\n")


@posix
def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    with served(tmp_path / "data") as at, socket.create_connection(("127.0.0.1", at.port), timeout=20) as sock:
        sock.sendall(opening(f"/v2/a/blobs/uploads/?digest={Digest.of(b'')}", 5, "Expect: 100-continue"))
        assert b"100 Continue" in sock.recv(100), "it waits for the body now"
        at.process.send_signal(signal.SIGINT)
        assert at.process.stdout is not None and "Stopping" in at.process.stdout.readline()
        code, _ = at.end(signal.SIGINT)
        assert code == 130


@posix
def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    with served(tmp_path / "data") as at:
        digest = Kept(at.port).put_blob(b"hello")
        where = Kept(at.port)("POST", "/v2/a/blobs/uploads/")[1]["Location"]
        assert Kept(at.port)("PATCH", where, b"wor")[0] == 202
        at.end(signal.SIGKILL)
    with served(tmp_path / "data") as at:
        client = Kept(at.port)
        assert client("GET", f"/v2/a/blobs/{digest}")[2] == b"hello"
        assert client("GET", where)[1]["Range"] == "0-2"
        assert client("PUT", f"{where}?digest={Digest.of(b'world')}", b"ld")[0] == 201


def test_a_port_in_use_is_one_line_that_names_a_free_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--root", str(tmp_path / "data"), "--port", str(port)]) == 2
    said = capsys.readouterr().err
    found = re.fullmatch(rf"sim: port {port} of 127\.0\.0\.1 is in use; this one is free: --port (\d+)\n", said)
    assert found is not None, said
    with socket.create_server(("127.0.0.1", int(found[1]))):
        assert not (tmp_path / "data").exists()


WRONG = [
    (("--port", "65536"), "'65536' is no port", "a port beyond all"),
    (("--port", "²"), "is no port", "what isdigit() takes and int() does not"),
    (("--host", "192.0.2.1", "--port", "0"), "cannot be had: Cannot assign", "an address of another machine"),
    (("--token",), "add --htpasswd FILE", "tokens without passwords"),
    (("--htpasswd", "{tmp}/absent"), "absent: No such file", "no such file"),
    (("--htpasswd", "{tmp}/md5"), "line 1 is no NAME:HASH with a bcrypt hash", "another kind of hash"),
    (("--htpasswd", "{tmp}/users", "--anonymous-pull"), "add --token", "anonymous without tokens"),
    (("--tls-cert", "c"), "go together", "a certificate without a key"),
    (("--tls-cert", "{tmp}/users", "--tls-key", "{tmp}/users"), "no certificate and key in PEM", "no certificate"),
    (("--root", "{tmp}"), "holds something else", "a folder of something else"),
]


@pytest.mark.parametrize(("options", "words"), [row[:-1] for row in WRONG], ids=[row[-1] for row in WRONG])
def test_what_is_wrong_is_one_line(
    options: tuple[str, ...], words: str, users: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp = users.parent
    (tmp / "md5").write_text("a:$apr1$x$y\n", encoding="ascii")
    told = [option.format(tmp=tmp) for option in options]
    rest = [] if "--root" in options else ["--root", str(tmp / "data")]
    assert main(["serve", *(["--port", "0"] if "--port" not in options else []), *rest, *told]) == 2
    out, err = capsys.readouterr()
    assert words in err and err.count("\n") == 1 and not out


@pytest.fixture
def users(tmp_path: Path) -> Path:
    pytest.importorskip("bcrypt")
    (tmp_path / "users").write_text(USERS, encoding="ascii")
    return tmp_path / "users"


@posix
def test_passwords(tmp_path: Path, users: Path) -> None:
    with served(tmp_path / "data", "--htpasswd", str(users)) as at:
        client = Kept(at.port)
        assert client("GET", "/v2/")[1]["WWW-Authenticate"].startswith("Basic realm=")
        assert client("GET", "/v2/", Authorization=basic("cyo57:secret"))[0] == 200
        assert client("GET", "/v2/", Authorization=basic("cyo57:Secret"))[0] == 401


@posix
def test_tokens(tmp_path: Path, users: Path) -> None:
    with served(tmp_path / "data", "--htpasswd", str(users), "--token", "--anonymous-pull") as at:
        client = Kept(at.port)

        def token(scope: str, **headers: str) -> str:
            _, _, body = client("GET", f"/token?service=layerlab&scope={scope}", **headers)
            return f"Bearer {json.loads(body)['token']}"

        challenge = client("GET", "/v2/a/tags/list")[1]["WWW-Authenticate"]
        assert challenge == (
            f'Bearer realm="http://127.0.0.1:{at.port}/token",service="layerlab",scope="repository:a:pull"'
        )
        mine = token("repository:a:pull,push", Authorization=basic("cyo57:secret"))
        assert client("POST", "/v2/a/blobs/uploads/", Authorization=mine)[0] == 202
        anybodys = token("repository:a:pull,push")
        status, headers, _ = client("POST", "/v2/a/blobs/uploads/", Authorization=anybodys)
        assert status == 401 and 'error="insufficient_scope"' in headers["WWW-Authenticate"]
        assert client("GET", f"/v2/a/blobs/{Digest.of(b'')}", Authorization=anybodys)[0] == 404


@posix
def test_tls_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    with served(tmp_path / "data", "--tls", lines=4) as at:
        assert at.scheme == "https"
        found = re.search(r"certificate (\S+):", at.said[2])
        assert found is not None and f"certs.d/127.0.0.1:{at.port}/ca.crt" in at.said[3]
        context = ssl.create_default_context(cafile=found[1])
        secure = http.client.HTTPSConnection("127.0.0.1", at.port, context=context, timeout=20)
        secure.request("GET", "/v2/")
        assert secure.getresponse().status == 200


POLICIES: list[tuple[str, Callable[[Kept], int], int, str]] = [
    ("--read-only", lambda client: client("POST", "/v2/a/blobs/uploads/")[0], 405, "nothing is changed"),
    ("--no-delete", lambda client: client("DELETE", f"/v2/a/blobs/{Digest.of(b'')}")[0], 405, "nothing is deleted"),
    ("--no-delete", lambda client: client("POST", "/v2/a/blobs/uploads/")[0], 202, "but something is pushed"),
]


@posix
@pytest.mark.parametrize(("option", "act", "status"), [row[:-1] for row in POLICIES], ids=[row[-1] for row in POLICIES])
def test_policies(option: str, act: Callable[[Kept], int], status: int, tmp_path: Path) -> None:
    with served(tmp_path / "data", option) as at:
        assert act(Kept(at.port)) == status


@posix
def test_a_log_that_nobody_reads_stops_nothing(tmp_path: Path) -> None:
    with served(tmp_path / "data") as at:
        assert at.process.stdout is not None
        at.process.stdout.close()
        client = Kept(at.port)
        for _ in range(3):
            assert client("GET", "/v2/")[0] == 200


@posix
def test_a_log_that_is_not_read_holds_nobody_up(tmp_path: Path) -> None:
    with served(tmp_path / "data") as at:
        client = Kept(at.port)
        for _ in range(1500):
            assert client("GET", "/v2/")[0] == 200, "a pipe holds about 700 of these lines"
        code, out = at.end()
    assert code == 0 and out.count("GET /v2/") == 1500
