"""The outside of an archive: hostile names stay keys of a table; headers are read, data is sought."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.content.limits import DEFAULT, Limits
from sim.errors import ArchiveInvalid, BadInput, LimitExceeded, TarInvalid
from sim.image.outer import FileSource, Tar, open_outer
from sim.image.outertar import MAX_HEADER, members
from tests import image_builders as make


class Raw:
    """Bytes in memory that count what is read of them."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.size, self.taken = raw, len(raw), 0

    def read_at(self, offset: int, length: int) -> bytes:
        found = self.raw[offset : offset + length]
        self.taken += len(found)
        return found


def opened(tmp_path: Path, raw: bytes) -> Tar:
    (tmp_path / "x.tar").write_bytes(raw)
    return Tar(FileSource(tmp_path / "x.tar"), "x.tar", DEFAULT)


def test_hostile_names_write_nothing(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    names = ["../../escape", "/etc/cron.d/escape", "..", "a/../../../escape", "blobs/sha256/x/", "./index.json"]
    tar = opened(inside, make.tar(dict.fromkeys(names, b"hostile"), {"link": "/etc/passwd"}))
    assert sorted(os.listdir(tmp_path)) == ["inside"] and os.listdir(inside) == ["x.tar"]
    # A clamped name is only a key; a link leads to a key or nowhere.
    assert tar.size("escape") == 7 and tar.size("index.json") == 7 and tar.size("link") is None


@pytest.mark.parametrize(("links", "asked", "size"), [
    ({"a": "b", "b": "file"}, "a", 4),
    ({"d/e/a": "../../file"}, "d/e/a", 4),
    ({"a": "a"}, "a", None),
    ({"a": "b", "b": "a"}, "a", None),
    ({"a": "absent"}, "a", None),
    ({"a": "../../../../file"}, "a", 4),
    ({f"n{i}": f"n{i + 1}" for i in range(50)} | {"n50": "file"}, "n0", None),
    ({f"n{i}": f"n{i + 1}" for i in range(30)} | {"n30": "file"}, "n0", 4),
])
def test_links_are_followed_inside(tmp_path: Path, links: dict[str, str], asked: str, size: int | None) -> None:
    assert opened(tmp_path, make.tar({"file": b"data"}, links)).size(asked) == size


def test_of_equal_names_the_last_wins(tmp_path: Path) -> None:
    raw = make.tar({"a": b"first"})[:1024] + make.tar({"./a": b"second"})
    assert opened(tmp_path, raw).read("a") == b"second"


def test_a_missing_document(tmp_path: Path) -> None:
    tar = opened(tmp_path, make.tar({}))
    with pytest.raises(ArchiveInvalid, match="index.json is missing"):
        tar.read("index.json")


def test_only_headers_are_read() -> None:
    source = Raw(make.tar({"big": bytes(1 << 20), "small": b"x"}))
    assert [member.name for member in members(source, "x")] == ["big", "small"]
    assert source.taken < 4096


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=300)


@given(st.dictionaries(NAMES, st.binary(max_size=600), max_size=5),
       st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]))
def test_every_dialect_as_tarfile_writes_it(files: dict[str, bytes], dialect: int) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=dialect) as tar:
        for name, raw in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            tar.addfile(info, io.BytesIO(raw))
    source = Raw(out.getvalue())
    found = {m.name: source.raw[m.offset : m.offset + m.size] for m in members(source, "x")}
    with tarfile.open(fileobj=io.BytesIO(source.raw)) as tar:
        expected = {m.name: tar.extractfile(m).read() for m in tar if m.isreg()}  # type: ignore[union-attr]
    assert {name.rstrip("/"): raw for name, raw in found.items()} == {n.rstrip("/"): r for n, r in expected.items()}


GOOD = make.tar({"a" * 150: b"long name", "b": b"x" * 1000})


def header(name: bytes = b"a", size: bytes = b"00000000000\0", kind: bytes = b"0") -> bytes:
    block = bytearray(512)
    block[: len(name)], block[124:136], block[156:157], block[148:156] = name, size, kind, b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


@pytest.mark.parametrize(("claim", "raw"), [
    ("cut in a header", GOOD[:300]), ("cut in data", GOOD[: GOOD.index(b"x" * 1000) + 500]),
    ("no tar at all", b"hello" * 200),
    ("a size that goes beyond the end", header(size=b"77777777777\0")),
    ("a negative size would go backwards", header(size=b"\xff" * 12)),
    ("a size that is signed text", header(size=b"-0000000512\0")),
    ("a huge PAX header", header(size=b"%011o\0" % (MAX_HEADER + 1), kind=b"x") + bytes(MAX_HEADER + 1024)),
    ("a PAX record without length", header(size=b"00000000005\0", kind=b"x") + b"a=b\n\n" + bytes(507)),
    ("a PAX size that is no number",
     header(size=b"00000000013\0", kind=b"x") + b"11 size=x1\n".ljust(512, b"\0") + header()),
    ("a negative PAX size",
     header(size=b"00000000013\0", kind=b"x") + b"11 size=-9\n".ljust(512, b"\0") + header()),
])
def test_refused(claim: str, raw: bytes) -> None:
    with pytest.raises(TarInvalid):
        list(members(Raw(raw), "x"))


@given(st.binary(max_size=3000), st.integers(0, 2000))
def test_any_bytes_are_read_or_refused(noise: bytes, at: int) -> None:
    source = Raw(GOOD[:at] + noise + GOOD[at + len(noise) :])
    try:
        for member in members(source, "x"):
            assert 0 <= member.offset <= member.offset + member.size <= source.size
    except TarInvalid:
        pass


def test_too_many_members(tmp_path: Path) -> None:
    path = make.write(tmp_path / "x.tar", {str(number): b"" for number in range(20)})
    with pytest.raises(LimitExceeded):
        open_outer(path, Limits(max_entries=10))


@pytest.mark.parametrize("raw", [b"", b"hello", b"{}" * 1000, b"\x1f\x8b", b"BZh91AY" + bytes(600)])
def test_other_files_are_no_archives(tmp_path: Path, raw: bytes) -> None:
    from sim.source import open_image

    (tmp_path / "x").write_bytes(raw)
    with pytest.raises(BadInput) as caught:
        open_image(tmp_path / "x")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no fifos")
def test_a_fifo_is_no_archive_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ArchiveInvalid, match="neither"):
        open_outer(tmp_path / "pipe", DEFAULT)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["../secret", "/../secret", "a/../../secret", "\0", "C:/secret", "..", ""]))
def test_a_document_names_nothing_outside_a_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "box").mkdir(exist_ok=True)
    assert open_outer(tmp_path / "box", DEFAULT).size(name) is None
