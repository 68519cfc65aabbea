"""What a registry may answer to do harm, or by mistake: redirects, locations, manifests, noise; all end in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.content.descriptor import OCI_MANIFEST
from sim.content.store import LayoutStore
from sim.errors import BadInput, DigestMismatch, SimError, TransferFailed
from sim.image.trees import Laid
from sim.registry.client import Doing, pull, push
from sim.registry.landing import pull_to
from tests import image_builders as make
from tests.registry.clientkit import Waits, big, from_store, ref
from tests.registry.fakes import Asked, Reply, answering, raw_bytes


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Laid:
    return big(tmp_path_factory.mktemp("big"))


def test_an_altered_manifest_is_refused_by_tag_too(laid: Laid, tmp_path: Path) -> None:
    """docker takes it by tag and skopeo does not (truth/registry.md); the digest that HEAD names is held to."""
    def answer(asked: Asked) -> Reply:
        status, headers, raw = from_store(laid, asked)
        return status, headers, raw + b" " if "/manifests/" in asked.path and asked.method == "GET" else raw

    with answering(answer) as fake, pytest.raises(DigestMismatch, match="manifest"):
        pull(ref(fake.host), LayoutStore(tmp_path / "out"), Doing())


def test_credentials_do_not_follow_a_redirect_to_another_host(laid: Laid, tmp_path: Path) -> None:
    from sim.registry.credentials import Login
    from sim.registry.settings import Settings

    with answering(lambda asked: from_store(laid, asked)) as elsewhere:
        def answer(asked: Asked) -> Reply:
            if "Authorization" not in asked.headers:
                return 401, {"WWW-Authenticate": 'Basic realm="r"'}, b""
            if "/blobs/" in asked.path:
                return 307, {"Location": f"http://{elsewhere.host}{asked.path}"}, b""
            return from_store(laid, asked)

        with answering(answer) as fake:
            doing = Doing(Settings(login=Login("me", "secret")))
            pull(ref(fake.host), LayoutStore(tmp_path / "out"), doing)
            assert all("Authorization" in one.headers for one in fake.asked if one.path != "/v2/")
    assert elsewhere.asked and not [one for one in elsewhere.asked if "Authorization" in one.headers]


def test_a_circle_of_redirects_ends(laid: Laid, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        return (307, {"Location": asked.path}, b"") if "/blobs/" in asked.path else from_store(laid, asked)

    with answering(answer) as fake, pytest.raises(TransferFailed, match="stopped after 10 redirects"):
        pull(ref(fake.host), LayoutStore(tmp_path / "out"), Waits().doing)


@pytest.mark.parametrize("headers", [
    {"Location": "file:///etc/passwd"}, {"Location": "gopher://x/"}, {"Location": "http://[x/"},
    {"Location": "http://x:99999/"}, {"Location": "http://x/\x7f"},
])
def test_a_redirect_to_what_is_no_http(laid: Laid, tmp_path: Path, headers: dict[str, str]) -> None:
    def answer(asked: Asked) -> Reply:
        return (307, headers, b"") if "/blobs/" in asked.path else from_store(laid, asked)

    with answering(answer) as fake, pytest.raises(TransferFailed, match="unsupported protocol scheme"):
        pull(ref(fake.host), LayoutStore(tmp_path / "out"), Waits().doing)


@pytest.mark.parametrize("location", [None, "", "/v2/a/ uploads", "\x01", "file:///etc/passwd", "http://[x/"])
def test_an_upload_that_leads_nowhere(laid: Laid, location: str | None) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.method == "POST":
            return 202, {} if location is None else {"Location": location}, b""
        return (404 if asked.method == "HEAD" else 200), {}, b""

    words = "does not say where it goes on|unsupported protocol"
    with answering(answer) as fake, pytest.raises(TransferFailed, match=words):
        push(laid, ref(fake.host), Waits().doing)


@pytest.mark.parametrize("raw", [
    b"{}", b"[]", b"", b"<html>", b'{"schemaVersion":1}', b"[" * 100_000, b'{"schemaVersion":2}' + b" " * (5 << 20),
    make.js({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [], "config": {
        "mediaType": "x/y", "digest": "sha256:../../etc/passwd", "size": 1}}),
    make.js({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [], "config": {
        "mediaType": "x/y", "digest": "sha256:" + "0" * 64, "size": 1 << 62}}),
], ids=["empty object", "list", "nothing", "html", "schema 1", "deep", "long", "path", "huge"])
def test_hostile_manifests(tmp_path: Path, raw: bytes) -> None:
    with answering(lambda asked: (200, {"Content-Type": OCI_MANIFEST}, raw)) as fake:
        with pytest.raises(BadInput):
            pull_to(ref(fake.host), tmp_path / "out", Waits().doing)
    assert not list(tmp_path.iterdir())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(
    st.binary(max_size=300),
    st.builds(
        lambda head, body: b"HTTP/1.1 " + head + b"\r\n\r\n" + body, st.binary(max_size=99), st.binary(max_size=99)
    ),
    st.builds(
        lambda status, name, value: f"HTTP/1.1 {status} X\r\n{name}: {value}\r\nContent-Length: 9\r\n\r\nshort".encode(
            "utf-8", "replace"),
        st.integers(0, 1200), st.sampled_from(["WWW-Authenticate", "Location", "Content-Length", "Transfer-Encoding"]),
        st.text(max_size=60),
    ),
))
def test_any_answer_is_a_failure_in_words(tmp_path: Path, reply: bytes) -> None:
    with raw_bytes(reply) as host, pytest.raises(SimError) as caught:
        pull(ref(host), LayoutStore(tmp_path / "out"), Waits().doing)
    assert "\n" not in str(caught.value)
