"""Rows 11 to 13: what registries are asked for, and what a cache before one would have answered.

The population is IBM's cloud registries in 2017 (Anwar et al., FAST '18): blobs and manifests as they were REQUESTED,
a popular one as often as it was asked for. A trace of 725,242 GETs is replayed; of the sizes there is a sample of 999.
Methods other than GET are in no data here: their shares are put together from what a push and a pull consist of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...dedup.corpus.replay import SHARES, popularity, replays
from .check import Check, within
from .sources import Sources, requests, sent_blobs

IBM = "Anwar et al., FAST '18"
RECORD = "recounted from the recorded trace"
MB = 10**6


@dataclass(frozen=True, slots=True)
class Push:
    """The mean push of that time: `layers` are asked for (HEAD), `missing` of them begun (POST), and of these some are
    `mounted` from another repository, the others sent (PATCH) and closed (PUT); at last comes the manifest (PUT).
    """

    layers: float = 3.3
    missing: float = 0.27
    mounted: float = 0.35

    def requests(self) -> dict[str, float]:
        """Return how many requests of each method it is."""
        begun = self.layers * self.missing
        sent = begun * (1 - self.mounted)
        return {"HEAD": self.layers, "POST": begun, "PATCH": sent, "PUT": sent + 1}


PULLS = 4.4
"""Pulls a push, fitted as the push is; the GETs of a pull are those of the trace."""


def methods(gets: float) -> dict[str, float]:
    """Return the share of each method, in percent, when a pull has so many GETs.

    Examples
    --------
    >>> shares = methods(5.5)
    >>> round(sum(shares.values())), max(shares, key=shares.get)
    (100, 'GET')
    """
    counted = {"GET": PULLS * gets, **Push().requests()}
    return {method: 100 * count / sum(counted.values()) for method, count in counted.items()}


def sent(sources: Sources) -> list[Check]:
    """Row 11."""
    sizes, uris = sent_blobs(sources), requests(sources)
    shares = methods(len(uris) / len(keys(uris)[1]))
    named = "blobs requested of one IBM registry, 2017, sample of 999"
    return [
        *(
            within(f"under {limit} MB, {named}", share, 100 * sum(size < limit * MB for size in sizes) / len(sizes), 3,
                   unit="%", source=IBM)
            for limit, share in ((1, 65), (10, 80))
        ),
        within(f"mean, {named}", 14.0, sum(sizes) / len(sizes) / MB, 3, unit="MB", source=IBM),
        *(
            within(f"{method} of all requests, synthetic pushes and pulls (fitted), IBM 2017", share, shares[method], 1,
                   unit="%", source=IBM)
            for method, share in (("GET", 79.0), ("HEAD", 11.0), ("PUT", 5.2), ("POST", 2.9), ("PATCH", 1.9))
        ),
    ]  # fmt: skip


def keys(uris: Sequence[str]) -> tuple[list[str], list[str]]:
    """Sort a trace's requests: blobs by their digests, manifests by their whole paths; pings are neither."""
    blobs, manifests = [], []
    for uri in uris:
        rest, _, last = uri.rpartition("/")
        if rest.endswith("/blobs"):
            blobs.append(last)
        elif rest.endswith("/manifests"):
            manifests.append(uri)
    return blobs, manifests


def blobs(sources: Sources) -> list[Check]:
    """Row 12."""
    found, _ = keys(requests(sources))
    return _replayed("blobs", found, 259_274, 81_335, {0.01: 44.0, 0.1: 62.4}, (41.9, 57.1, 62.4, 65.4, 68.6))


def manifests(sources: Sources) -> list[Check]:
    """Row 13."""
    _, found = keys(requests(sources))
    return _replayed("manifests", found, 132_610, 12_988, {0.01: 84.8}, (83.0, 88.5, 89.5, 89.8, 90.2))


def _replayed(
    what: str, trace: Sequence[str], count: int, distinct: int, tops: dict[float, float], hits: Sequence[float]
) -> list[Check]:
    counted = popularity(trace)
    found = [
        within(f"requests for {what}, IBM 2017", count, counted.requests, 0, source=RECORD),
        within(f"distinct {what} requested, IBM 2017", distinct, len(counted.counts), 0, source=RECORD),
    ]
    found += [
        within(f"requests that go to the top {share:.0%} of the {what}, IBM 2017", expected,
               100 * counted.top(share), 0.1, unit="%", source=RECORD)
        for share, expected in tops.items()
    ]  # fmt: skip
    return found + [
        within(f"hits of LRU with room for {share:.0%} of the {what}, IBM 2017", expected, 100 * got.hit_ratio, 0.1,
               unit="%", source=RECORD)
        for share, expected, got in zip(SHARES, hits, replays(trace), strict=True)
    ]  # fmt: skip
