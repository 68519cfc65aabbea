"""Chunks: a stream cut into pieces that are stored once each, wherever they come again.

Cut by PLACE, a block ends every n bytes. One byte inserted shifts all that follows, and no later block is the same.
Cut by CONTENT, a chunk ends where the last bytes read hash to a chosen pattern. The pattern moves with the bytes, so
an insertion changes the chunk it falls into, now and then the next one, and no other:

    before      the qui|ck brown fox| jumps ov|er the lazy dog
    inserted    the qui|ck reddish brown fox| jumps ov|er the lazy dog         content: one chunk is new
    inserted    the quic|k reddi|sh brow|n fox j|umps ov|er the|...            place: all are new from there on

Compressed blobs share next to nothing either way: what follows a change in a deflate stream is shifted by some bits,
which are seldom whole bytes, and a block's codes depend on all that is in the block. What is to be shared is cut first
and compressed chunk by chunk, as borg and zstd:chunked do. eStargz and zstd:chunked cut at the files of the tar as
well, so that neither headers nor neighbours are part of a chunk: `pipeline.chunk_files` shows what that is worth.

One interface, `Cutter`; four methods (`Method`); up to three engines a method, which find the SAME cuts:

    plain       standard library, reads like the definition, megabytes a second
    numpy       the rolling hash of all positions at once, about a hundred
    pyfastcdc   compiled, thousands; FastCDC alone
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .rule import Cutter, Method, Rule
from .stream import Feeder

__all__ = ["ENGINES", "Cutter", "Feeder", "Method", "Rule", "chunks", "cutter", "engines"]

ENGINES = ("pyfastcdc", "numpy", "plain")
"""By speed, the fastest first."""


def cutter(rule: Rule, engine: str | None = None) -> Cutter:
    """Return what cuts by a rule; the fastest engine that is installed, unless one is named.

    Parameters
    ----------
    rule : Rule
    engine : str, optional
        One of `ENGINES`.

    Raises
    ------
    ImportError
        The engine named is not installed.
    ValueError
        There is no such engine, or it does not know the rule's method.

    Examples
    --------
    >>> cutter(Rule.of("fixed", 256)).cuts(bytes(600))
    [256, 512, 600]
    """
    if engine is None:
        # Not `engines(rule)[0]`: that would import numpy where pyfastcdc is there.
        return next(filter(None, (_made(rule, name) for name in ENGINES)))
    if engine == "plain":
        from .plain import plain

        return plain(rule)
    if engine == "numpy" and rule.method is not Method.FIXED:
        from .vector import vector

        return vector(rule)
    if engine == "pyfastcdc" and rule.method is Method.FASTCDC:
        from .native import native

        return native(rule)
    raise ValueError(f"no engine {engine!r} for {rule.method}")


def engines(rule: Rule) -> tuple[str, ...]:
    """Return the engines that can cut by a rule here, the fastest first."""
    return tuple(engine for engine in ENGINES if _made(rule, engine) is not None)


def _made(rule: Rule, engine: str) -> Cutter | None:
    try:
        return cutter(rule, engine)
    except (ImportError, ValueError):
        return None


def chunks(pieces: Iterable[bytes], cut: Cutter) -> Iterator[memoryview]:
    """Cut a stream into chunks.

    Parameters
    ----------
    pieces : iterable of bytes
        The stream, in pieces of any size; the chunks do not depend on how it came.
    cut : Cutter

    Yields
    ------
    memoryview
        Chunks, in order; joined, they are the stream.

    Examples
    --------
    >>> [bytes(chunk) for chunk in chunks([b"ab" * 100, b"c" * 100], cutter(Rule.of("fixed", 256)))][1]
    b'cccccccccccccccccccccccccccccccccccccccccccc'
    """
    feeder = Feeder(cut)
    for piece in pieces:
        yield from feeder.feed(piece)
    yield from feeder.end()
