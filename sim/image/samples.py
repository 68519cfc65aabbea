"""Samples: images that need no network and no download, made of rules. All of them are SYNTHETIC.

A sample has the paths, the layers and the sizes of a well-known image, and made-up bytes:

    card (catalogue.py)  what it runs, its history, where each number comes from
    recipe (recipes/)    the layers' entries, by rules and well-known names
    facts.json           digest, DiffID and sizes of each layer, recorded; a test recomputes them
    bytes                made while they are read (synthetic.py); texts such as etc/os-release are written out

Since the digests are recorded, opening a sample makes no byte of it. Its blobs are gzip with stored blocks, so
that the same digests come out everywhere, and therefore as large as the tar. The size that the real compressed
layer has is kept apart: `advertised_size` reads it from the descriptor's annotations. It is what a picture of a
pull shows; `descriptor.size` is what the bytes are.

    debian-slim <- nginx, redis        alpine <- registry        ubuntu <- ubuntu-vim        (shared layers)

debian itself shares no layer with nginx and redis: as on Docker Hub, these begin with the slim variant.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..content.digest import Digest
from ..errors import BadInput
from ..fs.changeset import ChangeSet
from .build import EMPTY, LayerFacts, append, measure, named, with_config
from .catalogue import CARDS, Card, Step
from .ids import DiffID
from .layer import Image, Layer
from .recipe import layers

NAMES = tuple(CARDS)
"""What `sample` knows."""

ADVERTISED = "layerlab.advertised-size"
"""Annotation of a layer's descriptor: bytes of the real compressed layer that it stands for."""
SYNTHETIC = "layerlab.synthetic"
"""Label of a sample's config: "true"."""
MODELLED = "layerlab.modelled"
"""Label of a sample's config: which of its numbers are made up."""

_RECIPES = Path(__file__).with_name("recipes")


def card(name: str) -> Card:
    """Return a sample's card.

    Raises
    ------
    BadInput
        There is no sample of this name; the error lists the names.
    """
    found = CARDS.get(name)
    if found is None:
        raise BadInput(f"no sample is called {name[:80]!r}", hint="there are " + ", ".join(NAMES))
    return found


def sample(name: str) -> Image:
    """Open a sample.

    Parameters
    ----------
    name : str
        One of `NAMES`.

    Returns
    -------
    Image
        Every digest is that of its bytes, which are made when they are read.

    Raises
    ------
    BadInput
        There is no sample of this name.

    Examples
    --------
    >>> registry = sample("registry")
    >>> len(registry.layers), registry.config.config.volumes
    (5, ('/var/lib/registry',))
    >>> registry.layers[0].diff_id == sample("alpine").layers[0].diff_id
    True
    """
    return _opened(card(name).name)


@lru_cache(maxsize=len(CARDS))
def _opened(name: str) -> Image:
    chosen = CARDS[name]
    made, facts = change_sets(chosen.recipe), recorded_facts()
    image = EMPTY
    for step in chosen.steps:
        image = _step(image, step, made, facts)
    labels = {**chosen.run.labels, SYNTHETIC: "true", MODELLED: "; ".join(chosen.modelled)}
    return named(with_config(image, replace(chosen.run, labels=labels)), f"sample:{name}")


def _step(image: Image, step: Step, made: dict[str, ChangeSet], facts: dict[str, LayerFacts]) -> Image:
    if step.layer is None:
        return with_config(image, image.config.config, created_by=step.created_by, created=step.created)
    return append(
        image, made[step.layer], created_by=step.created_by, created=step.created, author=step.author,
        comment=step.comment, annotations={ADVERTISED: str(step.advertised)}, facts=facts[step.layer],
    )


@lru_cache(maxsize=len(CARDS))
def change_sets(recipe: str) -> dict[str, ChangeSet]:
    """Return what the layers of a recipe say, by their names."""
    return layers(_recipe(recipe), _recipe)


def _recipe(name: str) -> str:
    return (_RECIPES / f"{name}.txt").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def recorded_facts() -> dict[str, LayerFacts]:
    """Return the recorded digests and sizes of every layer, by the layers' names."""
    stored = json.loads((_RECIPES / "facts.json").read_text(encoding="utf-8"))
    return {
        name: LayerFacts(
            Digest.parse(fact["digest"]), fact["size"], DiffID.parse(fact["diffID"]), fact["tar"],
        )
        for name, fact in stored.items()
    }


def computed_facts() -> dict[str, dict[str, Any]]:
    """Make every byte of every sample and return what `facts.json` should hold.

    Whoever changes a recipe writes it anew::

        python -c "import json; from sim.image.samples import computed_facts as f; print(json.dumps(f(), indent=1))"
    """
    found: dict[str, dict[str, Any]] = {}
    for chosen in CARDS.values():
        for name, changes in change_sets(chosen.recipe).items():
            if name not in found:
                facts = measure(changes)
                found[name] = {
                    "digest": str(facts.digest), "size": facts.size,
                    "diffID": str(facts.diff_id), "tar": facts.tar_size,
                }
    return found


def advertised_size(layer: Layer) -> int:
    """Return the bytes that a download of a layer would move.

    For a sample's layer that is the size of the real compressed layer it stands for, for any other its own.

    Examples
    --------
    >>> base = sample("ubuntu").layers[0]
    >>> advertised_size(base), base.descriptor.size > 2 * advertised_size(base)
    (28615147, True)
    """
    told = layer.descriptor.annotations.get(ADVERTISED, "")
    return int(told) if told.isascii() and told.isdecimal() else layer.descriptor.size


def describe(name: str) -> str:
    """Say in words what a sample is: what of it is real, what is modelled.

    Examples
    --------
    >>> print(describe("hello-world"))
    hello-world: one static program that prints a greeting. A synthetic stand-in: its bytes are made up.
      layer 1: 1 members, 14848 bytes of tar, in reality 2457 bytes compressed
      real: compressed layer sizes: Docker Hub's listing of 2023-07-12, linux/amd64
      modelled: file counts and uncompressed sizes of all layers
      modelled: the size of each single file
    """
    chosen, image = card(name), sample(name)
    lines = [f"{name}: {chosen.title}. A synthetic stand-in: its bytes are made up."]
    for number, layer in enumerate(image.layers, 1):
        lines.append(
            f"  layer {number}: {layer.members} members, {layer.tar_size} bytes of tar, "
            f"in reality {advertised_size(layer)} bytes compressed"
        )
    lines += [f"  real: {words}" for words in chosen.measured]
    lines += [f"  modelled: {words}" for words in chosen.modelled]
    return "\n".join(lines)
