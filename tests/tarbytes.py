"""Layer tars made by hand, header by header: what no writer would write, readers must survive."""

from __future__ import annotations

from sim.fs.entry import Entry
from sim.fs.tar import LayerTar, read_layer

END = bytes(1024)


def header(
    name: bytes = b"f",
    flag: bytes = b"0",
    size: int | bytes = 0,
    link: bytes = b"",
    magic: bytes = b"ustar\x0000",
    **fields: bytes,
) -> bytes:
    """One header by hand; `fields` are raw values by their name in `PLACES`."""
    block = bytearray(512)
    values = {
        "name": name,
        "mode": b"0000644\0",
        "uid": b"0000000\0",
        "gid": b"0000000\0",
        "size": size if isinstance(size, bytes) else b"%011o\0" % size,
        "mtime": b"00000000000\0",
        "flag": flag,
        "link": link,
        "magic": magic,
        **fields,
    }
    for field, value in values.items():
        block[PLACES[field] : PLACES[field] + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = fields.get("checksum", b"%06o\0 " % sum(block))
    return bytes(block)


PLACES = {
    "name": 0,
    "mode": 100,
    "uid": 108,
    "gid": 116,
    "size": 124,
    "mtime": 136,
    "checksum": 148,
    "flag": 156,
    "link": 157,
    "magic": 257,
    "major": 329,
    "minor": 337,
    "prefix": 345,
    "sparse": 386,
    "extended": 482,
    "realsize": 483,
    "tail": 508,
}


def padded(raw: bytes) -> bytes:
    return raw + bytes(-len(raw) % 512)


def member(name: bytes, data: bytes = b"", **more: object) -> bytes:
    return header(name, size=len(data), **more) + padded(data)  # type: ignore[arg-type]


def pax(flag: bytes = b"x", **records: bytes) -> bytes:
    """An extended header; keys are given with _ for the dot."""
    return raw_pax(b"".join(record(key.replace("_", ".").encode(), value) for key, value in records.items()), flag)


def raw_pax(raw: bytes, flag: bytes = b"x") -> bytes:
    return header(b"PaxHeaders.0/x", flag, len(raw)) + padded(raw)


def record(key: bytes, value: bytes) -> bytes:
    for digits in range(1, 8):
        length = len(key) + len(value) + 3 + digits
        if len(str(length)) == digits:
            return b"%d %s=%s\n" % (length, key, value)
    raise AssertionError


def read(tar: bytes, **more: object) -> LayerTar:
    return read_layer([tar], where="layer", **more)  # type: ignore[arg-type]


def entry(tar: bytes, path: str = "f") -> Entry:
    return read(tar + END).changes.entries[path]


def codes(layer: LayerTar) -> list[str]:
    return [remark.code for remark in layer.remarks]


SPARSE = b"\0" * 3 + b"abc" + b"\0" * 1000 + b"de" + b"\0" * 20
PAIRS = ((3, 3), (1006, 2), (len(SPARSE), 0))


def old_gnu(pairs: tuple[tuple[int, int], ...], data: bytes, size: int) -> bytes:
    raw = [b"%011o\0%011o\0" % pair for pair in pairs]
    blocks = [b"".join(raw[at : at + 21]) for at in range(4, len(raw), 21)]
    tar = header(
        flag=b"S",
        size=len(data),
        magic=b"ustar  \0",
        sparse=b"".join(raw[:4]),
        extended=b"\1" if blocks else b"\0",
        realsize=b"%011o\0" % size,
    )
    for number, block in enumerate(blocks, 1):
        tar += block.ljust(504, b"\0") + (b"\1" if number < len(blocks) else b"\0") + bytes(7)
    return tar + padded(data)


def sparse_1_0(pairs: tuple[tuple[int, int], ...], data: bytes, size: int) -> bytes:
    table = padded(b"".join(b"%d\n" % number for number in (len(pairs), *(n for pair in pairs for n in pair))))
    records = {
        "GNU_sparse_major": b"1",
        "GNU_sparse_minor": b"0",
        "GNU_sparse_name": b"f",
        "GNU_sparse_realsize": b"%d" % size,
    }
    return pax(**records) + member(b"GNUSparseFile.0/f", table + data)


def sparse_0(pairs: tuple[tuple[int, int], ...], data: bytes, size: int, repeated: bool) -> bytes:
    records = record(b"GNU.sparse.size", b"%d" % size)
    if repeated:
        records += b"".join(
            record(b"GNU.sparse.offset", b"%d" % at) + record(b"GNU.sparse.numbytes", b"%d" % length)
            for at, length in pairs
        )
    else:
        records += record(b"GNU.sparse.name", b"f")
        records += record(b"GNU.sparse.map", b",".join(b"%d,%d" % pair for pair in pairs))
    return raw_pax(records) + member(b"f" if repeated else b"GNUSparseFile.0/f", data)


SPARSE_TARS = {
    "old GNU": old_gnu(PAIRS, b"abcde", len(SPARSE)),
    "PAX 0.0": sparse_0(PAIRS, b"abcde", len(SPARSE), True),
    "PAX 0.1": sparse_0(PAIRS, b"abcde", len(SPARSE), False),
    "PAX 1.0": sparse_1_0(PAIRS, b"abcde", len(SPARSE)),
}
