"""Heads and chunks, good and hostile; and that no way of cutting a stream of chunks changes what it says."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.registry.http1 import MAX_HEAD, ChunkReader, HttpRefused, parse_head, response_head
from sim.registry.messages import Response

HOST = b"\r\nHost: here"

READ = [
    # head, method, target, length, keep, expects, claim
    (b"GET /v2/ HTTP/1.1" + HOST, "GET", "/v2/", 0, True, False, "a version-1.1 connection is kept"),
    (b"GET /v2/ HTTP/1.1" + HOST + b"\r\nConnection: Close", "GET", "/v2/", 0, False, False, "unless it is not"),
    (b"GET /v2/ HTTP/1.0", "GET", "/v2/", 0, False, False, "a version-1.0 connection ends, and needs no Host"),
    (b"GET /v2/ HTTP/1.0\r\nConnection: Keep-Alive", "GET", "/v2/", 0, True, False, "unless it asks"),
    (b"GET http://here:1/v2/?n=1 HTTP/1.1" + HOST, "GET", "/v2/?n=1", 0, True, False, "a proxy's target is read"),
    (b"GET http://here HTTP/1.1" + HOST, "GET", "/", 0, True, False, "a proxy's target without a path"),
    (b"PUT /a HTTP/1.1" + HOST + b"\r\nContent-Length: 7", "PUT", "/a", 7, True, False, "a length"),
    (b"PUT /a HTTP/1.1" + HOST + b"\r\nTransfer-Encoding: Chunked", "PUT", "/a", None, True, False, "chunks"),
    (b"PUT /a HTTP/1.1" + HOST + b"\r\nExpect: 100-Continue", "PUT", "/a", 0, True, True, "wants to be told"),
    (b"PUT /a HTTP/1.0\r\nExpect: 100-continue", "PUT", "/a", 0, False, False, "version 1.0 is never told"),
]


@pytest.mark.parametrize(("raw", "method", "target", "length", "keep", "expects"), [row[:-1] for row in READ],
                         ids=[row[-1] for row in READ])
def test_read(raw: bytes, method: str, target: str, length: int | None, keep: bool, expects: bool) -> None:
    message = parse_head(raw)
    assert (message.head.method, message.head.target) == (method, target)
    assert (message.length, message.keep, message.expects) == (length, keep, expects)


def test_a_value_keeps_its_inner_spaces_and_loses_the_outer_ones() -> None:
    head = parse_head(b"GET / HTTP/1.1" + HOST + b"\r\nX:\t a b \t\r\nY:\r\nx: \xe9").head
    assert head.headers == (("Host", "here"), ("X", "a b"), ("Y", ""), ("x", "\xe9"))


REFUSED = [
    (b"", 400, "nothing"),
    (b"\x16\x03\x01\x00\xa5", 400, "TLS"),
    (b"GET /", 400, "no version"),
    (b"GET  / HTTP/1.1" + HOST, 400, "two spaces"),
    (b"GET / HTTP/1.1 " + HOST, 400, "a space at the end"),
    (b"GET / HTTP/2.0" + HOST, 505, "another version"),
    (b"G\x00T / HTTP/1.1" + HOST, 400, "a NUL in the method"),
    (b"GET a HTTP/1.1" + HOST, 400, "a target that is no path"),
    (b"CONNECT here:1 HTTP/1.1" + HOST, 400, "a tunnel"),
    (b"GET /" + b"a" * (17 << 10) + b" HTTP/1.1" + HOST, 414, "a long target"),
    (b"GET / HTTP/1.1", 400, "no Host"),
    (b"GET / HTTP/1.1" + HOST + HOST, 400, "two Hosts"),
    (b"GET / HTTP/1.1" + HOST + b"\r\nX : y", 400, "a space before the colon"),
    (b"GET / HTTP/1.1" + HOST + b"\r\n folded", 400, "a folded line"),
    (b"GET / HTTP/1.1" + HOST + b"\r\nX: a\x00b", 400, "a NUL in a value"),
    (b"GET / HTTP/1.1" + HOST + b"\r\nX: a\nY: b", 400, "a line that ends without CR"),
    (b"GET / HTTP/1.1" + HOST + b"\r\nX: a\rb", 400, "a CR alone"),
    (b"GET / HTTP/1.1" + HOST + b"\r\n: a", 400, "a field without a name"),
    (b"GET / HTTP/1.1" + HOST + b"\r\nX: y" * 101, 431, "too many fields"),
    (b"PUT / HTTP/1.1" + HOST + b"\r\nContent-Length: 1\r\nContent-Length: 1", 400, "two lengths"),
    (b"PUT / HTTP/1.1" + HOST + b"\r\nContent-Length: +1", 400, "a sign"),
    (b"PUT / HTTP/1.1" + HOST + b"\r\nContent-Length: 1_0", 400, "what int() would read"),
    ("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: ١".encode(), 400, "a digit of another script"),
    (b"PUT / HTTP/1.1" + HOST + b"\r\nContent-Length: " + b"9" * 19, 400, "a length beyond all"),
    (b"PUT / HTTP/1.1" + HOST + b"\r\nContent-Length: 1\r\nTransfer-Encoding: chunked", 400, "a length beside chunks"),
    (b"PUT / HTTP/1.1" + HOST + b"\r\nTransfer-Encoding: gzip, chunked", 501, "another coding"),
    (b"PUT / HTTP/1.1" + HOST + b"\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 501, "chunks twice"),
    (b"PUT / HTTP/1.0\r\nTransfer-Encoding: chunked", 400, "chunks before version 1.1"),
    (b"PUT / HTTP/1.1" + HOST + b"\r\nExpect: tea", 417, "another expectation"),
]


@pytest.mark.parametrize(("raw", "status"), [row[:-1] for row in REFUSED], ids=[row[-1] for row in REFUSED])
def test_refused(raw: bytes, status: int) -> None:
    with pytest.raises(HttpRefused) as refused:
        parse_head(raw)
    assert refused.value.status == status and refused.value.words.isascii()


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(raw: bytes) -> None:
    for head in (raw, b"GET / HTTP/1.1" + HOST + b"\r\n" + raw):
        try:
            parse_head(head)
        except HttpRefused:
            pass


def test_a_long_run_of_spaces_takes_no_time() -> None:
    began = time.process_time()
    for value in (b" " * MAX_HEAD + b"\x01", b"a" + b" " * MAX_HEAD + b"\x01"):
        with pytest.raises(HttpRefused):
            parse_head(b"GET / HTTP/1.1" + HOST + b"\r\nX:" + value)
    assert time.process_time() - began < 0.5


@st.composite
def chunked(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A body in chunks, and what it says."""
    parts = draw(st.lists(st.binary(min_size=1, max_size=40), max_size=5))
    extension = draw(st.sampled_from([b"", b";a", b' ; name="value"']))
    trailer = draw(st.sampled_from([b"", b"X: y\r\n", b"X: y\r\nZ: a\r\n"]))
    coded = b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts)
    return coded + b"0\r\n" + trailer + b"\r\n", b"".join(parts)


@given(chunked(), st.binary(max_size=20), st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_chunks_say_the_same_however_they_arrive(body: tuple[bytes, bytes], after: bytes, steps: list[int]) -> None:
    stream, found, at, step = body[0] + after, b"", 0, 0
    reader = ChunkReader()
    while not reader.done:
        end = at + steps[step % len(steps)]
        found += b"".join(reader.feed(memoryview(stream[at:end])))
        at, step = min(end, len(stream)), step + 1
    assert found == body[1]
    assert reader.rest + stream[at:] == after


BAD_CHUNKS = [
    (b"\r\n", "no size"), (b"g\r\n", "no hex"), (b"-1\r\n", "a sign"), (b"0x1\r\na\r\n", "a prefix"),
    (b"1\na\r\n", "a line without CR"), (b"1\r\nab\r\n", "more than the size"),
    (b"1\r\na0\r\n\r\n", "no end of a chunk"),
    (b"f" * 13 + b"\r\n", "a size beyond all"), (b"1;" + b"x" * 600, "an endless extension"),
    (b"0\r\nX\r\n\r\n", "a trailer without a colon"), (b"0\r\nX: y\n\r\n", "a trailer without CR"),
    (b"0\r\n" + b"X: y\r\n" * 2000 + b"\r\n", "endless trailers"),
]  # fmt: skip


@pytest.mark.parametrize("raw", [row[0] for row in BAD_CHUNKS], ids=[row[1] for row in BAD_CHUNKS])
@pytest.mark.parametrize("step", [1, 1 << 20])
def test_bad_chunks(raw: bytes, step: int) -> None:
    reader = ChunkReader()
    with pytest.raises(HttpRefused) as refused:
        for at in range(0, len(raw), step):
            reader.feed(memoryview(raw[at : at + step]))
    assert refused.value.status == 400


def test_what_a_client_sent_starts_no_line_of_the_answer() -> None:
    raw = response_head(Response(400, (("Location", "/a\r\nSet-Cookie: b"),)), now=0, keep=False)
    assert b"\r\nSet-Cookie" not in raw and raw.endswith(b"\r\n\r\n")
