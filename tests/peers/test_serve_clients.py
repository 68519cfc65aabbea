"""docker, skopeo, umoci and curl as clients of `sim serve`: what they get, and what they ask for, in which order.

The recorded exchanges of the same clients with docker's own registry lie in shared/truth/wire/transcripts.txt.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.registry.wirekit import Served, served

Tool = Callable[..., Any]
Need = Callable[[object, str], None]
IMAGE = "bb-union:1.0"
ELSEWHERE = "192.0.2.55"
"""An address for documentation (RFC 5737): docker trusts every 127.x.x.x, so TLS is tried under another one."""


@dataclass(frozen=True)
class Step:
    """One line of an exchange: method, what it is about, status; sessions by their ids."""

    method: str
    target: str
    status: int

    @property
    def session(self) -> str | None:
        found = re.search(r"/blobs/uploads/([0-9a-f-]{36})", self.target)
        return found[1] if found else None

    @property
    def blob(self) -> str | None:
        found = re.search(r"(?:/blobs/|[?&]digest=|[?&]mount=)sha256(?::|%3A)([0-9a-f]{12})", self.target)
        return found[1] if found else None

    @property
    def manifest(self) -> bool:
        return "/manifests/" in self.target

    def __str__(self) -> str:
        return f"{self.method} {self.status}"


def recorded(shared: Path, scenario: str) -> list[Step]:
    """Return the steps of a recorded scenario."""
    text = (shared / "truth" / "wire" / "transcripts.txt").read_text("utf-8")
    part = text.split(f"##### {scenario}")[1].split("\n#####")[0]
    lines = re.findall(r"^\[c\d+\] (GET|HEAD|POST|PATCH|PUT|DELETE) (\S+) \(body \d+\) -> (\d+)", part, re.MULTILINE)
    return [Step(method, target, int(status)) for method, target, status in lines]


def logged(out: str) -> list[Step]:
    """Return the steps in the log of `sim serve`, in the order in which they began; a line is written at the end."""
    out = "\n".join(sorted(out.splitlines(), key=lambda line: line.split(" ")[0]))
    lines = re.findall(r"^\S+ 127\.\S+ (GET|HEAD|POST|PATCH|PUT|DELETE) (\S+) (\d+) ", out, re.MULTILINE)
    return [Step(method, target, int(status)) for method, target, status in lines]


def story(steps: list[Step]) -> dict[str, list[str]]:
    """Return what happens to each blob, in its order: how the blobs are interleaved is chance."""
    named = {step.session: step.blob for step in steps if step.session and step.blob}
    found: dict[str, list[str]] = {}
    opened = 0
    for step in steps:
        blob = step.blob or named.get(step.session)
        if blob is not None:
            found.setdefault(blob, []).append(str(step))
        elif step.method == "POST":
            opened += 1
    # A POST names no blob: there is one for each session.
    found["sessions"] = [str(opened)]
    return found


@pytest.fixture(scope="module")
def loaded(docker: Any, tool: Tool, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """dockerd with bb-union, whose digests it does not know: other tests may have pushed these layers elsewhere."""
    shutil.rmtree(docker.root / "image" / "overlay2" / "distribution", ignore_errors=True)
    tar = tmp_path_factory.mktemp("loaded") / "bb-union.tar"
    tool("zstd", "-q", "-d", shared / "images" / "bb-union.docker.tar.zst", "-o", tar)
    docker("load", "-i", tar)
    tar.unlink()
    yield docker
    docker("rmi", "-f", IMAGE)


@contextmanager
def tagged(docker: Any, *names: str) -> Iterator[None]:
    for name in names:
        docker("tag", IMAGE, name)
    try:
        yield
    finally:
        docker("rmi", "-f", *names, check=False)


def address(at: Served, host: str = "127.0.0.1") -> str:
    return f"{host}:{at.port}"


def test_docker_pushes_pulls_and_runs(loaded: Any, tmp_path: Path, shared: Path) -> None:
    with served(tmp_path / "data") as at:
        name, other = f"{address(at)}/cyo57/bb-union:1.0", f"{address(at)}/cyo57/copy:1.0"
        with tagged(loaded, name, other):
            assert "digest: sha256:ed033f8a7636" in loaded("push", name).stdout
            assert "Layer already exists" in loaded("push", name).stdout
            assert loaded("push", other).stdout.count("Mounted from cyo57/bb-union") == 9
            loaded("rmi", "-f", IMAGE, name, other)
            assert "Downloaded newer image" in loaded("pull", name).stdout
            assert "Image is up to date" in loaded("pull", name).stdout
            assert loaded("run", "--rm", "--network", "none", name, "echo", "it runs").stdout == "it runs\n"
            loaded("tag", name, IMAGE)
        steps = logged(at.end()[1])
    puts = [number for number, step in enumerate(steps) if step.manifest and step.method == "PUT"]
    cold, again, mounts, pulls = (
        steps[: puts[0] + 1], steps[puts[0] + 1 : puts[1] + 1], steps[puts[1] + 1 : puts[2] + 1], steps[puts[2] + 1 :],
    )
    theirs = recorded(shared, "docker push of layers whose digest the daemon does not know")
    pushed = [step for step in theirs if step.target.startswith("/v2/cyo57/bb/")]
    end = next(number for number, step in enumerate(pushed) if step.manifest)
    assert story(cold) == story(pushed[: end + 1])
    assert story(again) == story(recorded(shared, "docker push again, all layers exist"))
    assert story(mounts) == story(recorded(shared, "docker push to another repo: cross-repo mount"))
    first = recorded(shared, "docker pull cold")
    assert [str(step) for step in pulls[:3]] == [str(step) for step in first[:3]], "ping, tag, digest"
    assert story(pulls) == story(first)
    assert [str(step) for step in pulls[len(first) :]] == [
        str(step) for step in recorded(shared, "docker pull warm, same tag")
    ]


def test_skopeo_copies_both_ways_and_umoci_takes_the_result(tool: Tool, tmp_path: Path, shared: Path) -> None:
    archive = shared / "images" / "ubuntu-cyo57.oci.tar"
    inventory = json.loads((shared / "images" / "INVENTORY.json").read_text("utf-8"))["ubuntu-cyo57"]
    insecure = ("--src-tls-verify=false", "--dest-tls-verify=false")
    with served(tmp_path / "data") as at:
        name, copy = f"docker://{address(at)}/cyo57/ubuntu:1.0", f"docker://{address(at)}/cyo57/copy:1.0"
        tool("skopeo", "copy", *insecure, f"oci-archive:{archive}", name)
        found = json.loads(tool("skopeo", "inspect", "--tls-verify=false", name).stdout)
        assert found["Digest"] == inventory["manifest"]
        assert found["Layers"] == [layer["digest"] for layer in inventory["layers"]]
        tool("skopeo", "copy", *insecure, name, copy)
        tool("skopeo", "copy", *insecure, copy, f"oci:{tmp_path / 'back'}:1.0")
        tags = json.loads(tool("skopeo", "list-tags", "--tls-verify=false", name.rpartition(":")[0]).stdout)
        assert tags["Tags"] == ["1.0"]
        tool("skopeo", "delete", "--tls-verify=false", copy)
        assert tool("skopeo", "inspect", "--tls-verify=false", copy, check=False).returncode
        log = at.end()[1]
    tool("umoci", "unpack", "--image", f"{tmp_path / 'back'}:1.0", tmp_path / "bundle")
    assert (tmp_path / "bundle" / "rootfs" / "etc" / "os-release").exists()
    index = json.loads((tmp_path / "back" / "index.json").read_text("utf-8"))
    assert index["manifests"][0]["digest"] == inventory["manifest"], "byte for byte the same"
    assert "mounted from cyo57/ubuntu: 0 bytes sent" in log


def test_skopeo_pushes_as_it_does_to_dockers_registry(tool: Tool, tmp_path: Path, shared: Path) -> None:
    source = f"oci-archive:{shared / 'images' / 'bb-union.oci.tar'}"
    with served(tmp_path / "data") as at:
        name = f"docker://{address(at)}/cyo57/bb-union:1.0"
        tool("skopeo", "copy", "--dest-tls-verify=false", source, name)
        tool("skopeo", "copy", "--dest-tls-verify=false", source, name)
        steps = logged(at.end()[1])
    end = next(number for number, step in enumerate(steps) if step.manifest and step.method == "PUT")
    for ours, scenario in ((steps[: end + 1], "skopeo push cold"), (steps[end + 1 :], "skopeo push warm")):
        theirs = recorded(shared, scenario)
        # The recorded image was compressed by another version, so blobs are compared by what happens to them.
        assert sorted(story(ours).values()) == sorted(story(theirs).values()), scenario


def users(tool: Tool, folder: Path) -> Path:
    path = folder / "users"
    path.write_text(tool("htpasswd", "-nbB", "cyo57", "secret").stdout, encoding="ascii")
    return path


def test_docker_with_a_password(loaded: Any, tool: Tool, tmp_path: Path) -> None:
    with served(tmp_path / "data", "--htpasswd", str(users(tool, tmp_path))) as at:
        config, name = ("--config", tmp_path / "docker"), f"{address(at)}/cyo57/bb-union:1.0"
        with tagged(loaded, name):
            assert "no basic auth credentials" in loaded(*config, "push", name, check=False).stderr
            login = ("login", "-u", "cyo57", "--password-stdin", address(at))
            wrong = loaded(*config, *login, check=False, input="guess")
            assert wrong.returncode and "401 Unauthorized" in wrong.stderr
            assert "Login Succeeded" in loaded(*config, *login, input="secret").stdout
            loaded(*config, "push", name)
            assert "up to date" in loaded(*config, "pull", name).stdout
        inspect = ("skopeo", "inspect", "--tls-verify=false", f"docker://{name}")
        assert tool(*inspect, check=False).returncode
        assert json.loads(tool(*inspect, "--creds", "cyo57:secret").stdout)["Name"] == name.rpartition(":")[0]


def test_docker_with_tokens(loaded: Any, tool: Tool, tmp_path: Path) -> None:
    with served(tmp_path / "data", "--htpasswd", str(users(tool, tmp_path)), "--token", "--anonymous-pull") as at:
        config = ("--config", tmp_path / "docker")
        name, other = f"{address(at)}/cyo57/bb-union:1.0", f"{address(at)}/cyo57/copy:1.0"
        with tagged(loaded, name, other):
            assert "requested access to the resource is denied" in loaded(*config, "push", name, check=False).stderr
            login = ("login", "-u", "cyo57", "--password-stdin", address(at))
            assert "Login Succeeded" in loaded(*config, *login, input="secret").stdout
            loaded(*config, "push", name)
            assert "Mounted from cyo57/bb-union" in loaded(*config, "push", other).stdout, "with a token of two scopes"
            assert loaded("--config", tmp_path / "nobody", "pull", name).returncode == 0
        tool("skopeo", "copy", "--src-tls-verify=false", f"docker://{name}", f"oci:{tmp_path / 'back'}:1.0")
        deletion = ("skopeo", "delete", "--tls-verify=false", f"docker://{name}")
        assert tool(*deletion, check=False).returncode, "who may pull may not delete"
        tool(*deletion, "--creds", "cyo57:secret")


@contextmanager
def another_address() -> Iterator[str]:
    """Give this machine one more address for a while."""
    subprocess.run(["ip", "address", "replace", f"{ELSEWHERE}/32", "dev", "lo"], check=True)
    try:
        yield ELSEWHERE
    finally:
        subprocess.run(["ip", "address", "del", f"{ELSEWHERE}/32", "dev", "lo"], check=True)


def test_docker_skopeo_and_curl_trust_the_certificate_that_they_are_handed(
    loaded: Any, tool: Tool, need: Need, tmp_path: Path
) -> None:
    need(os.geteuid() == 0, "one more address needs root")
    data = tmp_path / "data"
    with another_address() as host, served(data, "--tls", "--host", host, lines=5) as at:
        name = f"{address(at, host)}/cyo57/bb-union:1.0"
        trusted = Path("/etc/docker/certs.d") / address(at, host)
        with tagged(loaded, name):
            refused = loaded("push", name, check=False)
            assert re.search("x509: certificate (is not trusted|signed by unknown authority)", refused.stderr)
            certificate = (data / ".tls" / "cert.pem").read_bytes()
            # dockerd looks there for each connection; in its own mounts, so that nothing stays behind.
            script = f"mkdir -p /etc/docker && mount -t tmpfs none /etc/docker && mkdir -p {trusted}" \
                f" && cat >{trusted}/ca.crt"
            enter = ["nsenter", "-t", str(loaded.pid), "-m"]
            subprocess.run([*enter, "sh", "-c", script], input=certificate, check=True)
            try:
                loaded("push", name)
                assert "up to date" in loaded("pull", name).stdout
            finally:
                subprocess.run([*enter, "umount", "/etc/docker"], check=True)
        certs = tmp_path / "certs"
        certs.mkdir()
        (certs / "ca.crt").write_bytes(certificate)
        tool("skopeo", "copy", "--src-cert-dir", certs, f"docker://{name}", f"oci:{tmp_path / 'back'}:1.0")
        ca = ("--cacert", certs / "ca.crt")
        assert tool("curl", "-fsS", *ca, f"https://{address(at, host)}/v2/_catalog").stdout.strip() == (
            '{"repositories":["cyo57/bb-union"]}'
        )
        assert "HTTP request to an HTTPS server" in tool("curl", "-sS", f"http://{address(at, host)}/v2/").stdout
        log = at.end()[1]
    assert "the connection came to nothing" in log, "and the refusal has its line"


def test_curl_sends_a_large_body_after_it_was_told_to(tool: Tool, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(os.urandom(5 << 20))
    digest = tool("sha256sum", body).stdout.split()[0]
    with served(tmp_path / "data") as at:
        url = f"http://{address(at)}/v2/a/blobs"
        said = tool("curl", "-sSv", "-X", "POST", "-H", "Expect: 100-continue", "--data-binary", f"@{body}",
                    f"{url}/uploads/?digest=sha256:{digest}").stderr  # fmt: skip
        assert "100 Continue" in said and "201 Created" in said
        tool("curl", "-fsS", "-o", tmp_path / "whole", f"{url}/sha256:{digest}")
        (tmp_path / "part").write_bytes(body.read_bytes()[:1_000_000])
        tool("curl", "-fsS", "-C", "-", "-o", tmp_path / "part", f"{url}/sha256:{digest}")
        assert (tmp_path / "whole").read_bytes() == (tmp_path / "part").read_bytes() == body.read_bytes()
