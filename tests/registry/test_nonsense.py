"""Whatever is asked, there is an answer: no exception, no header that breaks out, nothing changed by a refusal."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.content.digest import Digest
from sim.registry.auth import EVERYBODY, STRANGER, Caller, Challenge, pull
from sim.registry.messages import Part, Request
from sim.registry.plan import Moment
from sim.registry.server import handle
from sim.registry.state import Policy, Registry, apply
from sim.registry.storage import MemoryStorage
from tests.registry.desk import BLOB, NAME, client_of, opened
from tests.registry.kit import manifest

SERVICE = opened(MemoryStorage())
USER = client_of(SERVICE, "a")
IMAGE = USER.image("1.0")
LOCATION = USER.start()
FULL = SERVICE.state

BITS = st.sampled_from((
    "a", "b/c", "1.0", "latest", str(NAME), str(Digest.of(IMAGE)), "sha256:zz", "md5:00", "..", "%2e%2e", "%", "%zz",
    "%00", "%0d%0a", "UP", "ü", "\n", "x" * 300, LOCATION.rpartition("/")[2], "-", "_", " ",
))  # fmt: skip
SHAPES = st.sampled_from((
    "/v2/", "/v2/_catalog", "/v2/{0}/tags/list", "/v2/{0}/manifests/{1}", "/v2/{0}/blobs/{1}", "/v2/{0}/blobs/uploads/",
    "/v2/{0}/blobs/uploads/{1}", "/v2/{0}/referrers/{1}", "/{0}", "/v2/{0}", "{0}", "/v2/{0}/blobs/uploads/{1}/{0}",
))  # fmt: skip
KEYS = st.sampled_from(("n", "last", "digest", "mount", "from", "tag", "artifactType", "_state", "ns", ""))
VALUES = BITS | st.sampled_from(("0", "1", "-1", "99999999999999999999", "application/x+json", ""))
NAMES = st.sampled_from((
    "Range", "Content-Range", "Content-Length", "Content-Type", "If-None-Match", "If-Range", "Accept", "Authorization",
))
HEADS = st.sampled_from((
    "bytes=0-0", "bytes=-5", "bytes=9-1", "bytes=0-1,2-3", "bytes=a", "0-9", "10-19", "9-0", "5", "-5",
    "99999999999999999999", "application/vnd.oci.image.manifest.v1+json; x=y", "*", f'"{NAME}"', f'W/"{NAME}"',
    "Basic !!", "Bearer x.y.z", "ü", "",
))  # fmt: skip
BODIES = st.sampled_from((b"", BLOB, IMAGE, b"{}", b"[", b"\xff", b'{"schemaVersion":1}', manifest(b"x")))
CALLERS = st.sampled_from((EVERYBODY, STRANGER, Caller("x", (pull("a"),), bearer=True)))


@st.composite
def requests(draw: st.DrawFn) -> Request:
    target = draw(SHAPES).format(draw(BITS), draw(BITS))
    pairs = draw(st.lists(st.tuples(KEYS, VALUES), max_size=3))
    query = "&".join(f"{key}={value}" for key, value in pairs)
    method = draw(st.sampled_from(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "", "get", "BREW")))
    headers = tuple(draw(st.lists(st.tuples(NAMES, HEADS), max_size=3)))
    return Request(method, target + ("?" + query if query else ""), headers, draw(BODIES))


@settings(max_examples=400)
@given(requests(), CALLERS, st.booleans(), st.booleans())
def test_there_is_an_answer(request: Request, caller: Caller, guarded: bool, frozen: bool) -> None:
    challenge = Challenge("Bearer", "http://127.0.0.1/token", "s") if guarded else None
    state = apply(Registry(Policy(challenge=challenge, read_only=frozen), FULL.repositories, FULL.uploads), ())
    storage = MemoryStorage(SERVICE.storage.store)
    for upload in state.uploads.values():
        storage.start(upload)
    after, response = handle(state, request, storage, caller, Moment(2.0, "seed"))
    assert 200 <= response.status < 500
    assert all(value.isascii() and value.isprintable() for _, value in response.headers), response.headers
    assert response.reason.isprintable()
    if isinstance(response.body, Part):
        assert len(b"".join(storage.provide(response.body))) == response.length
    if response.status >= 400 and response.status not in (400, 413):
        assert after == state
    if frozen:
        assert after == state
    if guarded and caller is STRANGER:
        assert after == state and not isinstance(response.body, Part)
