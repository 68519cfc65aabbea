"""Populations: the shapes of a collection of images, as they were published or fitted.

    images        layers each, the images that they are built on
    layers        blob sizes: small ones and large ones, each lognormal; compression ratios
    packages      files each and their sizes; popularity by Zipf's law; versions

Popularity, versions and own data are fitted to how sharing grew on Docker Hub (Zhao et al., 2019 and 2021); files a
package are those of Debian, blob sizes and layers an image those of the population that the name says.
"""

from __future__ import annotations

from dataclasses import dataclass

from .draws import Table, lognormal


@dataclass(frozen=True, slots=True)
class Lognormal:
    """A lognormal distribution, cut off at the largest value known, which the last of its draws reach."""

    median: float
    sigma: float
    most: int

    @property
    def table(self) -> Table:
        """Its quantiles."""
        return lognormal(self.median, self.sigma, self.most)


@dataclass(frozen=True, slots=True)
class Population:
    """A kind of collection.

    Attributes
    ----------
    name : str
        Whose shapes it has.
    layers : Lognormal
        Layers an image.
    large : float
        Share of the layers that are large.
    small_size, large_size : Lognormal
        Bytes of their blobs, compressed.
    ratio : Lognormal
        Uncompressed over compressed, in percent.
    bases : int
        Images to build on.
    base_exponent : float
        How fast their popularity falls with the rank.
    base_layers : int
        Layers of a base, at most.
    packages : int
        What there is to install.
    exponent : float
        How fast its popularity falls.
    versions : int
        Of each package.
    own : float
        Share of a large layer's bytes that no other layer has.
    seed : int
    """

    name: str
    layers: Lognormal
    large: float
    small_size: Lognormal
    large_size: Lognormal
    ratio: Lognormal
    bases: int
    base_exponent: float
    base_layers: int
    packages: int = 1 << 21
    exponent: float = 1.3
    versions: int = 8
    version_exponent: float = 1.5
    own: float = 0.105
    files: Lognormal = Lognormal(7, 2.1, 45_366)
    small_file: Lognormal = Lognormal(3_000, 1.3, 1 << 20)
    big_file: Lognormal = Lognormal(60_000, 1.5, 1 << 26)
    seed: int = 1

    @property
    def own_at(self) -> int:
        """Content numbers from here on are of own files."""
        return self.packages * (1 + self.versions)


_SMALL = Lognormal(626, 1.14, 1 << 20)
_RATIO = Lognormal(260, 0.45, 2_000)

HUB_2017 = Population(
    "Docker Hub, 2017", Lognormal(7.5, 0.66, 120), 0.6, _SMALL, Lognormal(9e6, 2.0, 1_400_000_000), _RATIO,
    bases=4000, base_exponent=1.3, base_layers=8,
)
"""All public images (Zhao et al., 2019 and 2021)."""
OFFICIAL_2023 = Population(
    "official images, 2023", Lognormal(6, 0.66, 21), 0.542, _SMALL, Lognormal(15e6, 1.85, 1_400_000_000), _RATIO,
    bases=40, base_exponent=1.3, base_layers=2,
)
"""What one finds under library/ on Docker Hub."""
