"""Rows 5 to 8: sizes of layers, layers an image, compression, and what official images share.

Two populations: the official images of July 2023 (recorded: what is counted there is exact), and all public images of
Docker Hub in 2017 (Zhao et al.: published shapes alone). Shapes that a synthetic population was fitted to are found
again in it: that tests the generator. Of what its images share two numbers are fitted, how many bases there are and
how deep they go, to the end of the curve; how it rises is not.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import cache
from statistics import median, quantiles

from ...dedup.corpus import layer_share
from ...dedup.corpus.growth import growth, mean_growth
from ...dedup.corpus.population import HUB_2017, OFFICIAL_2023, Population
from ...dedup.corpus.synthetic import SyntheticLayer, image, places
from .check import Check, within
from .sources import MIB, Sources, images

HUB = "Zhao et al., 2019"
RECORD = "recounted from the recorded images of July 2023"
DRAWN = 3000
"""Images of a synthetic population that are looked at."""
_UNDER = ((1, 51.3), (4, 60.1), (10, 66.4))
_GROWTH = {10: 1.07, 20: 1.10, 40: 1.16, 80: 1.23, 145: 1.30}


def sizes(sources: Sources) -> list[Check]:
    """Row 5."""
    recorded = sorted(dict(item for layers in images(sources) for item in layers).values())
    drawn = sorted(one.size for one in _layers(OFFICIAL_2023))
    found = [
        within(f"layers under {limit} MiB, official images", share, _under(recorded, limit), 0.05, unit="%",
               source=RECORD)
        for limit, share in _UNDER
    ]  # fmt: skip
    percentiles = quantiles(recorded, n=100, method="inclusive")
    # Between two neighbours in size any value is a 90th percentile: they are 1 MiB apart.
    found += [
        within("layer size, 90th percentile, official images", 63.2, percentiles[89] / MIB, 1.1, unit="MiB",
               source=RECORD),
        within("layer size, 99th percentile, official images", 347, percentiles[98] / MIB, 9.4, unit="MiB",
               source=RECORD),
    ]  # fmt: skip
    found += [
        within(f"layers under {limit} MiB, synthetic official images (fitted)", share, _under(drawn, limit), 4,
               unit="%", source=RECORD)
        for limit, share in _UNDER
    ]  # fmt: skip
    gap = _farthest(recorded, drawn)
    return [*found, Check("Kolmogorov-Smirnov distance of the two (fitted)", 0, gap, 0, 0.06, "", RECORD)]


@cache
def _layers(population: Population) -> tuple[SyntheticLayer, ...]:
    """Return the distinct layers of a population's first images."""
    return tuple({one.place: one for number in range(DRAWN) for one in image(population, number)}.values())


def _under(ordered: Sequence[int], limit: int) -> float:
    return 100 * bisect_left(ordered, limit * MIB) / len(ordered)


def _farthest(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the largest distance between two samples' cumulative shares."""
    return max(
        abs(bisect_right(one, value) / len(one) - bisect_right(other, value) / len(other)) for value in (*one, *other)
    )


def depths(sources: Sources) -> list[Check]:
    """Row 6."""
    recorded = [len(layers) for layers in images(sources)]
    found = []
    for named, counts, source in (
        ("official images", recorded, RECORD),
        ("synthetic official images (fitted)", _depths(OFFICIAL_2023), RECORD),
    ):
        low, high = median(counts), quantiles(counts, n=10, method="inclusive")[-1]
        found += [
            within(f"layers an image, median, {named}", 6, low, 1, source=source),
            within(f"layers an image, 90th percentile, {named}", 14, high, 2, source=source),
            within(f"layers an image, most, {named}", 21, max(counts), 2, source=source),
        ]
    hub = _depths(HUB_2017)
    half, most = median(hub), quantiles(hub, n=10, method="inclusive")[-1]
    return [
        *found,
        within("layers an image, median, synthetic Docker Hub of 2017 (fitted)", 8, half, 1, source=HUB),
        within("layers an image, 90th percentile, synthetic Docker Hub of 2017 (fitted)", 18, most, 2, source=HUB),
        within("layers an image, most that can be drawn, synthetic Docker Hub of 2017 (fitted)", 120,
               HUB_2017.layers.table[-1], 0, source=HUB),
    ]  # fmt: skip


def _depths(population: Population) -> list[int]:
    return [len(places(population, number)) for number in range(DRAWN)]


def compression(_: Sources) -> list[Check]:
    """Row 7."""
    got = median(one.tar / one.size for one in _layers(HUB_2017))
    return [within("compression ratio of layers, median, synthetic Docker Hub of 2017 (fitted)", 2.6, got, 0.3,
                   unit="x", source=HUB)]  # fmt: skip


def sharing(sources: Sources) -> list[Check]:
    """Row 8: the record is counted again, and a synthetic population of the same shapes is asked for the same."""
    recorded = images(sources)
    end = growth(recorded)[-1]
    owners = Counter(digest for layers in recorded for digest in dict(layers))
    alone = 100 * sum(count == 1 for count in owners.values()) / len(owners)
    share = end.share
    found = [
        within("layers named by the official images", 1068, share.total_count, 0, source=RECORD),
        within("distinct layers of the official images", 858, share.unique_count, 0, source=RECORD),
        within("distinct layers in one official image alone", 93.36, alone, 0.005, unit="%", source=RECORD),
        within("layer sharing of the official images, bytes", 1.3010, share.ratio, 5e-5, unit="x", source=RECORD),
        within("layer sharing of the official images, count", 1.2448, share.total_count / share.unique_count, 5e-5,
               unit="x", source=RECORD),
    ]  # fmt: skip
    stops = {count: ratio for count, ratio in _GROWTH.items() if count <= len(recorded)}
    means = mean_growth(recorded, tuple(stops))
    found += [
        within(f"layer sharing of {count} official images, mean of 200 orders", ratio, mean, 0.02, unit="x",
               source=RECORD)
        for (count, ratio), mean in zip(stops.items(), means, strict=True)
    ]  # fmt: skip
    made = [layer_share(OFFICIAL_2023, count).ratio for count in _GROWTH]
    return found + [
        within(f"layer sharing of {count} synthetic official images", ratio, got, 0.1, unit="x", source=RECORD)
        for (count, ratio), got in zip(_GROWTH.items(), made, strict=True)
    ]
