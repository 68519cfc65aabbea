"""What a study works on: recorded data, where they are at hand, and a cluster to work on, if one is given.

    top150.json             Docker Hub's official images, July 2023: each layer's digest and compressed size in MiB
    ibm725k.csv.zst         725,242 GET URIs of IBM's registries, in order; identifiers cut to 8 hex digits
    dal09_blobs_sample.csv  999 GETs of blobs of one of these registries, with the bytes sent
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ...content.compression import decompressed
from ...errors import BadInput
from ...image.outer import Progress
from ..process import PACKAGE_HOME
from .check import Check

T = TypeVar("T")

BESIDE = PACKAGE_HOME.parent / "shared" / "data"
"""Where the data lie in a folder beside the clone."""
MIB = 1 << 20
LEAST = 10
"""Records without which there is nothing to count."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where data and workers are.

    Attributes
    ----------
    data : Path
        The folder with the recorded data.
    scheduler : str or None
        Address of a Dask scheduler; None for threads.
    progress : callable or None
        Told how many images of a collection are counted, of how many, and what is done.
    """

    data: Path = BESIDE
    scheduler: str | None = None
    progress: Progress | None = None


Recount = Callable[[Sources], list[Check]]


def images(sources: Sources) -> list[list[tuple[str, int]]]:
    """Return the official images' layers, base first: digest and bytes; images without layers are left out.

    Raises
    ------
    BadInput
        The file is not there, or is not what it should be.
    """

    def parse(raw: bytes) -> list[list[tuple[str, int]]]:
        records: list[dict[str, Any]] = json.loads(raw)
        found = [[(one["digest"], round(one["size"] * MIB)) for one in record.get("layers") or ()]
                 for record in records]  # fmt: skip
        return [layers for layers in found if layers]

    return _parsed(sources, "top150.json", parse)


def requests(sources: Sources) -> list[str]:
    """Return the trace's URIs, in order; raise as `images` does."""

    def parse(raw: bytes) -> list[str]:
        return b"".join(decompressed([raw], "ibm725k.csv.zst")).decode("ascii").split()

    return _parsed(sources, "ibm725k.csv.zst", parse)


def sent_blobs(sources: Sources) -> list[int]:
    """Return the bytes of each blob that was sent; raise as `images` does."""

    def parse(raw: bytes) -> list[int]:
        rows = csv.DictReader(io.StringIO(raw.decode("utf-8")))
        return [round(float(row["http.response.written"])) for row in rows]

    return _parsed(sources, "dal09_blobs_sample.csv", parse)


def _parsed(sources: Sources, name: str, parse: Callable[[bytes], list[T]]) -> list[T]:
    path = sources.data / name
    try:
        raw = path.read_bytes()
    except OSError:
        raise BadInput(
            f"this study recounts {name}, which is not in {sources.data}",
            hint="give the folder that holds it with --data DIR",
        ) from None
    try:
        found = parse(raw)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"not the data that the study knows ({type(error).__name__})", where=str(path)) from None
    if len(found) < LEAST:
        raise BadInput(f"too little data for a study ({len(found)} records)", where=str(path))
    return found
